package slo

import (
	"math"
	"math/big"
	"testing"
)

// exactTail is P(X ≥ k | n, p) in exact arithmetic.
func exactTail(k, n int64, p *big.Rat) float64 {
	q := new(big.Rat).Sub(big.NewRat(1, 1), p)
	sum := new(big.Rat)
	for i := k; i <= n; i++ {
		term := new(big.Rat).SetInt(new(big.Int).Binomial(n, i))
		for range i {
			term.Mul(term, p)
		}
		for range n - i {
			term.Mul(term, q)
		}
		sum.Add(sum, term)
	}
	f, _ := sum.Float64()
	return f
}

func TestProofAgreesWithExactArithmetic(t *testing.T) {
	for _, p := range []*big.Rat{big.NewRat(1, 1000), big.NewRat(1, 100), big.NewRat(1, 10), big.NewRat(1, 2), big.NewRat(9, 10)} {
		f, _ := p.Float64()
		for n := int64(1); n <= 24; n++ {
			for k := int64(0); k <= n; k++ {
				want := exactTail(k, n, p) < chance
				if got := provenWorse(float64(k), float64(n), f); got != want {
					t.Errorf("%d of %d at %g: proven %t, want %t (P = %g)", k, n, f, got, want, exactTail(k, n, p))
				}
			}
		}
	}
}

func TestLogBinomialIsExactWhereLogGammaIsNot(t *testing.T) {
	for _, test := range []struct{ k, n, p float64 }{{3, 10, 0.1}, {20, 40, 0.5}, {1, 1, 0.25}, {2, 10, 0.001}, {17, 40, 0.5}} {
		binomial, _ := new(big.Float).SetInt(new(big.Int).Binomial(int64(test.n), int64(test.k))).Float64()
		want := math.Log(binomial) + test.k*math.Log(test.p) + (test.n-test.k)*math.Log1p(-test.p)
		if got := logBinomial(test.k, test.n, test.p); math.Abs(got-want) > 1e-12*math.Abs(want) {
			t.Errorf("log P(%g of %g at %g) = %.15g, want %.15g", test.k, test.n, test.p, got, want)
		}
	}
	// At the mean of a huge binomial P is 1 ÷ √(2πnpq) but for 1 part in 12·npq.
	n, p := 1e12, 0.001
	want := -0.5 * math.Log(2*math.Pi*n*p*(1-p))
	if got := logBinomial(n*p, n, p); math.Abs(got-want) > 1e-8 {
		t.Errorf("log P at the mean = %.12g, want %.12g", got, want)
	}
}

func TestProofOfHugeCounts(t *testing.T) {
	// By the normal approximation, P < 0.1 % begins 3.09 standard deviations
	// above the mean.
	for _, n := range []float64{1e6, 1e9, 1e12, 1e15} {
		const p = 0.001
		deviation := math.Sqrt(n * p * (1 - p))
		if provenWorse(n*p+2.9*deviation, n, p) {
			t.Errorf("n = %g: 2.9 deviations are proof", n)
		}
		if !provenWorse(n*p+3.3*deviation, n, p) {
			t.Errorf("n = %g: 3.3 deviations are no proof", n)
		}
		if !provenWorse(0.0144*n, n, p) {
			t.Errorf("n = %g: burn 14.4 is no proof", n)
		}
	}
}

func TestProofOfOddCounts(t *testing.T) {
	for _, test := range []struct {
		sentence      string
		bad, total, p float64
		want          bool
	}{
		{"no events prove nothing", 0, 0, 0.001, false},
		{"no bad events prove nothing", 0, 100, 0.001, false},
		{"more bad events than events count as all of them", 20, 10, 0.001, true},
		{"no budget can't be exceeded by chance, so it is not judged", 5, 10, 0, false},
		{"a budget of everything is never exceeded", 10, 10, 1, false},
		{"what is no number proves nothing", math.NaN(), 10, 0.001, false},
	} {
		if got := provenWorse(test.bad, test.total, test.p); got != test.want {
			t.Errorf("%s: got %t", test.sentence, got)
		}
	}
}

// FuzzProvenWorse requires an answer in bounded time, and that more bad events
// are never less proof.
func FuzzProvenWorse(f *testing.F) {
	f.Add(2.0, 10.0, 0.001)
	f.Add(1e6, 1e9, 0.001)
	f.Add(3.5, 130.2, 0.05)
	f.Fuzz(func(t *testing.T, bad, total, p float64) {
		if !(total < 1e15) || !(p < 1) {
			return
		}
		if provenWorse(bad, total, p) && !provenWorse(bad+1, total, p) {
			t.Errorf("%g of %g at %g is proof, but one more is not", bad, total, p)
		}
	})
}

func BenchmarkProvenWorse(b *testing.B) {
	for b.Loop() {
		provenWorse(1e6+2900, 1e9, 0.001)
	}
}
