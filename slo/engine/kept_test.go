package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever comes in and out, packed samples are those of a plain slice.
func TestKeptSamplesAreThoseOfASlice(t *testing.T) {
	t.Parallel()
	for range 200 {
		seed := rand.Uint64()
		rng := rand.New(rand.NewPCG(seed, 1))
		var k kept
		var plain []point
		at := int64(1_700_000_000_000)
		starts := []int64{0, at - 5, at - 1<<40, at}[:1+rng.IntN(4)]
		for range 100 {
			at += []int64{1, 15_000, 1 << 31, 1 << 33}[rng.IntN(2+rng.IntN(3))]
			p := point{t: at - rng.Int64N(40_000), st: starts[rng.IntN(len(starts))]}
			p.v[0] = float64(rng.IntN(100)-10) / []float64{1, 1, 3}[rng.IntN(1+int(seed%3))]
			if rng.IntN(50) == 0 {
				p.v[0] = []float64{maxWhole - 1, maxWhole, 1 - maxWhole, 1e300, math.Copysign(0, -1)}[rng.IntN(5)]
			}
			if seed%5 == 0 {
				p.v[1] = p.v[0] / 2
			}
			i, found := slices.BinarySearchFunc(plain, p.t, func(p point, t int64) int { return int(max(-1, min(1, p.t-t))) })
			if found {
				continue
			}
			plain = slices.Insert(plain, i, p)
			k.insert(i, p)
			if rng.IntN(5) == 0 {
				n := rng.IntN(len(plain))
				plain = slices.Delete(plain, 0, n)
				k.drop(n)
			}
			var got []point
			for i := range k.len() {
				got = append(got, k.at(i))
			}
			if fmt.Sprint(got) != fmt.Sprint(plain) || k.end() != plain[len(plain)-1].t || k.newest != plain[len(plain)-1] {
				t.Fatalf("seed %d: got %v, want %v", seed, got, plain)
			}
		}
	}
}

// A page's numbers and sums are those of float64, whatever widths they go through.
func TestPagesAreExact(t *testing.T) {
	t.Parallel()
	for range 200 {
		seed := rand.Uint64()
		rng := rand.New(rand.NewPCG(seed, 1))
		var p page
		var total, bad [pageSize]float64
		top := []float64{3, 200, 60_000, 1e9, 1e15}[rng.IntN(5)]
		for range 300 {
			i := rng.IntN(pageSize)
			a, b := float64(rng.IntN(int(top))), 0.0
			if rng.IntN(3) == 0 {
				b = a
			}
			if rng.IntN(100) == 0 {
				a /= 3
			}
			if rng.IntN(4) == 0 {
				a, b = -total[i], -bad[i] // taken back
			}
			p.add(i, a, b)
			total[i], bad[i] = settle(total[i], a), settle(bad[i], b)
			low := rng.IntN(pageSize)
			for _, span := range [][2]int{{0, pageSize}, {low, low + rng.IntN(pageSize-low)}} {
				var want [2]float64
				for n := span[0]; n < span[1]; n++ {
					want[0], want[1] = want[0]+total[n], want[1]+bad[n]
				}
				if gotTotal, gotBad := p.sum(span[0], span[1]); gotTotal != want[0] || gotBad != want[1] {
					t.Fatalf("seed %d: buckets %v sum to %v and %v, want %v", seed, span, gotTotal, gotBad, want)
				}
			}
		}
	}
}
