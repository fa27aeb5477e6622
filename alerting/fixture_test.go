package alerting

import (
	"time"

	"burnline/slo"
)

// clockTime is a time of the day on which the tests' incidents happen.
func clockTime(hour, minute int) time.Time {
	return time.Date(2026, time.March, 3, hour, minute, 0, 0, time.UTC)
}

// availability is an SLO on failed requests of the checkout.
func availability() *slo.Definition {
	total := slo.Selector{Name: "http_requests_total"}
	return &slo.Definition{
		ID: "checkout/checkout-availability", Name: "checkout-availability", Service: "checkout", Team: "payments", Journey: "buy",
		Description: "Customers can pay for their basket.", Objective: 99.9, Window: slo.Window{Rolling: 30 * 24 * time.Hour},
		SLI:         slo.SLI{Events: &slo.EventsSLI{Bad: slo.Sum{{Selector: total}}, Total: slo.Sum{{Selector: total}}}},
		Labels:      map[string]string{"tier": "1"},
		Annotations: map[string]string{"runbook": "https://runbooks.example.com/checkout"},
		Source:      slo.Source{File: "slos/checkout.yaml", Line: 3},
	}
}

// latency is the same SLO on slow requests.
func latency() *slo.Definition {
	d := availability()
	d.ID, d.Name = "checkout/checkout-latency", "checkout-latency"
	d.SLI = slo.SLI{Latency: &slo.LatencySLI{Histogram: slo.Selector{Name: "http_request_duration_seconds"}, Threshold: 300 * time.Millisecond}}
	return d
}

// opened is the page of the story: 1,204 of 4,816 requests failed since 14:02.
func opened(change ...func(*slo.Transition)) slo.Transition {
	d := availability()
	t := slo.Transition{
		Kind: slo.IncidentOpened,
		Incident: slo.Incident{Key: "k1", SLO: d.ID, Severity: slo.Page, Started: clockTime(14, 2), Opened: clockTime(14, 4),
			Episode: "e1", EpisodeStarted: clockTime(14, 2), Number: 1, Groups: []slo.Labels{nil}},
		Definition: d, At: clockTime(14, 4), Reason: "burn 36.2 over 1h and 5m",
		Since: slo.Counts{Good: 3612, Total: 4816},
		Status: slo.Status{Budget: slo.BudgetStatus{Known: true, Remaining: 0.62, Consumed: 0.38, Exhausts: true,
			GoneIn: 130 * time.Minute, Elapsed: 30 * 24 * time.Hour}},
		Policy: &slo.PolicyStatus{Policy: slo.Policy{Severity: slo.Page, Long: time.Hour, Short: 5 * time.Minute, Factor: 14.4},
			Long: slo.Burn{Window: time.Hour, Rate: 36.2, Ratio: 0.0362, Known: true}, Short: slo.Burn{Window: 5 * time.Minute, Rate: 250, Ratio: 0.25, Known: true}},
	}
	for _, c := range change {
		c(&t)
	}
	return t
}

// closed is the end of the story at 14:25.
func closed(change ...func(*slo.Transition)) slo.Transition {
	return opened(append([]func(*slo.Transition){func(t *slo.Transition) {
		t.Kind, t.At, t.Policy = slo.IncidentClosed, clockTime(14, 25), nil
		t.Incident.Closed = t.At
		t.Reason = "no policy fired for 5m"
	}}, change...)...)
}

// joined is the story when a second region breaches.
func joined(change ...func(*slo.Transition)) slo.Transition {
	return opened(append([]func(*slo.Transition){func(t *slo.Transition) {
		t.Kind, t.At = slo.IncidentJoined, clockTime(14, 6)
		t.Incident.Group = slo.NewLabels("region", "eu-west")
		t.Incident.Groups = []slo.Labels{slo.NewLabels("region", "eu-west"), slo.NewLabels("region", "us-east")}
	}}, change...)...)
}

// plan sends a transition through the pipeline in a world in which nothing else
// happens.
func plan(c Config, text TextOptions, t slo.Transition, have Existing) Plan {
	return through(&c, newWorld(&c, nil), text, t, have).plan
}

// through sends a transition through the pipeline.
func through(c *Config, w *world, text TextOptions, t slo.Transition, have Existing) passage {
	return pass(&view{config: c, world: w, text: text, now: t.At},
		passage{t: t, labels: Labels(t.Incident, t.Definition), message: Text(t, text), have: have})
}
