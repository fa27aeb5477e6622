package dialecttest

import (
	"time"

	"burnline/slo"
)

const day = 24 * time.Hour

// Definitions returns one definition of every kind, with much that other tools can't say.
func Definitions() []slo.Definition {
	total := slo.Sum{{Selector: slo.Selector{Name: "requests_total"}}}
	bad := slo.Sum{{Selector: slo.Selector{Name: "requests_total", Matchers: []slo.Matcher{{Label: "code", Op: slo.MatchRegexp, Value: "5.."}}}}}
	lost := append(append(slo.Sum(nil), bad...), slo.Signed{Selector: slo.Selector{Name: "http.lost", Matchers: []slo.Matcher{{Label: "a.b", Op: slo.MatchEqual, Value: `"`}}}})
	gauge := slo.Selector{Name: "up"}
	defs := []slo.Definition{
		{Name: "plain", SLI: slo.SLI{Events: &slo.EventsSLI{Bad: bad, Total: total}}},
		{Name: "sums", SLI: slo.SLI{Events: &slo.EventsSLI{Bad: lost, Total: total}}, GroupBy: []string{"region", "zone"}},
		{Name: "good", SLI: slo.SLI{Events: &slo.EventsSLI{Good: lost, Total: total}}, MinBad: 5, ResolveAfter: time.Minute},
		{Name: "good-too", SLI: slo.SLI{Events: &slo.EventsSLI{Good: bad, Total: total}}, GroupBy: []string{"region"}},
		{Name: "latency", SLI: slo.SLI{Latency: &slo.LatencySLI{Histogram: slo.Selector{Name: "took_seconds"}, Threshold: 300 * time.Millisecond}}},
		{Name: "ratio", SLI: slo.SLI{Ratio: &slo.RatioSLI{Query: "1 - avg(up) # [$window]", Slice: 5 * time.Minute}}, GroupBy: []string{"job"}},
		{Name: "samples", SLI: slo.SLI{Samples: &slo.SamplesSLI{Selector: &gauge, Op: slo.GTE, Value: 1}}},
		{Name: "query", SLI: slo.SLI{Samples: &slo.SamplesSLI{Query: "min(up)", Op: slo.GT, Value: 0.5, Every: time.Minute}}},
		{Name: "slices", SLI: slo.SLI{Events: &slo.EventsSLI{Bad: bad, Total: total}}, Budgeting: slo.Budgeting{Method: slo.Timeslices, Slice: time.Minute, Target: 0.9}},
		{Name: "composite", SLI: slo.SLI{Composite: &slo.CompositeSLI{Method: slo.Weighted, Parts: []slo.CompositePart{{SLO: "checkout/plain", Weight: 1}}}}},
		{Name: "month", SLI: slo.SLI{Events: &slo.EventsSLI{Bad: bad, Total: total}}, NoData: slo.NoDataTicket,
			Window: slo.Window{Calendar: &slo.Calendar{Unit: slo.Month, Count: 1}}},
		{Name: "Own_Policies", SLI: slo.SLI{Events: &slo.EventsSLI{Bad: bad, Total: total}}, NoData: slo.NoDataPage,
			Policies: []slo.Policy{{Severity: slo.Page, Long: time.Hour, Short: time.Minute, Factor: 10, Share: 10. / 720}}},
	}
	for i := range defs {
		complete(&defs[i], i)
	}
	defs[0].ID += "/99.9"
	return defs
}

// complete fills in what a reader would.
func complete(d *slo.Definition, i int) {
	d.Service, d.ID, d.Objective = "checkout", "checkout/"+d.Name, 99.9
	d.Source = slo.Source{File: "slos.yaml", Line: i + 1}
	d.Dialect = slo.Native
	if d.Window == (slo.Window{}) {
		d.Window.Rolling = 30 * day
	}
	if d.NoData == "" {
		d.NoData = slo.NoDataAuto
	}
	if d.ResolveAfter == 0 {
		d.ResolveAfter = 5 * time.Minute
	}
	if d.MinBad == 0 {
		d.MinBad = 2
	}
	if d.Policies == nil {
		d.Policies, _ = slo.Resolve(nil, d.Window.Nominal(), d.Budget())
	}
	d.Team, d.Journey = "payments", "buy"
	d.Labels = map[string]string{"tier": "1"}
	d.AlertLabels = map[string]string{"channel": "oncall"}
	d.Annotations = map[string]string{"runbook": "https://runbooks.example.com/checkout"}
}
