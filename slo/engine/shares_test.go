package engine

import (
	"testing"
	"time"

	"burnline/slo"
)

// The caller uses a batch again as soon as it was delivered, and the engine its own room
// for it; each SLO gets its samples even so, and one series may count for two.
func TestABatchIsSharedOutAndStaysTheCallers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	store := newMemory()
	both, errorsOnly := eventsSLO("shop/buy"), eventsSLO("shop/fail")
	errorsOnly.SLI.Events.Total = errorsOnly.SLI.Events.Bad
	e := idle(t, &now, store, both, errorsOnly)
	judgeAll(e)
	var all []*slo.Series
	for n := range 6 {
		all = append(all, reqSeries([]string{"200", "500"}[n%2], n))
	}
	batch := make([]slo.SeriesSample, 0, len(all))
	for round := range 20 {
		now = now.Add(15 * time.Second)
		batch = batch[:0]
		for n, s := range all[:1+(round+3)%len(all)] {
			one := slo.SeriesSample{Series: s, Sample: slo.Sample{T: now.UnixMilli(), V: float64(10 * round * (n + 1))}}
			store.commit(s.Labels(), one.Sample)
			batch = append(batch, one)
		}
		e.Deliver(batch)
		clear(batch[:cap(batch)])
		if round%3 == 0 {
			judgeAll(e)
		}
	}
	judgeAll(e)
	judgeAll(e)
	for _, d := range []slo.Definition{both, errorsOnly} {
		st := e.Status(d.ID)[0]
		got, want := st.Whole.Counts, bruteWindow(store, &d, "", now, d.Window.Rolling)
		if want.Total == 0 || !near(got.Total, want.Total) || !near(got.Good, want.Good) {
			t.Errorf("%s: counted %v, want %v", d.ID, got, want)
		}
	}
}
