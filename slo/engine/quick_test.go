package engine

import (
	"context"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// reads notes from when on history is read.
type reads struct {
	*memory
	oldest int64
}

func (r *reads) Select(ctx context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error {
	r.oldest = min(r.oldest, from)
	return r.memory.Select(ctx, sel, from, to, yield)
}

// failingShop is a store with ten days of a request a second, all of which fail since
// an hour before now.
func failingShop(now time.Time) *reads {
	store := &reads{memory: newMemory(), oldest: now.UnixMilli()}
	good, bad := 0.0, 0.0
	for at := now.Add(-10 * 24 * time.Hour); !at.After(now); at = at.Add(time.Minute) {
		if now.Sub(at) < time.Hour {
			bad += 60
		} else {
			good += 60
		}
		store.commit(reqSeries("200", 1).Labels(), slo.Sample{T: at.UnixMilli(), V: good})
		store.commit(reqSeries("500", 1).Labels(), slo.Sample{T: at.UnixMilli(), V: bad})
	}
	return store
}

func TestANewSLOPagesBeforeAllOfItsPastIsRead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	store := failingShop(now)
	var told []slo.Transition
	e, err := New(Options{Reader: store, Now: func() time.Time { return now }, Commit: func(_ context.Context, tr slo.Transition) error {
		told = append(told, tr)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Update([]slo.Definition{eventsSLO("shop/buy")}); err != nil {
		t.Fatal(err)
	}
	one := e.tracked("shop/buy")
	e.readOnce(t.Context(), one)
	e.evaluate(t.Context(), one)
	if len(told) != 1 || told[0].Kind != slo.IncidentOpened || told[0].Incident.Severity != slo.Page {
		t.Fatalf("told %v, want one page", told)
	}
	if back := now.Sub(time.UnixMilli(store.oldest)); back > 8*time.Hour {
		t.Errorf("%s were read before the first judging", back)
	}
	s := e.Status("shop/buy")[0]
	if !s.Filling || s.Filled <= 0 || s.Filled > 0.02 || !s.Budget.Projected || s.State != slo.StateBurning {
		t.Errorf("filling %v (%.3f), projected %v, %s", s.Filling, s.Filled, s.Budget.Projected, s.State)
	}
	for _, p := range s.Policies {
		if covered := p.Policy.Long <= 6*time.Hour; p.Firing != covered || !covered && !strings.Contains(p.Reason, "still being read") {
			t.Errorf("the policy over %s: firing %v, %s", p.Policy.Long, p.Firing, p.Reason)
		}
	}
	// The service recovers, and time goes by: nothing closes before the past is known.
	for range 40 {
		now = now.Add(time.Minute)
		one := slo.SeriesSample{Series: reqSeries("200", 1), Sample: slo.Sample{T: now.UnixMilli(), V: 1e6 + float64(now.Unix())}}
		store.commit(one.Series.Labels(), one.Sample)
		e.Deliver([]slo.SeriesSample{one})
		e.evaluate(t.Context(), e.tracked("shop/buy"))
	}
	if len(told) != 1 {
		t.Errorf("told %v before the past was read", told[1:])
	}
	e.readOnce(t.Context(), one)
	e.evaluate(t.Context(), one)
	s = e.Status("shop/buy")[0]
	want := bruteWindow(store.memory, one.def, "", now, 30*24*time.Hour)
	if s.Filling || s.Filled != 1 || !near(s.Budget.Counts.Total, want.Total) || !near(s.Budget.Counts.Good, want.Good) {
		t.Errorf("filling %v (%.3f), counted %v, want %v", s.Filling, s.Filled, s.Budget.Counts, want)
	}
}

func TestWhatPagesNeedIsReadBeforeAnyLongPast(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	e, err := New(Options{Reader: failingShop(now), Now: func() time.Time { return now }, Commit: func(context.Context, slo.Transition) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Update([]slo.Definition{eventsSLO("shop/buy"), eventsSLO("shop/pay"), eventsSLO("shop/see")}); err != nil {
		t.Fatal(err)
	}
	e.readOnce(t.Context(), e.tracked("shop/buy"))
	var next turns
	e.dispatch(t.Context(), now, &next)
	if len(e.reads) != 2 || len(e.longReads) != 1 || (<-e.longReads).id != "shop/buy" {
		t.Errorf("%d wait to be judged and %d for their past, want 2 and shop/buy", len(e.reads), len(e.longReads))
	}
}
