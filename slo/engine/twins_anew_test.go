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
	w.start(nil)
	return w
}

// start begins a process with the checkpoints of the one before.
func (w *bothForms) start(kept Checkpoints) {
	d := eventsSLO("shop/buy")
	latency(&d)
	e, err := New(Options{
		Reader: w.store, Now: func() time.Time { return time.UnixMilli(w.now) }, Checkpoints: kept,
		Commit: func(context.Context, slo.Transition) error { return nil },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	e.Resume(w.t.Context())
	if err := e.Update([]slo.Definition{d}); err != nil {
		w.t.Fatal(err)
	}
	w.engine, w.slo = e, e.tracked(d.ID)
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
	series := slo.NewSeries(slo.NewLabels(append(pairs, "job", "shop")...))
	w.store.commit(series.Labels(), s)
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

// Scrapes are far apart. A repair reads the classic form's newest sample, and passed the native
// one's just before it was stored: the counts that it replaces know of that already.
func TestANativeSampleThatARepairPassedIsTheNativeOnes(t *testing.T) {
	t.Parallel()
	w := newBothForms(t, 1_700_000_000_000)
	begin, step := w.now, int64(60_000)
	for i := range int64(100) {
		w.now = begin + i*step
		if i%20 == 0 {
			w.classic("a", w.now, 0, float64(10*i))
			w.native("a", w.now, 0, float64(10*i))
		}
		if i != 50 {
			w.native("b", w.now, 0, float64(i))
		}
	}
	if got := w.look(); got != 99+800 {
		t.Fatalf("counted %v requests, want %v", got, 99+800)
	}
	w.now = max(w.now, begin+100*step)
	w.native("b", begin+50*step, 0, 50)
	native := slo.Sample{T: begin + 100*step, H: fakeHistogram{1000, 1000}}
	series := slo.NewSeries(slo.NewLabels(slo.MetricName, "lat", "instance", "a", "job", "shop"))
	w.store.during = func() {
		w.store.during = nil
		w.classic("a", native.T, 0, 1000)
		w.engine.Deliver([]slo.SeriesSample{{Series: series, Sample: native}})
	}
	if got := w.look(); got != 99+1000 {
		t.Errorf("counted %v requests, want %v", got, 99+1000)
	}
}

// A native histogram goes on for its classic form, whose samples arrive after its own: its
// first value is none that nobody counted.
func TestAClassicFormThatArrivesAfterTheNativeOneThatGoesOnForIt(t *testing.T) {
	t.Parallel()
	w := newBothForms(t, 1_700_000_000_000)
	w.look()
	begin := w.now
	w.native("a", begin, begin-hour, 100)
	if got := w.look(); got != 100 {
		t.Fatalf("counted %v requests of the native form, want 100", got)
	}
	w.classic("a", begin-60_000, begin-hour, 90)
	if got := w.look(); got != 90 {
		t.Errorf("counted %v requests, want the 90 of the classic form", got)
	}
}

// A native histogram's first samples arrive late, after a gap of its classic form in which an hour
// begins. What that counted over the gap is the native one's now, in the hour before as well.
func TestTheGapOfAClassicFormIsTakenBackWhole(t *testing.T) {
	t.Parallel()
	begin := floorDiv(1_700_000_000_000, hour) * hour
	w := newBothForms(t, begin)
	w.look()
	w.classic("a", begin+30*60_000, 0, 1000)
	w.classic("a", begin+40*60_000, 0, 1100)
	w.classic("a", begin+90*60_000, 0, 1600)
	for i := range int64(20) {
		w.now = begin + (100+i)*60_000
		w.classic("a", w.now, 0, float64(1700+10*i))
		w.native("a", w.now, 0, float64(1700+10*i))
	}
	if got := w.look(); got != 100+500+190 {
		t.Fatalf("counted %v requests, want 790", got)
	}
	w.native("a", begin+85*60_000, 0, 1550)
	if got := w.look(); got != 100+340 {
		t.Errorf("counted %v requests, want 440: the gap is not the classic form's any more", got)
	}
}

// A checkpoint knows since when a native histogram counts, though it holds only its newest samples: a late
// sample of the classic form, which has ended, counts nothing after a restart either.
func TestALateClassicSampleAfterARestartIsTheNativeOnes(t *testing.T) {
	t.Parallel()
	w := newBothForms(t, 1_700_000_000_000)
	kept := newShelf()
	w.start(kept)
	begin, step := w.now, int64(60_000)
	for i := range int64(60) {
		w.now = begin + i*step
		w.native("a", w.now, 0, float64(10*i))
		if i < 10 {
			w.classic("a", w.now, 0, float64(10*i))
		}
	}
	w.look()
	w.engine.saveCheckpoints(t.Context(), []*tracked{w.slo})
	w.start(kept)
	w.look()
	w.classic("a", begin+10*step, 0, 100)
	if got := w.look(); got != 590 {
		t.Errorf("counted %v requests, want 590", got)
	}
}
