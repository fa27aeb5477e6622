package traces

import (
	"math/bits"
	"slices"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/tracesearch"
)

const (
	// bitsPerKey and probes give one wrong yes in a hundred.
	bitsPerKey, probes = 10, 5
	// leastBloom and mostBloom bound a filter in bytes. From 400 keys on it says yes more
	// often, and the trace has to be read to know.
	leastBloom, mostBloom = 8, 512
)

// bloom is a set of keys that may hold more than was put in: a Bloom filter. Its length is a
// power of two.
type bloom []byte

// bloomOf returns the set of what can be looked for in a piece of a trace.
func bloomOf(piece ptrace.Traces) bloom {
	var keys []uint64
	tracesearch.Keys(piece, func(key uint64) { keys = append(keys, key) })
	slices.Sort(keys)
	keys = slices.Compact(keys)
	size := max(1, (len(keys)*bitsPerKey+7)/8)
	b := make(bloom, min(max(1<<bits.Len(uint(size-1)), leastBloom), mostBloom))
	for _, key := range keys {
		b.each(key, func(at uint64) bool { b[at/8] |= 1 << (at % 8); return true })
	}
	return b
}

// has reports whether the key may be in the set; in an empty one everything may.
func (b bloom) has(key uint64) bool {
	return len(b) == 0 || b.each(key, func(at uint64) bool { return b[at/8]&(1<<(at%8)) != 0 })
}

// each visits the bits of a key until visit returns false.
func (b bloom) each(key uint64, visit func(at uint64) bool) bool {
	mask := uint64(len(b))*8 - 1
	step := key>>32 | 1
	for range probes {
		if !visit(key & mask) {
			return false
		}
		key += step
	}
	return true
}

// valid reports whether a filter of this length can be read.
func validBloom(n int) bool {
	return n == 0 || n >= leastBloom && n <= mostBloom && n&(n-1) == 0
}
