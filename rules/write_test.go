package rules

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

var update = flag.Bool("update", false, "write the golden files anew")

const month = 30 * 24 * time.Hour

// kinds are one SLO of every kind that rules know, and one that they don't.
func kinds(t *testing.T) []slo.Definition {
	t.Helper()
	calendar, err := slo.NewCalendar(slo.Month, 1, "Europe/Berlin", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	req := slo.Selector{Name: "req", Matchers: []slo.Matcher{{Label: "job", Op: slo.MatchEqual, Value: `shop "1"`}}}
	failed := slo.Selector{Name: "req", Matchers: append(slices.Clone(req.Matchers), slo.Matcher{Label: "code", Op: slo.MatchRegexp, Value: `5\d\d`})}
	probe := slo.Selector{Name: "probe_success"}
	window := slo.Window{Rolling: month}
	timeslices := slo.Budgeting{Method: slo.Timeslices, Slice: time.Minute, Target: 0.95}
	events := slo.SLI{Events: &slo.EventsSLI{Total: slo.Sum{{Selector: req}}, Bad: slo.Sum{{Selector: failed}}}}
	defs := []slo.Definition{
		{
			Name: "events", Window: window, SLI: events, GroupBy: []string{"region", "tenant"}, NoData: slo.NoDataPage,
			Description: "Customers {{can}} pay.", AlertLabels: map[string]string{"severity": "mine", "tier": "1"},
			Labels:      map[string]string{"tier": "1", "slo": "mine", "not.valid": "x"},
			Annotations: map[string]string{"runbook": "https://runbooks.example.com/events", "dashboard": "d"},
		},
		{Name: "good", Window: slo.Window{Rolling: 7 * 24 * time.Hour}, NoData: slo.NoDataTicket, SLI: slo.SLI{Events: &slo.EventsSLI{
			Total: slo.Sum{{Selector: req}, {Selector: slo.Selector{Name: "other"}, Minus: true}},
			Good:  slo.Sum{{Selector: slo.Selector{Name: "fine", Matchers: []slo.Matcher{{Label: "code", Op: slo.MatchEqual, Value: "200"}}}}},
		}}},
		{Name: "calendar", Window: slo.Window{Calendar: calendar}, SLI: events},
		{Name: "latency", Window: window, SLI: slo.SLI{Latency: &slo.LatencySLI{Histogram: slo.Selector{Name: "took_seconds"}, Threshold: 300 * time.Millisecond}}},
		{Name: "latency-whole", Window: window, SLI: slo.SLI{Latency: &slo.LatencySLI{Histogram: slo.Selector{Name: "took_seconds"}, Threshold: time.Second}}},
		{Name: "timeslices", Window: window, SLI: events, Budgeting: timeslices},
		{Name: "ratio-timeslices", Window: window, SLI: events, Budgeting: slo.Budgeting{Method: slo.RatioTimeslices, Slice: 5 * time.Minute}},
		{Name: "ratio", Window: window, GroupBy: []string{"region"}, SLI: slo.SLI{Ratio: &slo.RatioSLI{Query: "sum(rate(bad[$window])) / sum(rate(all[$window]))", Slice: time.Minute}}},
		{Name: "samples", Window: window, SLI: slo.SLI{Samples: &slo.SamplesSLI{Selector: &probe, Op: slo.GTE, Value: 1}}},
		{Name: "samples-query", Window: window, SLI: slo.SLI{Samples: &slo.SamplesSLI{Query: "a - b", Op: slo.NEQ, Value: 0, Every: 30 * time.Second}}},
		{Name: "slices", Window: window, SLI: slo.SLI{Samples: &slo.SamplesSLI{Selector: &probe, Op: slo.GTE, Value: 1}}, Budgeting: slo.Budgeting{Method: slo.Timeslices, Slice: time.Minute, Target: 1}},
		{Name: "slices-equal", Window: window, SLI: slo.SLI{Samples: &slo.SamplesSLI{Selector: &probe, Op: slo.EQ, Value: 1}}, Budgeting: slo.Budgeting{Method: slo.Timeslices, Slice: time.Minute, Target: 1}},
		{Name: "slices-share", Window: window, SLI: slo.SLI{Samples: &slo.SamplesSLI{Selector: &probe, Op: slo.LT, Value: 1}}, Budgeting: timeslices},
		{Name: "young", Window: slo.Window{Rolling: 4 * time.Hour}, SLI: events},
		{Name: "worst", Window: window, SLI: slo.SLI{Composite: &slo.CompositeSLI{Method: slo.Worst}}},
	}
	for i := range defs {
		d := &defs[i]
		d.ID, d.Service, d.Team, d.Objective, d.ResolveAfter = "Shop/"+d.Name, "Shop", "payments", 99.9, 5*time.Minute
		d.Policies, _ = slo.Resolve(nil, d.Window.Nominal(), d.Budget())
	}
	return defs
}

// The text of every kind of SLO in every form is the one in testdata.
func TestWrite(t *testing.T) {
	defs := kinds(t)
	for _, form := range []Form{Prometheus, Mimir, PrometheusRule} {
		t.Run(string(form), func(t *testing.T) {
			var out bytes.Buffer
			left, err := Write(&out, defs, Options{Form: form})
			if err != nil || !slices.Equal(left, []string{"Shop/worst"}) {
				t.Fatalf("left out: %v, error: %v", left, err)
			}
			golden := "testdata/" + string(form) + ".yaml"
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Errorf("the rules differ from %s; look at them after go test ./rules -update", golden)
			}
		})
	}
}

// The order in which SLOs come doesn't matter, nor does writing twice.
func TestWriteIsDeterministic(t *testing.T) {
	var one, two bytes.Buffer
	defs := kinds(t)
	if _, err := Write(&one, defs, Options{}); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(defs)
	if _, err := Write(&two, defs, Options{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("another order gives another text")
	}
}

func TestWriteRefuses(t *testing.T) {
	all := kinds(t)
	for name, c := range map[string]struct {
		defs []slo.Definition
		opt  Options
		want string
	}{
		"an unknown form":                {all, Options{Form: "cortex"}, "write prometheus, mimir or prometheusrule"},
		"pages once an hour":             {all, Options{Interval: time.Hour}, "write 1s to 5m"},
		"a scrape that is too rare":      {all, Options{Scrape: 10 * time.Minute}, "write 1s to 2m"},
		"nothing that rules can express": {all[len(all)-1:], Options{}, "no SLO can be written"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Write(&bytes.Buffer{}, c.defs, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Kubernetes takes the names of the resources, and two services never share one.
func TestResourceNames(t *testing.T) {
	defs := kinds(t)[:2]
	defs[1].Service, defs[1].ID = "shop_", "shop_/good"
	var out bytes.Buffer
	if _, err := Write(&out, defs, Options{Form: PrometheusRule}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"name: slo-shop\n", "name: slo-shop-2\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q", want)
		}
	}
}

// Names as OpenTelemetry has them are quoted, and the head says who can read them.
func TestDottedNames(t *testing.T) {
	d := kinds(t)[0]
	d.SLI.Events.Total[0].Selector = slo.Selector{Name: "http.requests", Matchers: []slo.Matcher{{Label: "http.route", Op: slo.MatchEqual, Value: "/"}}}
	var out bytes.Buffer
	if _, err := Write(&out, []slo.Definition{d}, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`increase({"http.requests", "http.route"="/"}[1h])`, "reads from version 3 on"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q", want)
		}
	}
}
