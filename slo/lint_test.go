package slo_test

import (
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// sound is a definition that Lint has nothing to say about.
func sound() slo.Definition {
	d := slo.Definition{
		ID: "shop/a", Name: "a", Service: "shop", Team: "web", Objective: 99.9, Dialect: slo.Native,
		Window:      slo.Window{Rolling: 30 * day},
		SLI:         slo.SLI{Events: &slo.EventsSLI{Bad: sumOf("failed_total"), Total: sumOf("all_total")}},
		Annotations: map[string]string{"runbook": "https://runbooks.example.com"},
		Source:      slo.Source{File: "a.yaml", Line: 1},
	}
	d.Policies, _ = slo.Resolve(nil, d.Window.Rolling, d.Budget())
	return d
}

func sumOf(name string) slo.Sum { return slo.Sum{{Selector: slo.Selector{Name: name}}} }

func TestLint(t *testing.T) {
	gauge := func(name string, op slo.CompareOp) slo.SLI {
		return slo.SLI{Samples: &slo.SamplesSLI{Selector: &slo.Selector{Name: name}, Op: op, Value: 1, Every: time.Minute}}
	}
	for _, c := range []struct {
		name   string
		change func(*slo.Definition)
		want   string // "" for no finding
	}{
		{"a sound SLO has none", func(*slo.Definition) {}, ""},
		{"an SLO that pages names a team", func(d *slo.Definition) { d.Team = "" },
			"a.yaml:1: spec.team: its pages name no team; write team: and who looks after the service"},
		{"the team is one of the listed", func(d *slo.Definition) { d.Team = "wbe" },
			`a.yaml:1: spec.team: the teams' file knows no team "wbe"; write one of data, web, or add it there`},
		{"an SLO that pages links to a runbook", func(d *slo.Definition) { d.Annotations = nil },
			"a.yaml:1: spec.alerting.annotations: its pages link to no runbook; write annotations: {runbook: https://…}"},
		{"other dialects have no place for all of it", func(d *slo.Definition) { d.Dialect, d.Annotations = slo.Sloth, nil },
			"a.yaml:1: warning: shop/a: its pages link to no runbook; write annotations: {runbook: https://…}"},
		{"tickets need neither", func(d *slo.Definition) { d.Team, d.Annotations, d.Policies = "", nil, d.Policies[2:] }, ""},
		{"an objective of 100 % has no budget", func(d *slo.Definition) { d.Objective, d.Dialect = 100, slo.Sloth },
			"a.yaml:1: warning: shop/a: an objective of 100% leaves no error budget; write less than 100, such as 99.9"},
		{"a share is meant as a percentage", func(d *slo.Definition) { d.Objective, d.Policies, d.Dialect = 0.999, nil, slo.Pyrra },
			"a.yaml:1: warning: shop/a: an objective of 0.999% allows nearly every event to be bad; write 99.9 if a share was meant"},
		{"99.999 % of 30 days is spent before anybody can react", func(d *slo.Definition) { d.Objective = 99.999 },
			"a.yaml:1: spec.objective: warning: a complete outage of 25s900ms spends the whole budget, sooner than anybody can react; write a lower objective or a longer window, or accept that pages come when the budget is spent"},
		{"a factor that no outage reaches", func(d *slo.Definition) { d.Objective = 93 },
			"a.yaml:1: spec.alerting.policies[0]: the page over 1h begins at burn rate 14.4, which not even a total outage reaches; write a factor below 14.3, or an objective above 93.06"},
		{"a window that holds hardly two scrapes", func(d *slo.Definition) { d.Policies[0].Short = 30 * time.Second },
			"a.yaml:1: spec.alerting.policies[0]: warning: the page over 1h looks at the last 30s, which holds hardly two scrapes; write a longer window or longer policies; check --data compares with the scrapes that there are"},
		{"a burn that nobody is told of", func(d *slo.Definition) { d.Policies = d.Policies[:1] },
			"a.yaml:1: spec.alerting.policies: warning: a burn rate just below 14.4 spends the whole budget within 2d2h and nobody is told; add one such as {severity: ticket, long: 3d, short: 6h, budget: 10%}"},
		{"slices that the short window misses", func(d *slo.Definition) {
			d.Budgeting = slo.Budgeting{Method: slo.Timeslices, Slice: 10 * time.Minute, Target: 0.9}
		}, "a.yaml:1: spec.alerting.policies[0]: the page over 1h looks at the last 5m, which often holds no slice of 10m, so it may never fire; write slices of at most 5m, or longer policies"},
		{"a total of seconds", func(d *slo.Definition) { d.SLI.Events.Total = sumOf("took_seconds_sum") },
			"a.yaml:1: spec.sli.events.total: warning: took_seconds_sum adds up what was measured, not how often; write took_seconds_count"},
		{"a recorded rate", func(d *slo.Definition) { d.SLI.Events.Total = sumOf("job:requests:rate5m") },
			"a.yaml:1: spec.sli.events.total: warning: job:requests:rate5m looks like the result of a recording rule, not like a counter; write the counters that the rule is made of"},
		{"a gauge by its name", func(d *slo.Definition) { d.SLI.Events.Total = sumOf("requests_in_flight") },
			"a.yaml:1: spec.sli.events.total: warning: requests_in_flight does not look like a counter of events: its name ends in _in_flight; write a counter, whose name usually ends in _total"},
		{"up is a gauge", func(d *slo.Definition) { d.SLI.Events.Total = sumOf("up") },
			"a.yaml:1: spec.sli.events.total: warning: up is 1 or 0, not a counter; write slices: {query: up{…}, op: gte, value: 1}"},
		{"metrics that are made of spans", func(d *slo.Definition) { d.SLI.Events.Total = sumOf("traces_span_metrics_calls_total") },
			"a.yaml:1: spec.sli: warning: traces_span_metrics_calls_total is made of spans, which may be sampled or lost under load, so events are missing when it matters most; count a metric of the service itself, or the spans: {where: …, bad: …}"},
		{"a ratio is weighted by time", func(d *slo.Definition) { d.SLI = slo.SLI{Ratio: &slo.RatioSLI{Query: "x", Slice: time.Minute}} },
			"a.yaml:1: spec.sli.ratio: note: a ratio weighs every slice of 1m the same, however many events it had, and its pages need no proof at low traffic; where counters exist, write events"},
		{"slow answers that count as good", func(d *slo.Definition) { d.SLI = gauge("latency_seconds", slo.GT) },
			"a.yaml:1: spec.sli.slices.op: warning: a sample is good when latency_seconds is above 1; write lte if that is the wrong way round"},
		{"failed probes that count as good", func(d *slo.Definition) { d.SLI = gauge("probe_success", slo.LT) },
			"a.yaml:1: spec.sli.slices.op: warning: a sample is good when probe_success is below 1; write gte if that is the wrong way round"},
		{"slow quantiles that count as good", func(d *slo.Definition) {
			d.SLI = slo.SLI{Samples: &slo.SamplesSLI{Query: "histogram_quantile(0.9, a)", Op: slo.GT, Value: 1, Every: time.Minute}}
		},
			"a.yaml:1: spec.sli.slices.op: warning: a sample is good when histogram_quantile(0.9, a) is above 1; write lte if that is the wrong way round"},
		{"a dependency that nobody knows", func(d *slo.Definition) { d.DependsOn = []string{"bank/pay"} },
			"a.yaml:1: spec.depends_on[0]: there is no SLO bank/pay; write the ID of one, service/name"},
		{"a dependency on itself", func(d *slo.Definition) { d.DependsOn = []string{"shop/a"} },
			"a.yaml:1: spec.depends_on: it depends on itself, by shop/a; remove one of the dependencies of the circle; until then none of them explains another"},
		{"a comparison as one expects it", func(d *slo.Definition) { d.SLI = gauge("probe_success", slo.GTE) }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := sound()
			c.change(&d)
			findings := slo.Lint([]slo.Definition{d}, []slo.Team{{Name: "web"}, {Name: "data"}})
			var got []string
			for _, f := range findings {
				got = append(got, f.String())
			}
			if strings.Join(got, "\n") != c.want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), c.want)
			}
		})
	}
}

func TestLintSaysOnceWhatSeveralObjectivesShare(t *testing.T) {
	a, b := sound(), sound()
	a.Team, b.Team, b.ID = "", "", "shop/a/99"
	if findings := slo.Lint([]slo.Definition{a, b}, nil); len(findings) != 1 {
		t.Errorf("findings:\n%v", findings)
	}
}
