package impact

import (
	"fmt"
	"hash/crc32"
	"testing"
)

// FuzzDecode feeds any state with a right checksum: it is read or refused, and what was read can be
// written and counted.
func FuzzDecode(f *testing.F) {
	by := tally{exact: 10, pool: newSketchPool(1 << 20), region: -1, journey: -1}
	in := &incident{groups: map[string]bool{"": true}}
	for i := range 30 {
		s := span(noon, i, i%2 == 0, "eu", "1", "/pay")
		in.add(&s, by)
	}
	whole, err := in.encode("checkout/ok", true)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole[sumDigits:])
	f.Add([]byte(`{"hurt":{"exact":["ff"],"sketch":"AQ4A"},"regions":{"eu":{"Failed":1}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		by := tally{exact: 10, pool: newSketchPool(1 << 20), region: -1, journey: -1}
		id, in, err := decode(append(fmt.Appendf(nil, "%08x", crc32.ChecksumIEEE(body)), body...), by)
		if err != nil {
			return
		}
		in.hurt.count()
		in.seen.count()
		if _, err := in.encode(id, true); err != nil {
			t.Errorf("what was read can't be written: %v", err)
		}
	})
}
