package metricstest

import (
	"math"

	"github.com/prometheus/prometheus/model/histogram"
)

// latencies is a native histogram of scale 0: 4 observations in (1, 2] and 6
// in (2, 4], times n.
func latencies(n int64) *histogram.Histogram {
	return &histogram.Histogram{Schema: 0, ZeroThreshold: 1e-9, Count: uint64(10 * n), Sum: float64(26 * n),
		PositiveSpans: []histogram.Span{{Offset: 1, Length: 2}}, PositiveBuckets: []int64{4 * n, 2 * n}}
}

func testIntHistogram(f *fixture) {
	f.mustWrite(
		point{series: f.series(), t: f.at(0), h: latencies(1)},
		point{series: f.series(), t: f.at(15), h: latencies(3)},
	)
	f.wantHistograms()
}

func testFloatHistogram(f *fixture) {
	f.mustWrite(
		point{series: f.series(), t: f.at(0), fh: latencies(1).ToFloat(nil)},
		point{series: f.series(), t: f.at(15), fh: latencies(3).ToFloat(nil)},
	)
	f.wantHistograms()
}

// wantHistograms checks the counts of latencies(1) and latencies(3), after all were read.
func (f *fixture) wantHistograms() {
	f.Helper()
	got := f.sel(f.all(), f.start, f.at(60))[f.series().String()]
	if len(got) != 2 || got[0].H == nil || got[1].H == nil {
		f.Fatalf("got %+v, want two histograms", got)
	}
	for i, n := range []float64{1, 3} {
		h := got[i].H
		for _, c := range []struct{ upper, want float64 }{
			{math.Inf(1), 10 * n}, {4, 10 * n}, {2, 4 * n}, {1, 0}, {math.Sqrt2, 2 * n}, {math.Inf(-1), 0},
		} {
			if below := h.CountBelow(c.upper); math.Abs(below-c.want) > 1e-9 {
				f.Errorf("histogram %d: %g at most %g, want %g", i, below, c.upper, c.want)
			}
		}
		if h.Count() != 10*n {
			f.Errorf("histogram %d: count %g, want %g", i, h.Count(), 10*n)
		}
	}
}
