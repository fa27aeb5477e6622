package engine

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"burnline/slo"
)

// asker answers every query with one ratio, and counts what it is asked.
type asker struct {
	value  float64
	asked  []string // from and to of each query, in slices before now
	now    *int64
	before func(ctx context.Context, expr string)
}

func (q *asker) QueryRange(ctx context.Context, expr string, from, to time.Time, step time.Duration, yield func(slo.SeriesSamples) error) error {
	if q.before != nil {
		q.before(ctx, expr)
		return ctx.Err()
	}
	q.asked = append(q.asked, fmt.Sprintf("%d to %d", (*q.now-from.UnixMilli())/step.Milliseconds(), (*q.now-to.UnixMilli())/step.Milliseconds()))
	run := slo.SeriesSamples{Series: slo.NewSeries(nil)}
	for at := from; !at.After(to); at = at.Add(step) {
		run.Samples = append(run.Samples, slo.Sample{T: at.UnixMilli(), V: q.value})
	}
	return yield(run)
}

func ratioSLO(id, query string) slo.Definition {
	d := slo.Definition{ID: id, Service: "shop", Objective: 99.9, ResolveAfter: 5 * time.Minute, MinBad: 2}
	d.Window = slo.Window{Rolling: 30 * 24 * time.Hour}
	d.SLI.Ratio = &slo.RatioSLI{Query: query, Slice: time.Minute}
	d.Policies = slo.DefaultPolicies(d.Window.Rolling)
	return d
}

func asking1(t *testing.T, q Querier, now *int64, defs ...slo.Definition) *Engine {
	t.Helper()
	e, err := New(Options{
		Reader: newMemory(), Querier: q, Now: func() time.Time { return time.UnixMilli(*now) },
		Commit: func(context.Context, slo.Transition) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Update(defs); err != nil {
		t.Fatal(err)
	}
	return e
}

// A month of slices takes many queries. A page waits for the first of them only, and while the rest of
// the past is asked for, or asked again for a correction, every new slice comes first.
func TestThePastOfAQueryHoldsUpNoPage(t *testing.T) {
	now := int64(1_700_000_060_000) // 20 s into a minute
	q := &asker{value: 0.5, now: &now}
	e := asking1(t, q, &now, ratioSLO("shop/buy", "x"))
	one := e.tracked("shop/buy")
	status := func() slo.Status {
		e.evaluate(t.Context(), one)
		return e.Status("shop/buy")[0]
	}
	e.askOnce(t.Context(), one)
	if s := status(); s.State != slo.StateBurning || !s.Filling || len(s.Open) != 1 || s.Open[0].Severity != slo.Page {
		t.Fatalf("after one query: %s (%s), filling %t, open %v", s.State, s.Reason, s.Filling, s.Open)
	}
	past := func(when string) {
		t.Helper()
		for n := 0; n < 5; n++ {
			e.askOnce(t.Context(), one)
			now += time.Minute.Milliseconds()
			q.asked = nil
			e.askOnce(t.Context(), one)
			if len(q.asked) != 1 || q.asked[0] != "3 to 0" {
				t.Fatalf("%s, the new slice was due and %v was asked for", when, q.asked)
			}
		}
		for n := 0; one.wantsAsk(now); n++ {
			if e.askOnce(t.Context(), one); n > 100 {
				t.Fatalf("%s: asking never comes to rest", when)
			}
		}
	}
	past("while the past is asked for")
	if s := status(); s.Filling || !near(s.Whole.Counts.Total, 30*24*60+19) { // from the full hour on
		t.Errorf("filling %t, %v slices counted", s.Filling, s.Whole.Counts.Total)
	}
	e.Correct([]slo.Correction{{
		ID: "c", Kind: slo.Exclusion, SLOs: []string{"*/*"},
		From: time.UnixMilli(now - 20*24*hour), To: time.UnixMilli(now - 10*24*hour),
	}})
	whole := status().Whole.Counts.Total
	past("while it is asked again")
	if got := status().Whole.Counts.Total; !near(whole+5-got, 10*24*60) { // five slices are new
		t.Errorf("the correction took %v slices out", whole-got)
	}
}

func TestARatioThatIsInfiniteIsUnknown(t *testing.T) {
	for _, v := range []float64{math.Inf(-1), math.Inf(1), math.NaN()} {
		now := int64(1_700_000_060_000)
		e := asking1(t, &asker{value: v, now: &now}, &now, ratioSLO("shop/buy", "x"))
		one := e.tracked("shop/buy")
		for n := 0; one.wantsAsk(now) && n < 100; n++ {
			e.askOnce(t.Context(), one)
		}
		e.evaluate(t.Context(), one)
		if s := e.Status("shop/buy")[0]; s.State != slo.StateUnseen || s.Whole.Known || len(s.Open) > 0 {
			t.Errorf("a ratio of %v is %s, known %t, open %v", v, s.State, s.Whole.Known, s.Open)
		}
	}
}

// Queries that hang hold up one another, and no query that answers.
func TestSlowQueriesHoldUpNobody(t *testing.T) {
	now := int64(1_700_000_060_000)
	quick := make(chan string, 100)
	q := &asker{now: &now, before: func(ctx context.Context, expr string) {
		if expr == "slow" {
			<-ctx.Done()
			return
		}
		quick <- expr
	}}
	defs := []slo.Definition{ratioSLO("shop/z", "quick")}
	for i := range 20 {
		defs = append(defs, ratioSLO(fmt.Sprintf("shop/s%d", i), "slow"))
	}
	e := asking1(t, q, &now, defs...)
	for i := range 20 {
		e.tracked(fmt.Sprintf("shop/s%d", i)).slowly = true // as the first answer showed
	}
	ctx, stop := context.WithCancel(t.Context())
	var next turns
	for range 3 {
		e.dispatch(ctx, time.UnixMilli(now), &next)
	}
	if got := <-quick; got != "quick" {
		t.Errorf("asked %s", got)
	}
	if n := len(e.slowAsks); n != maxSlowAsks {
		t.Errorf("%d slow queries run at once, want %d", n, maxSlowAsks)
	}
	stop()
	e.background.Wait()
}
