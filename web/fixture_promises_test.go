package web

import (
	"context"
	"slices"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// promises is a shop whose SLOs are of every kind, with what is told beside their figures.
type promises struct {
	*shop
	corrections *ledgerOfCorrections
	versions    map[string][]slo.Version
	teams       []slo.Team
	broken      error
}

var (
	_ Versions = (*promises)(nil)
	_ Teams    = (*promises)(nil)
)

func (p *promises) Versions(_ context.Context, id string) ([]slo.Version, error) {
	return slices.Clone(p.versions[id]), p.broken
}

func (p *promises) Teams() []slo.Team { return p.teams }

// options mounts everything beside the shop.
func (p *promises) options(o *Options) {
	o.Corrections, o.Versions, o.Teams, o.Alerts = p.corrections, p, p, diskAlerts(2, noon)
}

// newPromises builds the fixture as of now.
func newPromises(t testing.TB, now time.Time) *promises {
	t.Helper()
	month, err := slo.NewCalendar(slo.Month, 1, "Europe/Berlin", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{now: now, version: 1, health: health(now)}
	counter := func(name string) slo.Sum { return slo.Sum{{Selector: slo.Selector{Name: name}}} }
	events := slo.SLI{Events: &slo.EventsSLI{Bad: counter("http_errors_total"), Total: counter("http_requests_total")}}
	define := func(id, service, name, team string, objective float64, sli slo.SLI) *slo.Definition {
		d := &slo.Definition{ID: id, Name: name, Service: service, Team: team, Objective: objective, Window: slo.Window{Rolling: 30 * day}, SLI: sli,
			NoData: slo.NoDataAuto, Policies: policies(), ResolveAfter: 5 * time.Minute, MinBad: 2, Dialect: slo.Native, Source: slo.Source{File: "slos/" + service + ".yaml", Line: 3}}
		s.defs = append(s.defs, d)
		return d
	}
	p := &promises{shop: s, teams: []slo.Team{
		{Name: "commerce", Owners: []string{"Ida Jung"}, SlackChannel: "#commerce"},
		{Name: "payments", Owners: []string{"Ada Moreau", "Ben Okafor"}, SlackChannel: "#payments", Parent: "commerce"},
		{Name: "cards", Parent: "payments"},
	}}
	pay := define("pay/availability", "pay", "availability", "payments", 99, events)
	pay.Window = slo.Window{Calendar: month}
	s.judge(pay, nil, slo.StateOK, "no policy fires", func(st *slo.Status) {
		st.Budget.Start, st.Budget.End = pay.Window.Bounds(now)
		st.Budget.Projected, st.Budget.Elapsed = true, now.Sub(st.Budget.Start)
		st.Held = []slo.Held{{ID: "db-move", Reason: "the ledger's database moves", Until: now.Add(2 * time.Hour)}}
	})
	for _, o := range []float64{99, 99.9} {
		s.judge(define("cards/latency/"+trimmed(o, 1), "cards", "latency", "cards", o, events), nil, slo.StateOK, "no policy fires", nil)
	}
	s.judge(define("edge/probe", "edge", "probe", "web", 99.5, slo.SLI{Ratio: &slo.RatioSLI{Query: "1 - avg(probe_success)", Slice: time.Minute}}), nil, slo.StateOK, "no policy fires", func(st *slo.Status) {
		st.Filling, st.Filled = true, 0.624
	})
	slices := define("edge/up", "edge", "up", "web", 99.5, slo.SLI{Samples: &slo.SamplesSLI{Selector: &slo.Selector{Name: "up"}, Op: slo.GTE, Value: 1, Every: time.Minute}})
	slices.Budgeting = slo.Budgeting{Method: slo.Timeslices, Slice: time.Minute, Target: 1}
	s.judge(slices, nil, slo.StateMissing, "no series of the total has reported since 11:31", func(st *slo.Status) {
		st.Budget, st.Burns, st.LastSample, st.Whole = slo.BudgetStatus{}, nil, now.Add(-29*time.Minute), slo.Burn{}
		st.Dark = &slo.Darkness{Since: now.Add(-29 * time.Minute), Severity: slo.Page, Reason: "no data arrives from job=edge", Usual: 240, Now: 124, Source: slo.NewLabels("job", "edge"), Silent: true}
	})
	whole := define("shop/buying", "shop", "buying", "commerce", 99.5, slo.SLI{Composite: &slo.CompositeSLI{Method: slo.Weighted, Parts: []slo.CompositePart{{SLO: "pay/availability", Weight: 2}, {SLO: "edge/up", Weight: 1}, {SLO: "old/gone", Weight: 1}}}})
	s.judge(whole, nil, slo.StateOK, "no policy fires", nil)
	p.versions = map[string][]slo.Version{"pay/availability": {
		{SLO: "pay/availability", Number: 1, Since: now.Add(-60 * day), Hash: "a", Objective: 99.9, Window: "month Europe/Berlin", Text: "objective: 99.9\n"},
		{SLO: "pay/availability", Number: 2, Since: now.Add(-19 * day), Hash: "b", Objective: 99, Window: "month Europe/Berlin", Text: "objective: 99\n",
			Changes: []string{"the objective was lowered from 99.9% to 99%"}, Lowered: true},
		{SLO: "pay/availability", Number: 3, Since: now.Add(-3 * time.Hour), Hash: "c", Objective: 99, Window: "month Europe/Berlin", Text: "objective: 99\n", Changes: []string{`the journey changed from "" to "buying"`}},
	}}
	p.corrections = &ledgerOfCorrections{defs: s.Definitions,
		inForce: []slo.Correction{
			{ID: "db-move", Kind: slo.Maintenance, Services: []string{"pay"}, From: now.Add(-time.Hour), To: now.Add(2 * time.Hour), Reason: "the ledger's database moves", Author: "Ada Moreau", Source: slo.Source{File: "slos/corrections.yaml", Line: 4}},
			{ID: "load-test", Kind: slo.Exclusion, Teams: []string{"payments"}, From: now.Add(-6 * day), To: now.Add(-6*day + 9*time.Hour), Reason: "load test from inside", Author: "ben@example.com", Created: now.Add(-5 * day)},
			{ID: "next-move", Kind: slo.Maintenance, SLOs: []string{"pay/*"}, From: now.Add(3 * day), To: now.Add(3*day + time.Hour), Reason: "the second half moves", Author: "Ada Moreau", Created: now.Add(-time.Hour)},
		},
		removed: []slo.Correction{{ID: "wrong", Kind: slo.Exclusion, SLOs: []string{"pay/availability"}, From: now.Add(-9 * day), To: now.Add(-8 * day), Reason: "was ours after all", Author: "ben@example.com", Created: now.Add(-8 * day), Removed: now.Add(-7 * day), RemovedBy: "Ida Jung"}},
	}
	p.records = outsideIncidents(now)
	p.health.Rules = []RuleGroup{
		{File: "rules/shop.yml", Name: "shop", Rules: 4, Firing: 1, Evaluated: now.Add(-12 * time.Second), Failing: []RuleFailure{}},
		{File: "rules/batch.yml", Name: "batch", Rules: 2, Evaluated: now.Add(-40 * time.Second), Failing: []RuleFailure{{"batch:done:rate5m", "found duplicate series for the match group"}}},
	}
	p.health.Checkpoints = Checkpoints{Written: 412, Resumed: 6}
	return p
}

// outsideIncidents are one of SLOs without data, one of an alert, and one of an SLO that was removed.
func outsideIncidents(now time.Time) []alerting.Record {
	at := now.Add(-29 * time.Minute)
	alert := slo.NewLabels("instance", "db-3", "severity", "page", "team", "payments")
	lost := slo.NewLabels("region", "atlantis")
	gone := slo.Incident{Key: "90ne", SLO: "old/gone", Severity: slo.Ticket, Groups: []slo.Labels{nil}, Started: now.Add(-4 * day), Opened: now.Add(-4 * day), Closed: now.Add(-4*day + time.Hour), Number: 1}
	return []alerting.Record{
		{Title: "Burnline is blind to job=edge", Summary: "Burnline is blind to job edge since 11:31 UTC: 2 SLOs get no data.",
			Incident: slo.Incident{Key: "b11nd", SLO: "blind/job=edge", Severity: slo.Page, Cause: slo.CauseNoData, SLOs: []string{"edge/probe", "edge/up", "old/gone"}, Groups: []slo.Labels{nil}, Started: at, Opened: at.Add(5 * time.Minute), Number: 1},
			Newest:   alerting.Message{Details: []alerting.Detail{{Name: "usual", Value: "240 events an hour"}}}},
		{Title: "DiskFull", Summary: "DiskFull: the disk of db-3 is full in 2 hours.",
			Incident: slo.Incident{Key: "a1e47", SLO: "alert/DiskFull", Severity: slo.Page, Cause: slo.CauseAlert, Origin: "rules", Team: "payments", Group: alert, Groups: []slo.Labels{alert}, Started: now.Add(-time.Hour), Opened: now.Add(-time.Hour), Number: 1},
			Newest: alerting.Message{Details: []alerting.Detail{{Name: "instance", Value: "db-3"}, {Name: "description", Value: "97 % of /var are used."}},
				Links: []alerting.Link{{Text: "Incident", Href: "https://burnline.example.com/incidents/a1e47"}, {Text: "Source", Href: "https://prometheus.example.com/graph?g0.expr=disk"}, {Text: "Runbook", Href: "javascript:alert(1)"}}}},
		{Title: "old", Summary: "old: 2 in 100 requests failed.", Incident: gone},
		{Title: "cards", Summary: "cards: a region that is no longer there failed.", Incident: slo.Incident{Key: "10st", SLO: "cards/latency/99", Severity: slo.Ticket, Group: lost, Groups: []slo.Labels{lost},
			Started: now.Add(-5 * day), Opened: now.Add(-5 * day), Closed: now.Add(-5*day + time.Hour), Number: 1}},
	}
}
