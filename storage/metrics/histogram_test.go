package metrics_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser/posrange"

	"burnline/storage/metrics"
)

// TestCountBelowAgreesWithPromQL compares with histogram_fraction over random
// histograms and bounds.
func TestCountBelowAgreesWithPromQL(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	for range 2000 {
		h := randomHistogram(r)
		if err := h.Validate(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		upper := (r.Float64() - 0.3) * math.Pow(2, float64(r.IntN(12)-6))
		fraction, _ := promql.HistogramFraction(math.Inf(-1), upper, h, "", posrange.PositionRange{})
		want := fraction * h.Count
		if h.Count == 0 {
			want = 0
		}
		if got := metrics.NewHistogram(h).CountBelow(upper); math.Abs(got-want) > 1e-9*max(1, h.Count) {
			t.Errorf("seed %d: %g of %s at most %g, PromQL says %g", seed, got, h, upper, want)
		}
	}
}

// randomHistogram is exponential, with or without a zero bucket and a negative
// side, or has custom buckets.
func randomHistogram(r *rand.Rand) *histogram.FloatHistogram {
	h := &histogram.FloatHistogram{Schema: int32(r.IntN(5) - 1)}
	side := func(n int) ([]histogram.Span, []float64) {
		buckets := make([]float64, n)
		for i := range buckets {
			buckets[i] = float64(r.IntN(20))
			h.Count += buckets[i]
		}
		return []histogram.Span{{Offset: int32(r.IntN(6) - 3), Length: uint32(n)}}, buckets
	}
	if r.IntN(3) == 0 {
		h.Schema, h.CustomValues = histogram.CustomBucketsSchema, []float64{0.1, 0.3, 1, 5}
		h.PositiveSpans, h.PositiveBuckets = side(1 + r.IntN(5))
		h.PositiveSpans[0].Offset = 0
		return h
	}
	h.ZeroThreshold = 0.01
	if r.IntN(2) == 0 {
		h.ZeroCount = float64(r.IntN(10))
		h.Count += h.ZeroCount
	}
	if r.IntN(4) > 0 {
		h.PositiveSpans, h.PositiveBuckets = side(1 + r.IntN(6))
	}
	if r.IntN(3) == 0 {
		h.NegativeSpans, h.NegativeBuckets = side(1 + r.IntN(4))
	}
	return h
}

func TestCountBelowAtTheEnds(t *testing.T) {
	t.Parallel()
	h := metrics.NewHistogram(&histogram.FloatHistogram{Count: 7, PositiveSpans: []histogram.Span{{Offset: 1, Length: 1}}, PositiveBuckets: []float64{7}})
	for upper, want := range map[float64]float64{math.Inf(1): 7, math.Inf(-1): 0, 0: 0, 2: 7, 1: 0} {
		if got := h.CountBelow(upper); got != want {
			t.Errorf("%s at most %g, want %g", fmt.Sprint(got), upper, want)
		}
	}
	if got := h.CountBelow(math.NaN()); got != 0 {
		t.Errorf("%g at most NaN, want 0", got)
	}
}
