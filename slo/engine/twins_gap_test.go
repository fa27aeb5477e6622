package engine

import (
	"context"
	"testing"
	"time"

	"burnline/slo"
)

// A classic histogram stops, and more than ten minutes later its native form goes on, with a start
// time of long ago. A repair that begins in the gap between them doesn't read the classic one, and knows
// of it all the same: what it counted is not counted again.
func TestARepairKnowsTheClassicFormBeforeAGap(t *testing.T) {
	begin := int64(1_700_000_000_000)
	begin = floorDiv(begin, hour)*hour + 20*60_000
	now := begin
	store := newMemory()
	d := eventsSLO("shop/buy")
	latency(&d)
	e, err := New(Options{Reader: store, Now: func() time.Time { return time.UnixMilli(now) }, Commit: func(context.Context, slo.Transition) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	series := func(name string, pairs ...string) *slo.Series {
		return slo.NewSeries(slo.NewLabels(append(pairs, slo.MetricName, name, "job", "shop", "instance", "a")...))
	}
	count, bucket, native := series("lat_count"), series("lat_bucket", "le", "0.3"), series("lat")
	put := func(s *slo.Series, sample slo.Sample) {
		sample.ST = begin - hour
		store.commit(s.Labels(), sample)
		e.Deliver([]slo.SeriesSample{{Series: s, Sample: sample}})
	}
	for i := range int64(40) { // up to ten minutes past: half an hour before the hour ends
		put(count, slo.Sample{T: begin + i*15_000, V: float64(1000 + 10*i)})
		put(bucket, slo.Sample{T: begin + i*15_000, V: float64(1000 + 10*i)})
	}
	late := slo.Sample{}
	for i := range int64(80) { // from five past the next hour on
		sample := slo.Sample{T: begin + 45*60_000 + i*15_000, H: fakeHistogram{float64(2000 + 10*i), float64(2000 + 10*i)}}
		if i == 10 {
			late = sample // comes when the counts around it are no longer held
			continue
		}
		put(native, sample)
	}
	now = begin + 66*60_000
	if err := e.Update([]slo.Definition{d}); err != nil {
		t.Fatal(err)
	}
	one := e.tracked(d.ID)
	look := func() float64 {
		for range 5 {
			now += 30_000
			e.evaluate(t.Context(), one)
			if one.wantsRead(now) {
				e.readOnce(t.Context(), one)
			}
		}
		e.evaluate(t.Context(), one)
		return e.Status(d.ID)[0].Whole.Counts.Total
	}
	want := look()
	put(native, late)
	if got := look(); got != want {
		t.Errorf("%v events before the repair, %v after it", want, got)
	}
}
