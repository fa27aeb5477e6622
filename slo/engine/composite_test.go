package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// town is an engine with two SLOs and a composite of them, on a clock of its own.
type town struct {
	t      *testing.T
	now    int64
	store  *memory
	engine *Engine
}

func newTown(t *testing.T) *town {
	w := &town{t: t, now: 1_700_000_000_000, store: newMemory()}
	var err error
	w.engine, err = New(Options{
		Reader: w.store, Now: func() time.Time { return time.UnixMilli(w.now) },
		Commit: func(context.Context, slo.Transition) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *town) load(defs ...slo.Definition) {
	w.t.Helper()
	if err := w.engine.Update(defs); err != nil {
		w.t.Fatal(err)
	}
	w.judge()
}

// judge lets everything be read and judged, parts before composites.
func (w *town) judge() {
	for range 3 {
		for _, t := range w.engine.list() {
			if t.wantsRead(w.now) {
				readThrough(w.t.Context(), w.engine, t)
			}
			w.engine.evaluate(w.t.Context(), t)
		}
	}
}

func (w *town) status(id string) slo.Status {
	w.t.Helper()
	all := w.engine.Status(id)
	if len(all) != 1 {
		w.t.Fatalf("%s has %d groups", id, len(all))
	}
	return all[0]
}

func partSLO(name string, window time.Duration) slo.Definition {
	d := eventsSLO("shop/" + name)
	all, failed := slo.Selector{Name: name}, slo.Selector{Name: name, Matchers: []slo.Matcher{{Label: "code", Op: slo.MatchEqual, Value: "500"}}}
	d.SLI.Events = &slo.EventsSLI{Total: slo.Sum{{Selector: all}}, Bad: slo.Sum{{Selector: failed}}}
	d.Window, d.Policies = slo.Window{Rolling: window}, slo.DefaultPolicies(window)
	return d
}

func compositeSLO(method slo.CompositeMethod, window slo.Window, parts ...slo.CompositePart) slo.Definition {
	return slo.Definition{
		ID: "shop/a-journey", Service: "shop", Name: "a-journey", Objective: 99, ResolveAfter: 5 * time.Minute, MinBad: 2,
		Window: window, Policies: slo.DefaultPolicies(window.Nominal()),
		SLI: slo.SLI{Composite: &slo.CompositeSLI{Method: method, Parts: parts}},
	}
}

// mixOf is brute force over the parts: what the design says of a composite.
func mixOf(c *slo.CompositeSLI, counts []slo.Counts) slo.Counts {
	total, weights, ratios := 0.0, 0.0, 0.0
	worst := slo.Counts{}
	for i, p := range c.Parts {
		if counts[i].Total == 0 {
			continue
		}
		ratio := counts[i].Bad() / counts[i].Total
		total, weights, ratios = total+counts[i].Total, weights+p.Weight, ratios+p.Weight*ratio
		if worst.Total == 0 || ratio > worst.Bad()/worst.Total {
			worst = counts[i]
		}
	}
	if c.Method == slo.Worst || weights == 0 {
		return worst
	}
	return slo.Counts{Total: total, Good: total * (1 - ratios/weights)}
}

// Each window of a composite is made of the same windows of its parts, also where those
// are shorter themselves and have groups and slices.
func TestACompositeIsMadeOfTheWindowsOfItsParts(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if *propertySeed != 0 {
		seed = *propertySeed
	}
	for n := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed+n, 3))
		pay, search := partSLO("pay", time.Hour), partSLO("search", 30*24*time.Hour)
		search.GroupBy = []string{"region"}
		if rng.IntN(2) == 0 {
			search.Budgeting = slo.Budgeting{Method: slo.Timeslices, Slice: time.Minute, Target: 0.9}
		}
		w := newTown(t)
		method := []slo.CompositeMethod{slo.Weighted, slo.Worst}[rng.IntN(2)]
		all := compositeSLO(method, randomWindow(rng, w.now-20*hour), slo.CompositePart{SLO: pay.ID, Weight: 1}, slo.CompositePart{SLO: search.ID, Weight: 3})
		for i := range 6 {
			one := slo.NewSeries(slo.NewLabels(slo.MetricName, []string{"pay", "search"}[i%2], "code", []string{"200", "500"}[i/2%2],
				"region", []string{"eu", "us"}[i/3%2], "n", fmt.Sprint(i)))
			v := 0.0
			for at := w.now - rng.Int64N(60*hour); at < w.now; at += rng.Int64N(10 * 60_000) {
				v += float64(rng.IntN(9))
				w.store.commit(one.Labels(), slo.Sample{T: at, V: v})
			}
		}
		w.load(pay, search, all)
		s := w.status(all.ID)
		for _, b := range s.Burns {
			start, end := slo.Start(s.At, b.Window).UnixMilli(), (w.now+999)/1000*1000
			if b.Name == s.Whole.Name {
				whole, _ := all.Window.Bounds(s.At)
				start = whole.UnixMilli()
			}
			eu := bruteForce(w.store, &search, `{region="eu"}`, start, end)
			us := bruteForce(w.store, &search, `{region="us"}`, start, end)
			want := mixOf(all.SLI.Composite, []slo.Counts{
				bruteForce(w.store, &pay, "", start, end), {Good: eu.Good + us.Good, Total: eu.Total + us.Total},
			})
			if !near(b.Counts.Total, want.Total) || !near(b.Counts.Good, want.Good) {
				t.Fatalf("%s over %s: %v/%v (good/total), brute force %v/%v; run again with -property-seed=%d", method, b.Name,
					b.Counts.Good, b.Counts.Total, want.Good, want.Total, seed+n)
			}
		}
		chart, err := w.engine.Chart(all.ID, nil, s.At.Add(-6*time.Hour), s.At, 50)
		if err != nil {
			t.Fatal(err)
		}
		if last := chart.Points[len(chart.Points)-1]; s.Budget.Known && (last.Remaining == nil || !near(*last.Remaining, s.Budget.Remaining)) {
			t.Fatalf("the chart ends with %v of the budget, the status says %v; run again with -property-seed=%d", last.Remaining, s.Budget.Remaining, seed+n)
		}
	}
}

func TestACompositeIsKnownOnlyWithAllItsParts(t *testing.T) {
	w := newTown(t)
	pay, search := partSLO("pay", time.Hour), partSLO("search", time.Hour)
	all := compositeSLO(slo.Weighted, slo.Window{Rolling: time.Hour}, slo.CompositePart{SLO: pay.ID, Weight: 1}, slo.CompositePart{SLO: search.ID, Weight: 1})
	send := func(metric string) {
		one := slo.NewSeries(slo.NewLabels(slo.MetricName, metric, "code", "200"))
		for i := range int64(60) {
			s := slo.Sample{T: w.now + i*1000, V: float64(i)}
			w.store.commit(one.Labels(), s)
			w.engine.Deliver([]slo.SeriesSample{{Series: one, Sample: s}})
		}
	}
	expect := func(state slo.State, reason string) {
		t.Helper()
		if s := w.status(all.ID); s.State != state || !strings.Contains(s.Reason, reason) {
			t.Errorf("state %s (%s), want %s (…%s)", s.State, s.Reason, state, reason)
		}
	}
	w.load(pay, search, all)
	expect(slo.StateUnseen, "The part shop/pay is unseen")
	send("pay")
	w.now += 60_000
	w.judge()
	expect(slo.StateUnseen, "The part shop/search is unseen: No sample of the total has ever arrived.")
	send("search")
	w.now += 60_000
	w.judge()
	expect(slo.StateOK, "")
	if s := w.status(all.ID); s.Whole.Counts.Total != 59+59 || !s.Budget.Known {
		t.Errorf("counted %v in all", s.Whole.Counts)
	}
	w.load(pay, all)
	expect(slo.StateBroken, "The part shop/search is not there")
	w.load(pay, search, all)
	expect(slo.StateOK, "")
	nested := all
	nested.ID, nested.SLI.Composite = "shop/nested", &slo.CompositeSLI{Parts: []slo.CompositePart{{SLO: all.ID, Weight: 1}}}
	w.load(pay, search, all, nested)
	if s := w.status(nested.ID); s.State != slo.StateBroken || !strings.Contains(s.Reason, "made of parts itself") {
		t.Errorf("a composite of composites is %s (%s)", s.State, s.Reason)
	}
	w.now += 10 * 60_000
	send("pay")
	w.now += 60_000
	w.judge()
	expect(slo.StateMissing, "The part shop/search is missing")
}
