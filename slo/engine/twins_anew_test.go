package engine

import (
	"context"
	"testing"
	"time"

	"burnline/slo"
)

// bothForms is an engine at work on one latency SLO, with what stores samples of it.
type bothForms struct {
	t      *testing.T
	now    int64
	store  *memory
	engine *Engine
	slo    *tracked
}

func newBothForms(t *testing.T, now int64) *bothForms {
	w := &bothForms{t: t, now: now, store: newMemory()}
	d := eventsSLO("shop/buy")
	latency(&d)
	e, err := New(Options{Reader: w.store, Now: func() time.Time { return time.UnixMilli(w.now) }, Commit: func(context.Context, slo.Transition) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Update([]slo.Definition{d}); err != nil {
		t.Fatal(err)
	}
	w.engine, w.slo = e, e.tracked(d.ID)
	return w
}

// classic and native store and deliver one sample of a pod's histogram with so many
// requests, all of them fast; the process began at st.
func (w *bothForms) classic(pod string, at, st int64, requests float64) {
	w.put(slo.Sample{T: at, ST: st, V: requests}, slo.MetricName, "lat_count", "instance", pod)
	w.put(slo.Sample{T: at, ST: st, V: requests}, slo.MetricName, "lat_bucket", "instance", pod, "le", "0.3")
}

func (w *bothForms) native(pod string, at, st int64, requests float64) {
	w.put(slo.Sample{T: at, ST: st, H: fakeHistogram{requests, requests}}, slo.MetricName, "lat", "instance", pod)
}

func (w *bothForms) put(s slo.Sample, pairs ...string) {
	series := &slo.Series{Labels: slo.NewLabels(append(pairs, "job", "shop")...)}
	w.store.commit(series.Labels, s)
	w.engine.Deliver([]slo.SeriesSample{{Series: series, Sample: s}})
}

// look lets the engine read what it wants to, and returns the requests that it counted.
func (w *bothForms) look() float64 {
	for range 5 {
		w.now += maxBackOff.Milliseconds()
		w.engine.evaluate(w.t.Context(), w.slo)
		if w.slo.wantsRead(w.now) {
			w.engine.readOnce(w.t.Context(), w.slo)
		}
	}
	w.engine.evaluate(w.t.Context(), w.slo)
	return w.engine.Status("shop/buy")[0].Whole.Counts.Total
}

// The classic form of a histogram arrives hours late, and its native form after it: when that is
// known, the classic one can no longer be taken back, and all is counted anew. A repair for
// another series, due at the same time, is not put on top of what counted twice.
func TestFormsThatArriveLateOneAfterTheOtherCountOnce(t *testing.T) {
	t.Parallel()
	w := newBothForms(t, 1_700_000_000_000)
	begin := w.now - 3*hour
	for i := range int64(100) {
		w.now += 10_000
		if i != 50 {
			w.native("other", w.now, begin, float64(i))
		}
	}
	other := w.now
	if got := w.look(); got != 99 {
		t.Fatalf("counted %v requests, want 99", got)
	}
	w.classic("late", begin+hour, begin, 100)
	if got := w.look(); got != 199 {
		t.Fatalf("counted %v requests with the classic form, want 199", got)
	}
	w.native("late", begin+hour, begin, 100)
	w.native("other", other-49*10_000, begin, 50)
	if got := w.look(); got != 199 {
		t.Errorf("counted %v requests with both forms, want 199", got)
	}
}

// While counts are repaired for a late sample, a native histogram comes back that was away for
// long, and its classic form has counted meanwhile what is the native one's now. The repair is
// not put on top of that.
func TestANativeHistogramThatComesBackDuringARepairCountsOnce(t *testing.T) {
	t.Parallel()
	w := newBothForms(t, 1_700_000_000_000)
	begin, step := w.now, int64(60_000)
	for i := range int64(300) {
		w.now = begin + i*step
		w.classic("a", w.now, 0, float64(10*i))
		if i < 10 {
			w.native("a", w.now, 0, float64(10*i))
		}
		if i != 200 {
			w.native("b", w.now, 0, float64(i))
		}
	}
	w.look()
	w.native("b", begin+200*step, 0, 200) // too late: what is around it is no longer held
	w.store.during = func() {
		w.store.during = nil
		w.native("a", begin+299*step, 0, 2990)
	}
	if got := w.look(); got != 299+2990 {
		t.Errorf("counted %v requests, want %v", got, 299+2990)
	}
}
