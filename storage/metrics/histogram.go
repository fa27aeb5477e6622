package metrics

import (
	"math"

	"github.com/prometheus/prometheus/model/histogram"

	"burnline/slo"
)

// NewHistogram returns the histogram as counting sees it. The histogram must
// not be changed afterwards.
func NewHistogram(h *histogram.FloatHistogram) slo.Histogram { return native{h} }

// native reads counts out of a native histogram.
type native struct {
	h *histogram.FloatHistogram
}

var _ slo.Histogram = native{}

// Count implements slo.Histogram.
func (n native) Count() float64 { return n.h.Count }

// CountBelow implements slo.Histogram. Within a bucket it interpolates as
// PromQL's histogram_fraction(-Inf, upper, …) does: exponentially in
// exponential buckets, linearly in custom buckets and in the zero bucket.
func (n native) CountBelow(upper float64) float64 {
	if math.IsNaN(upper) || math.IsInf(upper, -1) {
		return 0
	}
	below := 0.0
	buckets := n.h.AllBucketIterator()
	for buckets.Next() {
		b := buckets.At()
		if b.Lower <= 0 && b.Upper >= 0 {
			b = n.zeroBucket(b)
		}
		if b.Lower >= upper {
			return below
		}
		if b.Upper > upper {
			return min(below+n.part(b, upper), n.h.Count)
		}
		below += b.Count
	}
	return min(below, n.h.Count)
}

// zeroBucket narrows the bucket around zero to the side on which the
// histogram has observations at all.
func (n native) zeroBucket(b histogram.Bucket[float64]) histogram.Bucket[float64] {
	switch {
	case len(n.h.NegativeBuckets) == 0 && len(n.h.PositiveBuckets) > 0:
		b.Lower = 0
	case len(n.h.PositiveBuckets) == 0 && len(n.h.NegativeBuckets) > 0:
		b.Upper = 0
	}
	return b
}

// part returns how many of the bucket's observations are at most upper, which
// lies inside the bucket.
func (n native) part(b histogram.Bucket[float64], upper float64) float64 {
	linear := n.h.UsesCustomBuckets() || (b.Lower <= 0 && b.Upper >= 0)
	switch {
	case math.IsInf(b.Lower, -1):
		return b.Count // nothing to interpolate between: taken whole, as PromQL does
	case math.IsInf(b.Upper, 1):
		return 0
	case linear:
		return b.Count * (upper - b.Lower) / (b.Upper - b.Lower)
	case upper > 0:
		low, high := math.Log2(b.Lower), math.Log2(b.Upper)
		return b.Count * (math.Log2(upper) - low) / (high - low)
	default:
		low, high := math.Log2(-b.Upper), math.Log2(-b.Lower)
		return b.Count * (1 - (math.Log2(-upper)-low)/(high-low))
	}
}

// EqualHistograms reports whether two histograms of NewHistogram hold the same
// observations in the same buckets, however their spans are cut.
func EqualHistograms(a, b slo.Histogram) bool {
	x, ok := a.(native)
	if !ok {
		return false
	}
	y, ok := b.(native)
	return ok && x.h.Copy().Compact(0).Equals(y.h.Copy().Compact(0))
}
