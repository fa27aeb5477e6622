package remote

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
)

// floatHistogram rebuilds a native histogram from the API's answer, which
// lists the bounds and counts of its buckets that hold anything.
func floatHistogram(h *model.SampleHistogram) (*histogram.FloatHistogram, error) {
	if h == nil {
		return nil, errors.New("the histogram is missing")
	}
	fh := &histogram.FloatHistogram{Count: float64(h.Count), Sum: float64(h.Sum)}
	var positive, negative []model.HistogramBucket
	for _, b := range h.Buckets {
		switch {
		case b == nil || !(b.Lower <= b.Upper) || !(b.Count >= 0):
			return nil, errors.New("a bucket has its bounds the wrong way round or a negative count")
		case b.Boundaries == closedBounds && b.Lower == -b.Upper && !math.IsInf(float64(b.Upper), 0):
			fh.ZeroThreshold, fh.ZeroCount = float64(b.Upper), float64(b.Count)
		case b.Boundaries == lowerBound && b.Upper <= 0 || (b.Upper <= 0 && !math.IsInf(float64(b.Lower), -1)):
			// Mirrored, so that one piece of code reads both sides.
			negative = append(negative, model.HistogramBucket{Lower: -b.Upper, Upper: -b.Lower, Count: b.Count})
		default:
			positive = append(positive, *b)
		}
	}
	schema, exponential := schemaOf(append(slices.Clone(positive), negative...), fh.ZeroThreshold)
	if !exponential {
		return custom(fh, positive, negative)
	}
	var err error
	fh.Schema = schema
	if fh.PositiveSpans, fh.PositiveBuckets, err = side(positive, schema); err != nil {
		return nil, err
	}
	if fh.NegativeSpans, fh.NegativeBuckets, err = side(negative, schema); err != nil {
		return nil, err
	}
	return fh, fh.Validate()
}

// The API's names for which bounds belong to a bucket.
const (
	lowerBound   = 1
	closedBounds = 3
)

// schemaOf finds the schema whose buckets have these bounds: an exponential
// bucket's upper bound is 2^(2^-schema) times its lower one, except where the zero
// bucket covers a part of it. Without buckets any schema will do.
func schemaOf(buckets []model.HistogramBucket, zero float64) (int32, bool) {
	for _, b := range buckets {
		if b.Lower <= 0 || math.IsInf(float64(b.Upper), 0) {
			return 0, false
		}
	}
	if len(buckets) == 0 {
		return 0, true
	}
	for schema := histogram.ExponentialSchemaMin; schema <= histogram.ExponentialSchemaMax; schema++ {
		fits := func(b model.HistogramBucket) bool {
			per := math.Exp2(float64(schema)) // buckets per power of two
			low, high := math.Log2(float64(b.Lower))*per, math.Log2(float64(b.Upper))*per
			size := high - low
			whole := math.Abs(size-1) < 1e-6 || (float64(b.Lower) == zero && size < 1)
			return whole && math.Abs(high-math.Round(high)) < 1e-6
		}
		if !slices.ContainsFunc(buckets, func(b model.HistogramBucket) bool { return !fits(b) }) {
			return schema, true
		}
	}
	return 0, false
}

// side builds the spans and counts of one side.
func side(buckets []model.HistogramBucket, schema int32) ([]histogram.Span, []float64, error) {
	slices.SortFunc(buckets, func(a, b model.HistogramBucket) int { return cmp.Compare(a.Upper, b.Upper) })
	var (
		spans  []histogram.Span
		counts []float64
		next   int32
	)
	for i, b := range buckets {
		at := int32(math.Round(math.Log2(float64(b.Upper)) * math.Exp2(float64(schema))))
		switch {
		case i > 0 && at < next:
			return nil, nil, errors.New("buckets overlap")
		case i > 0 && at == next:
			spans[len(spans)-1].Length++
		default:
			spans = append(spans, histogram.Span{Offset: at - next, Length: 1})
		}
		next = at + 1
		counts = append(counts, float64(b.Count))
	}
	return spans, counts, nil
}

// custom builds a histogram with custom bounds; such a one has no negative side.
func custom(fh *histogram.FloatHistogram, buckets, negative []model.HistogramBucket) (*histogram.FloatHistogram, error) {
	// Negative custom bounds look like the buckets of a negative side.
	for _, b := range negative {
		buckets = append(buckets, model.HistogramBucket{Lower: -b.Upper, Upper: -b.Lower, Count: b.Count})
	}
	fh.Schema = histogram.CustomBucketsSchema
	for _, b := range buckets {
		for _, bound := range []float64{float64(b.Lower), float64(b.Upper)} {
			if !math.IsInf(bound, 0) {
				fh.CustomValues = append(fh.CustomValues, bound)
			}
		}
	}
	slices.Sort(fh.CustomValues)
	fh.CustomValues = slices.Compact(fh.CustomValues)
	counts := make([]float64, len(fh.CustomValues)+1)
	for _, b := range buckets {
		i, _ := slices.BinarySearch(fh.CustomValues, float64(b.Upper))
		counts[i] += float64(b.Count)
	}
	fh.PositiveSpans = []histogram.Span{{Length: uint32(len(counts))}}
	fh.PositiveBuckets = counts
	return fh, fh.Validate()
}
