package engine

import (
	"context"
	"testing"
	"time"

	"burnline/slo"
)

// A histogram that is stored in both forms is counted once, whichever form comes first, and
// so is one that changes from one form to the other and back.
func TestBothFormsOfAHistogramCountOnce(t *testing.T) {
	const every = 15_000
	for _, test := range []struct {
		sentence              string
		classic, native       [2]int64 // first and last sample, in steps of 15 s
		want                  float64  // requests, ten a step
		nativeFirst, newBirth bool
	}{
		{"both from the start", [2]int64{0, 100}, [2]int64{0, 100}, 1000, false, false},
		{"both, the native one first within a scrape", [2]int64{0, 100}, [2]int64{0, 100}, 1000, true, false},
		{"the native one later", [2]int64{0, 100}, [2]int64{40, 100}, 990, false, false},                      // the step at which it begins is its baseline
		{"the classic one later", [2]int64{40, 100}, [2]int64{0, 100}, 1000, false, false},                    // it adds nothing
		{"the native one ends", [2]int64{0, 100}, [2]int64{0, 50}, 1000 - 20*10, true, false},                 // five minutes are waited for it
		{"the native one begins and ends", [2]int64{0, 100}, [2]int64{20, 50}, 990 - 20*10, true, false},      // both of these
		{"only the classic one", [2]int64{0, 100}, [2]int64{-1, -1}, 1000, false, false},                      // as ever
		{"a change of forms", [2]int64{0, 49}, [2]int64{50, 100}, 490 + 500, false, false},                    // from one scrape to the next
		{"a change of forms and back much later", [2]int64{60, 100}, [2]int64{0, 50}, 900 - 100, true, false}, // what is between is not known
	} {
		t.Run(test.sentence, func(t *testing.T) {
			begin := int64(1_700_000_000_000)
			now := begin
			store := newMemory()
			d := eventsSLO("shop/buy")
			latency(&d)
			start := func() (*Engine, *tracked) {
				e, err := New(Options{Reader: store, Now: func() time.Time { return time.UnixMilli(now) }, Commit: func(context.Context, slo.Transition) error { return nil }})
				if err != nil {
					t.Fatal(err)
				}
				if err := e.Update([]slo.Definition{d}); err != nil {
					t.Fatal(err)
				}
				return e, e.tracked(d.ID)
			}
			look := func(e *Engine, one *tracked) {
				for range 3 {
					if one.wantsRead(now) {
						e.readOnce(t.Context(), one)
					}
					e.evaluate(t.Context(), one)
				}
			}
			e, one := start()
			series := map[string]*slo.Series{}
			for name, pairs := range map[string][]string{"lat": nil, "lat_count": nil, "lat_bucket": {"le", "0.3"}} {
				series[name] = slo.NewSeries(slo.NewLabels(append(pairs, slo.MetricName, name, "job", "shop", "instance", "a")...))
			}
			look(e, one)
			for i := int64(0); i <= 100; i++ {
				now = begin + i*every
				n := float64(1000 + 10*i)
				var batch []slo.SeriesSample
				if i >= test.classic[0] && i <= test.classic[1] {
					batch = append(batch, slo.SeriesSample{Series: series["lat_count"], Sample: slo.Sample{T: now, V: n}},
						slo.SeriesSample{Series: series["lat_bucket"], Sample: slo.Sample{T: now, V: n}})
				}
				if i >= test.native[0] && i <= test.native[1] {
					batch = append(batch, slo.SeriesSample{Series: series["lat"], Sample: slo.Sample{T: now, H: fakeHistogram{n, n}}})
				}
				if test.nativeFirst && len(batch) == 3 {
					batch[0], batch[2] = batch[2], batch[0]
				}
				for _, s := range batch {
					store.commit(s.Series.Labels(), s.Sample)
				}
				e.Deliver(batch)
				look(e, one)
			}
			check := func(when string) {
				t.Helper()
				s := e.Status(d.ID)[0]
				if got := s.Whole.Counts; got.Total != test.want || got.Bad() != 0 {
					t.Errorf("%s: counted %v, want %v good ones", when, got, test.want)
				}
				if s.State != slo.StateOK {
					t.Errorf("%s: %s (%s)", when, s.State, s.Reason)
				}
			}
			check("live")
			e, one = start()
			look(e, one)
			check("after a restart")
		})
	}
}
