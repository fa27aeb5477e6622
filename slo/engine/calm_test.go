package engine

import (
	"context"
	"fmt"
	"testing"
	"time"

	"burnline/slo"
)

// newCounter is one sample of a counter of the SLO shop/buy.
func newCounter(series map[string]*slo.Series, code string, at time.Time, v float64) slo.SeriesSample {
	if series[code] == nil {
		series[code] = slo.NewSeries(slo.NewLabels(slo.MetricName, "req", "job", "shop", "code", code))
	}
	return slo.SeriesSample{Series: series[code], Sample: slo.Sample{T: at.UnixMilli(), V: v}}
}

func TestPolicyFiresWithoutASampleOnceGoodEventsHaveLeftItsWindow(t *testing.T) {
	begin := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	now := begin
	e, err := New(Options{Reader: newMemory(), Now: func() time.Time { return now }, Commit: func(context.Context, slo.Transition) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	d := eventsSLO("shop/buy")
	d.SLI.Events.Total[0].Selector.Name, d.SLI.Events.Bad[0].Selector.Name = "req", "req"
	d.MinBad = 0
	d.Policies = []slo.Policy{{Severity: slo.Ticket, Long: 5 * time.Minute, Short: 5 * time.Minute, Factor: 10}}
	if err := e.Update([]slo.Definition{d}); err != nil {
		t.Fatal(err)
	}
	tr := e.tracked("shop/buy")
	readThrough(t.Context(), e, tr)
	series := map[string]*slo.Series{}
	good, bad := 0.0, 0.0
	for range 40 { // ten minutes of good events; then few of them with some bad ones
		now = now.Add(15 * time.Second)
		e.Deliver([]slo.SeriesSample{newCounter(series, "200", now, good), newCounter(series, "500", now, bad)})
		e.evaluate(t.Context(), tr)
		readThrough(t.Context(), e, tr)
		good += 1000
	}
	now = now.Add(15 * time.Second)
	e.Deliver([]slo.SeriesSample{newCounter(series, "200", now, good), newCounter(series, "500", now, bad+100)})
	e.evaluate(t.Context(), tr)
	if s := e.Status("shop/buy")[0]; s.Policies[0].Firing || s.State != slo.StateOK {
		t.Fatalf("at first the SLO is %s: %s", s.State, s.Reason)
	}
	looks, judged := 0, 0
	for range 600 {
		now = now.Add(time.Second)
		looks++
		if tr.isDue(now) && !e.staysCalm(tr) {
			judged++
			e.evaluate(t.Context(), tr)
		}
		if s := e.Status("shop/buy")[0]; len(s.Open) > 0 {
			if judged > looks/4 {
				t.Errorf("of %d looks %d judged the SLO in full", looks, judged)
			}
			total := over(tr.acc.groups[0].rings, now, 5*time.Minute)
			before := over(tr.acc.groups[0].rings, now.Add(-time.Second), 5*time.Minute)
			if !d.Policies[0].Exceeded(total, d.Budget()) || d.Policies[0].Exceeded(before, d.Budget()) {
				t.Errorf("the incident opened at %v and %v, not in the second in which the policy began to fire", before, total)
			}
			return
		}
	}
	t.Fatal("no incident opened")
}

func TestSeriesAreLookedAtByTheSLOsThatMaySelectThem(t *testing.T) {
	selector := func(name string, matchers ...slo.Matcher) slo.Selector {
		return slo.Selector{Name: name, Matchers: matchers}
	}
	equal := func(label, value string) slo.Matcher {
		return slo.Matcher{Label: label, Op: slo.MatchEqual, Value: value}
	}
	var all []*tracked
	for i := range 100 {
		one := &tracked{id: fmt.Sprint(i), table: &table{}}
		one.table.terms = append(one.table.terms,
			boundTerm{Term: slo.Term{Selector: selector("req", equal("tier", "1"), equal("service", fmt.Sprint(i)))}},
			boundTerm{Term: slo.Term{Selector: selector("req", equal("service", fmt.Sprint(i)), equal("tier", "1"))}})
		all = append(all, one)
	}
	everything := &tracked{id: "everything", table: &table{terms: []boundTerm{
		{Term: slo.Term{Selector: selector("req", equal("gone", ""), slo.Matcher{Label: "service", Op: slo.MatchRegexp, Value: ".*"})}},
	}}}
	x := newIndex(append(all, everything))
	for _, c := range []struct {
		series slo.Labels
		want   string
	}{
		{slo.NewLabels(slo.MetricName, "req", "service", "7", "tier", "1"), "[everything 7]"},
		{slo.NewLabels(slo.MetricName, "req", "service", "unknown"), "[everything]"},
		{slo.NewLabels(slo.MetricName, "other", "service", "7"), "[]"},
	} {
		got := []string{}
		x.of(c.series, func(t *tracked) { got = append(got, t.id) })
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s is looked at by %v, want %s", c.series, got, c.want)
		}
	}
}

func TestKeptSumsHoldUntilABucketChanges(t *testing.T) {
	begin := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	r := newRings(keep{longest: 30 * 24 * time.Hour})
	now := begin.Add(6 * time.Hour)
	for i := range 6 * 240 {
		at := begin.Add(time.Duration(i) * 15 * time.Second).UnixMilli()
		r.put(at, at, 10, 1, false, now.UnixMilli())
	}
	window := func() slo.Counts { return over(r, now, time.Hour) }
	if a, b := window(), window(); a != b || a.Total != 2390 {
		t.Fatalf("counted %v, and then %v", a, b)
	}
	late := now.Add(-30 * time.Minute).UnixMilli()
	r.put(late, late, 5, 5, false, now.UnixMilli())
	if c := window(); c.Total != 2395 || c.Bad() != 244 {
		t.Errorf("after a late sample: %v", c)
	}
	old := now.Add(-2 * time.Hour).UnixMilli()
	r.put(old, old, 5, 5, false, now.UnixMilli())
	if c := window(); c.Total != 2395 {
		t.Errorf("after a sample before the window: %v", c)
	}
}
