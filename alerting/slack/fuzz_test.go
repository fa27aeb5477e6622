package slack

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzPress feeds any body: it is read or refused, and who pressed is one short line.
func FuzzPress(f *testing.F) {
	f.Add([]byte(`payload={"type":"block_actions","user":{"name":"ana"},"actions":[{"action_id":"acknowledge-incident","value":"k1"}]}`))
	f.Add([]byte("payload=%7B%22user%22%3A%7B%22id%22%3A%22%5Cu0000%22%7D%7D"))
	f.Add([]byte("%zz&&=\xff"))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decodePress(body)
		if err != nil {
			return
		}
		if p.by == "" || strings.ContainsAny(p.by, "\n\r\x00") || utf8.RuneCountInString(p.by) > maxWho {
			t.Errorf("pressed by %q", p.by)
		}
		for _, key := range p.keys {
			if key == "" {
				t.Error("an incident without a key")
			}
		}
	})
}
