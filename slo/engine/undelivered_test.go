package engine

import (
	"testing"

	"burnline/slo"
)

// A repair reads a sample that is stored and will only be delivered after it. What the sample changes may
// begin before the hour from which on the repair counts: once it is delivered, that is mended too.
func TestASampleThatARepairReadsBeforeItsDeliveryCounts(t *testing.T) {
	t.Parallel()
	begin := floorDiv(1_700_000_000_000, hour) * hour
	for sentence, minute := range map[string]int64{
		"the sample lies after the hour's edge, the one before it does not": 80,
		"the sample is the last before the edge":                            55,
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newBothForms(t, begin)
			w.look()
			w.native("a", begin+30*60_000, 0, 1000)
			w.native("a", begin+90*60_000, 0, 1600)
			for i := range int64(40) {
				w.now = begin + (70+i)*60_000
				if i != 15 {
					w.native("b", w.now, 0, float64(10*i))
				}
			}
			if got := w.look(); got != 600+390 {
				t.Fatalf("counted %v requests, want 990", got)
			}
			between := slo.Sample{T: begin + minute*60_000, H: fakeHistogram{1100, 1100}}
			series := slo.NewSeries(slo.NewLabels(slo.MetricName, "lat", "instance", "a", "job", "shop"))
			w.store.during = func() { w.store.commit(series.Labels(), between) }
			w.native("b", begin+85*60_000, 0, 150)
			w.look()
			w.store.during = nil
			w.engine.Deliver([]slo.SeriesSample{{Series: series, Sample: between}})
			if got := w.look(); !near(got, 600+390) {
				t.Errorf("counted %v requests, want 990", got)
			}
		})
	}
}

// A series that was silent for hours reports while a repair that begins later is under way: what
// is delivered then counts whole.
func TestASilentSeriesThatReportsDuringARepairCounts(t *testing.T) {
	t.Parallel()
	begin := floorDiv(1_700_000_000_000, hour) * hour
	w := newBothForms(t, begin)
	w.look()
	w.native("a", begin+30*60_000, 0, 1000)
	for i := range int64(40) {
		w.now = begin + (270+i)*60_000
		if i != 15 {
			w.native("b", w.now, 0, float64(10*i))
		}
	}
	if got := w.look(); got != 390 {
		t.Fatalf("counted %v requests, want 390", got)
	}
	late := slo.Sample{T: begin + 309*60_000, H: fakeHistogram{1600, 1600}}
	series := slo.NewSeries(slo.NewLabels(slo.MetricName, "lat", "instance", "a", "job", "shop"))
	w.store.during = func() {
		w.store.during = nil
		w.engine.Deliver([]slo.SeriesSample{{Series: series, Sample: late}})
	}
	w.native("b", begin+285*60_000, 0, 150)
	if got := w.look(); !near(got, 600+390) {
		t.Errorf("counted %v requests, want 990", got)
	}
}
