package ruletest

import (
	"testing"
	"time"

	"burnline/slo"
)

// counted is an SLO of 99.9 % over the window, with default policies and so much
// traffic that the low-traffic guard, which rules don't have, never matters.
func counted(window time.Duration) slo.Definition {
	policies, _ := slo.Resolve(nil, window, 0.001)
	return slo.Definition{
		ID: "shop/buy", Name: "buy", Service: "shop", Team: "payments", Objective: 99.9, Window: slo.Window{Rolling: window},
		SLI: slo.SLI{Events: &slo.EventsSLI{
			Total: slo.Sum{{Selector: slo.Selector{Name: "req"}}},
			Bad:   slo.Sum{{Selector: failed}},
		}},
		Policies: policies, ResolveAfter: 5 * time.Minute, MinBad: 2, NoData: slo.NoDataIgnore,
	}
}

// fourOfSixty pages at the fourth bad minute of an hour: so few slices need that many to
// prove anything to the low-traffic guard.
func fourOfSixty() []slo.Policy {
	return []slo.Policy{{Severity: slo.Page, Long: time.Hour, Short: 5 * time.Minute, Factor: 60}}
}

var failed = slo.Selector{Name: "req", Matchers: []slo.Matcher{{Label: "code", Op: slo.MatchRegexp, Value: "5.."}}}

const month = 30 * 24 * time.Hour

// traffic is 1,000 events a second of which a share is bad.
func traffic(bad float64) rates {
	return rates{"req{code=200}": 1000 * (1 - bad), "req{code=500}": 1000 * bad}
}

func TestRulesAlertAsBurnlineDoes(t *testing.T) {
	for _, c := range []struct {
		name   string
		def    func() slo.Definition
		story  func(w *world)
		expect func(w *world)
	}{
		{
			"a total outage pages, recovers, and pages again", func() slo.Definition { return counted(month) },
			func(w *world) {
				w.pass(2*time.Hour, traffic(0.0002))
				w.pass(20*time.Minute, traffic(1))
				w.pass(2*time.Hour, traffic(0.0002))
				w.pass(20*time.Minute, traffic(1))
				w.pass(time.Hour, traffic(0))
			},
			func(w *world) { w.opening("page", "", 2*time.Hour+2*time.Minute) },
		},
		{
			"a fast burn of 5 % pages by the hour, a slower one of 0.8 % by six hours", func() slo.Definition { return counted(month) },
			func(w *world) {
				w.pass(7*time.Hour, traffic(0.0001))
				w.pass(time.Hour, traffic(0.05))
				w.pass(7*time.Hour, traffic(0.0001))
				w.pass(6*time.Hour, traffic(0.008))
				w.pass(time.Hour, traffic(0.0001))
			},
			func(w *world) { w.opening("page", "", 7*time.Hour+17*time.Minute) },
		},
		{
			"a slow burn is a ticket", func() slo.Definition { return counted(month) },
			func(w *world) {
				w.pass(12*time.Hour, traffic(0.0001))
				w.pass(8*time.Hour, traffic(0.0045))
				w.pass(2*time.Hour, traffic(0.0001))
			},
			func(w *world) { w.opening("ticket", "", 12*time.Hour+3*time.Hour+5*time.Minute) },
		},
		{
			"spikes shorter than the short window, within the budget, alert nobody", func() slo.Definition { return counted(month) },
			func(w *world) {
				w.pass(2*time.Hour, traffic(0.0001))
				for range 6 {
					w.pass(15*time.Second, traffic(0.1))
					w.pass(time.Hour, traffic(0.0001))
				}
			},
			func(w *world) {
				if len(w.opened) > 0 {
					w.t.Errorf("alerts: %v", w.since())
				}
			},
		},
		{
			"good and total, with health checks taken away, over a week with scaled windows", func() slo.Definition {
				d := counted(7 * 24 * time.Hour)
				health := slo.Selector{Name: "req", Matchers: []slo.Matcher{{Label: "path", Op: slo.MatchEqual, Value: "/healthz"}}}
				d.SLI.Events = &slo.EventsSLI{
					Total: slo.Sum{{Selector: slo.Selector{Name: "req"}}, {Selector: health, Minus: true}, {Selector: slo.Selector{Name: "jobs"}}},
					Good: slo.Sum{
						{Selector: slo.Selector{Name: "req", Matchers: []slo.Matcher{{Label: "code", Op: slo.MatchEqual, Value: "200"}}}},
						{Selector: health, Minus: true}, {Selector: slo.Selector{Name: "jobs"}},
					},
				}
				return d
			},
			func(w *world) {
				good := rates{"req{code=200}": 900, "req{code=500}": 0, "req{code=200,path=/healthz}": 500, "jobs{}": 100}
				w.pass(6*time.Hour, good)
				w.pass(30*time.Minute, rates{"req{code=200}": 870, "req{code=500}": 30, "req{code=200,path=/healthz}": 500, "jobs{}": 100})
				w.pass(3*time.Hour, good)
			},
			func(w *world) { w.opening("page", "", 6*time.Hour+7*time.Minute) },
		},
		{
			"latency by a classic histogram", func() slo.Definition {
				d := counted(month)
				d.SLI = slo.SLI{Latency: &slo.LatencySLI{Histogram: slo.Selector{Name: "took_seconds"}, Threshold: 300 * time.Millisecond}}
				return d
			},
			func(w *world) {
				slow := func(share float64) rates {
					return rates{
						"took_seconds_count{}": 1000, "took_seconds_bucket{le=+Inf}": 1000, "took_seconds_bucket{le=1.0}": 1000,
						"took_seconds_bucket{le=0.3}": 1000 * (1 - share), "took_seconds_bucket{le=0.1}": 500 * (1 - share),
					}
				}
				w.pass(2*time.Hour, slow(0.0002))
				w.pass(30*time.Minute, slow(0.2))
				w.pass(2*time.Hour, slow(0))
			},
			func(w *world) { w.opening("page", "", 2*time.Hour+6*time.Minute) },
		},
		{
			"latency by a native histogram", func() slo.Definition {
				d := counted(month)
				d.SLI = slo.SLI{Latency: &slo.LatencySLI{Histogram: slo.Selector{Name: "took_seconds"}, Threshold: 500 * time.Millisecond}}
				return d
			},
			func(w *world) {
				w.quick = 1000
				w.pass(2*time.Hour, nil)
				w.quick, w.slow = 800, 200
				w.pass(30*time.Minute, nil)
				w.quick, w.slow = 1000, 0
				w.pass(2*time.Hour, nil)
			},
			func(w *world) { w.opening("page", "", 2*time.Hour+6*time.Minute) },
		},
		{
			"groups burn by themselves, each from its own first bad event", func() slo.Definition {
				d := counted(month)
				d.GroupBy = []string{"region"}
				return d
			},
			func(w *world) {
				both := func(eu, us float64) rates {
					return rates{
						"req{code=200,region=eu}": 1000 * (1 - eu), "req{code=500,region=eu}": 1000 * eu,
						"req{code=200,region=us}": 1000 * (1 - us), "req{code=500,region=us}": 1000 * us,
						"req{code=200,region=asia}": 1000, // without any series of bad events
					}
				}
				w.pass(2*time.Hour, both(0.0001, 0.0001))
				w.pass(20*time.Minute, both(0.3, 0.0001))
				w.pass(20*time.Minute, both(0.3, 0.3))
				w.pass(2*time.Hour, both(0.0001, 0.0001))
			},
			func(w *world) {
				w.opening("page", `{region="eu"}`, 2*time.Hour+4*time.Minute)
				w.opening("page", `{region="us"}`, 2*time.Hour+24*time.Minute)
			},
		},
		{
			"a ratio by a query, each minute one event", func() slo.Definition {
				d := counted(month)
				d.SLI = slo.SLI{Ratio: &slo.RatioSLI{Query: `sum(rate(req{code=~"5.."}[$window])) / sum(rate(req[$window]))`, Slice: time.Minute}}
				return d
			},
			func(w *world) {
				w.pass(2*time.Hour, traffic(0.0002))
				w.pass(30*time.Minute, traffic(0.1))
				w.pass(2*time.Hour, traffic(0.0002))
			},
			func(w *world) { w.opening("page", "", 2*time.Hour+11*time.Minute) },
		},
		{
			"slices of a probe, bad if any sample in them is", func() slo.Definition {
				d := counted(month)
				d.SLI = slo.SLI{Samples: &slo.SamplesSLI{Selector: &slo.Selector{Name: "probe_success"}, Op: slo.GTE, Value: 1}}
				d.Policies = fourOfSixty()
				d.Budgeting = slo.Budgeting{Method: slo.Timeslices, Slice: time.Minute, Target: 1}
				return d
			},
			func(w *world) {
				w.gauges = rates{"probe_success{}": 1}
				w.pass(2*time.Hour, nil)
				w.gauges = rates{"probe_success{}": 0}
				w.pass(10*time.Minute, nil)
				w.gauges = rates{"probe_success{}": 1}
				w.pass(2*time.Hour, nil)
			},
			func(w *world) { w.opening("page", "", 2*time.Hour+4*time.Minute) },
		},
		{
			"minutes with less than 95 % good events", func() slo.Definition {
				d := counted(month)
				d.Policies = fourOfSixty()
				d.Budgeting = slo.Budgeting{Method: slo.Timeslices, Slice: time.Minute, Target: 0.95}
				return d
			},
			func(w *world) {
				w.pass(2*time.Hour, traffic(0.05)) // just as good as promised
				w.pass(10*time.Minute, traffic(0.06))
				w.pass(2*time.Hour, traffic(0.01))
			},
			func(w *world) { w.opening("page", "", 2*time.Hour+4*time.Minute) },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.def())
			c.story(w)
			c.expect(w)
			w.compare(w.zero.Add(scrapeEvery))
		})
	}
}
