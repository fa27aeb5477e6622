package metricstest

import (
	"time"

	"github.com/prometheus/prometheus/promql"

	"burnline/slo"
	"burnline/storage/metrics"
)

func testInstant(f *fixture) {
	f.mustWrite(append(f.points(f.series("i", "1"), 0, 1, 15, 2), f.points(f.series("i", "2"), 0, 10)...)...)
	v, err := f.store.Query(f.Context(), "sum("+f.metric+")", time.Time{}, time.UnixMilli(f.at(20)), 0)
	if err != nil {
		f.Fatalf("query: %v", err)
	}
	vector, ok := v.(promql.Vector)
	if !ok || len(vector) != 1 || vector[0].F != 12 {
		f.Errorf("got %v, want one sample of 12", v)
	}
}

func testRange(f *fixture) {
	f.mustWrite(f.points(f.series(), 0, 1, 60, 2, 120, 3)...)
	v, err := f.store.Query(f.Context(), f.metric, time.UnixMilli(f.at(0)), time.UnixMilli(f.at(120)), time.Minute)
	if err != nil {
		f.Fatalf("query: %v", err)
	}
	matrix, ok := v.(promql.Matrix)
	if !ok || len(matrix) != 1 || len(matrix[0].Floats) != 3 || matrix[0].Floats[2].F != 3 || matrix[0].Floats[2].T != f.at(120) {
		f.Errorf("got %v, want 1, 2, 3 a minute apart", v)
	}
	var got []slo.SeriesSamples
	err = metrics.Ranges{Store: f.store}.QueryRange(f.Context(), f.metric+" * 2", time.UnixMilli(f.at(60)), time.UnixMilli(f.at(120)), time.Minute,
		func(run slo.SeriesSamples) error { got = append(got, run); return nil })
	if err != nil || len(got) != 1 || len(got[0].Samples) != 2 || got[0].Samples[1].V != 6 || got[0].Samples[1].T != f.at(120) {
		f.Errorf("got %v, %v; want 4 and 6", got, err)
	}
}

func testBadQuery(f *fixture) {
	if v, err := f.store.Query(f.Context(), "sum(", time.Time{}, time.UnixMilli(f.at(0)), 0); err == nil {
		f.Errorf("got %v, want an error", v)
	}
}
