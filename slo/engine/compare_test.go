package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/explain"
)

// compared is an engine over stored samples of an SLO that counts hits by code: for two hours
// each route of each region had 60 good requests a minute, and one failure in a thousand; from
// the breach on a tenth of those of eu's /pay fail.
func compared(t *testing.T, groupBy ...string) (e *Engine, breach, now time.Time) {
	t.Helper()
	store := newMemory()
	breach = time.Unix(1_700_000_400, 0).UTC()
	now = breach.Add(10 * time.Minute)
	for _, region := range []string{"eu", "us", "ap"} {
		for _, route := range []string{"/pay", "/cart", "/"} {
			good, bad := 0.0, 0.0
			for at := breach.Add(-2 * time.Hour); !at.After(now); at = at.Add(time.Minute) {
				good += 60
				if at.Unix()%1020 < 60 {
					bad++
				}
				if at.After(breach) && region == "eu" && route == "/pay" {
					good, bad = good-6, bad+6
				}
				for code, v := range map[string]float64{"200": good, "503": bad} {
					store.commit(slo.NewLabels(slo.MetricName, "hits", "job", "shop", "region", region, "route", route, "code", code, "outcome", code[:1]+"xx",
						"pod", region+"-1"), slo.Sample{T: at.UnixMilli(), V: v})
				}
			}
		}
	}
	d := eventsSLO("shop/buy")
	d.GroupBy = groupBy
	hits := slo.Selector{Name: "hits"}
	failed := slo.Selector{Name: "hits", Matchers: []slo.Matcher{{Label: "code", Op: slo.MatchRegexp, Value: "5.."}}}
	d.SLI.Events = &slo.EventsSLI{Total: slo.Sum{{Selector: hits}}, Bad: slo.Sum{{Selector: failed}}}
	e, err := New(Options{Reader: store, Commit: func(context.Context, slo.Transition) error { return nil }, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Update([]slo.Definition{d}); err != nil {
		t.Fatal(err)
	}
	if err := e.fill(t.Context(), e.tracked("shop/buy")); err != nil {
		t.Fatal(err)
	}
	return e, breach, now
}

func TestABreachIsComparedByTheLabelsOfItsSeries(t *testing.T) {
	t.Parallel()
	e, breach, now := compared(t)
	table, err := e.Compare(t.Context(), "shop/buy", nil, breach, now)
	if err != nil {
		t.Fatal(err)
	}
	// code and outcome say how an event ended; pods come last.
	if want := []string{"job", "region", "route", "pod"}; !slices.Equal(table.Attributes, want) {
		t.Errorf("compares %q, want %q", table.Attributes, want)
	}
	var bad, total, was, wasTotal float64
	for _, r := range table.Rows {
		bad, total, was, wasTotal = bad+r.Bad, total+r.Total, was+r.BaselineBad, wasTotal+r.BaselineTotal
		if strings.Join(r.Values, " ") == "shop eu /pay eu-1" && (r.Bad != 61 && r.Bad != 60 || r.Total < 600 || r.Total > 602) {
			t.Errorf("eu's /pay counts %v of %v bad in ten minutes, want about 60 of 600", r.Bad, r.Total)
		}
	}
	status := e.tracked("shop/buy").countsSince([]slo.Labels{nil}, breach, now)
	if len(table.Rows) != 9 || bad != status.Bad() || total != status.Total {
		t.Errorf("%d rows count %v of %v, the SLO itself %v of %v", len(table.Rows), bad, total, status.Bad(), status.Total)
	}
	// An hour, five minutes before the breach: 9 series pairs with 60 requests and a failure in 17 minutes.
	if wasTotal < 9*3600 || wasTotal > 9*3604 || was < 9*3 || was > 9*4 {
		t.Errorf("the hour before counts %v of %v", was, wasTotal)
	}
	where := explain.Find(table, explain.Options{})
	if len(where.Explanations) != 1 || where.Explanations[0].Labels.String() != `{region="eu", route="/pay"}` {
		t.Errorf("the explanation is %+v", where)
	}
}

func TestOnlyTheGroupsOfAnIncidentAreCompared(t *testing.T) {
	t.Parallel()
	e, breach, now := compared(t, "region")
	eu := slo.NewLabels("region", "eu")
	table, err := e.Compare(t.Context(), "shop/buy", []slo.Labels{eu}, breach, now)
	if err != nil || len(table.Rows) != 3 {
		t.Fatalf("%d rows of eu, %v; want its three routes", len(table.Rows), err)
	}
	where := explain.Find(table, explain.Options{})
	if len(where.Explanations) != 1 || where.Explanations[0].Labels.String() != `{route="/pay"}` {
		t.Errorf("the explanation is %+v", where)
	}
	table, err = e.Compare(t.Context(), "shop/buy", []slo.Labels{eu, slo.NewLabels("region", "us")}, breach, now)
	if err != nil || len(table.Rows) != 6 {
		t.Errorf("%d rows of two regions, %v; want six", len(table.Rows), err)
	}
}

func TestWhatCantBeComparedSaysSo(t *testing.T) {
	t.Parallel()
	e, breach, now := compared(t)
	for _, c := range []struct {
		name, id string
		from, to time.Time
		says     string
	}{
		{"an unknown SLO", "shop/sell", breach, now, "there is none of this ID"},
		{"no time at all", "shop/buy", now, breach, "is empty"},
		{"the future", "shop/buy", now.Add(time.Hour), now.Add(2 * time.Hour), "is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := e.Compare(t.Context(), c.id, nil, c.from, c.to); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
	long, err := e.Compare(t.Context(), "shop/buy", nil, breach.Add(-48*time.Hour), now)
	if err != nil || len(long.Rows) != 9 {
		t.Errorf("a breach of two days: %d rows, %v", len(long.Rows), err)
	}
}

func TestLabelsThatSayHowAnEventEndedCompareNothing(t *testing.T) {
	t.Parallel()
	good, bad := &weight{total: 1}, &weight{total: 1, bad: 1}
	series := func(w *weight, pairs ...string) *member {
		m := &member{weight: w}
		m.series.Store(slo.NewSeries(slo.NewLabels(append(pairs, slo.MetricName, "hits")...)))
		return m
	}
	for _, c := range []struct {
		name    string
		members []*member
		want    []string
	}{
		{"a label that both have", []*member{series(good, "a", "x"), series(bad, "a", "x"), series(good, "a", "y")}, []string{"a"}},
		{"a label that differs with the outcome", []*member{series(good, "class", "2xx"), series(bad, "class", "5xx")}, nil},
		{"a label of one side", []*member{series(good, "a", "x", "cache", "hit"), series(bad, "a", "x")}, []string{"a"}},
		{"nothing failed ever", []*member{series(good, "a", "x", "code", "200")}, []string{"a", "code"}},
		{"what runs it stands last", []*member{series(good, "k8s_pod_name", "1", "z", "1", "a", "1", "instance", "1")}, []string{"a", "z", "instance", "k8s_pod_name"}},
		{"no series", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := distinguishing(c.members); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTooManySeriesAreNotRead(t *testing.T) {
	t.Parallel()
	e, breach, now := compared(t)
	for i := range maxCompared {
		e.tracked("shop/buy").table.bind(slo.NewSeries(slo.NewLabels(slo.MetricName, "hits", "n", fmt.Sprint(i))))
	}
	if _, err := e.Compare(t.Context(), "shop/buy", nil, breach, now); err == nil || !strings.Contains(err.Error(), "at most 5000 are read") {
		t.Errorf("got %v", err)
	}
}

func TestOnlyTheSeriesOfOneGroupAreRead(t *testing.T) {
	t.Parallel()
	hits := slo.Selector{Name: "hits", Matchers: []slo.Matcher{{Label: "job", Op: slo.MatchEqual, Value: "shop"}}}
	for name, sli := range map[string]slo.SLI{
		"events":  {Events: &slo.EventsSLI{Bad: slo.Sum{{Selector: hits}}, Total: slo.Sum{{Selector: hits}}}},
		"latency": {Latency: &slo.LatencySLI{Histogram: hits, Threshold: time.Second}},
		"samples": {Samples: &slo.SamplesSLI{Selector: &hits, Op: slo.GTE, Value: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := slo.Definition{SLI: sli}
			before := fmt.Sprint(d.Terms())
			narrowed := d
			narrow(&narrowed, []slo.Labels{slo.NewLabels("region", "eu")})
			for _, term := range narrowed.Terms() {
				if text := term.Selector.String(); !strings.Contains(text, `{job="shop",region="eu"}`) {
					t.Errorf("reads %s", text)
				}
			}
			if fmt.Sprint(d.Terms()) != before {
				t.Error("the SLO itself was narrowed")
			}
			narrow(&d, []slo.Labels{slo.NewLabels("region", "eu"), slo.NewLabels("region", "us")})
			if fmt.Sprint(d.Terms()) != before {
				t.Error("two groups narrowed it")
			}
		})
	}
}

// BenchmarkCompare compares ten minutes of 1,000 series, two hours of which are stored, with the hour
// before.
func BenchmarkCompare(b *testing.B) {
	store := newMemory()
	now := time.Unix(1_700_000_400, 0).UTC()
	for n := range 500 {
		for _, code := range []string{"200", "500"} {
			labels := slo.NewLabels(slo.MetricName, "req", "job", "shop", "route", fmt.Sprint(n%50), "pod", fmt.Sprint(n/50), "code", code)
			for at := now.Add(-2 * time.Hour); !at.After(now); at = at.Add(15 * time.Second) {
				store.commit(labels, slo.Sample{T: at.UnixMilli(), V: float64(at.Unix() % 7200)})
			}
		}
	}
	e, err := New(Options{Reader: store, Commit: func(context.Context, slo.Transition) error { return nil }, Now: func() time.Time { return now }})
	if err != nil {
		b.Fatal(err)
	}
	if err := e.Update([]slo.Definition{eventsSLO("shop/buy")}); err != nil {
		b.Fatal(err)
	}
	if err := e.fill(b.Context(), e.tracked("shop/buy")); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		table, err := e.Compare(b.Context(), "shop/buy", nil, now.Add(-10*time.Minute), now)
		if err != nil || len(table.Rows) != 500 {
			b.Fatalf("%d rows, %v", len(table.Rows), err)
		}
	}
}
