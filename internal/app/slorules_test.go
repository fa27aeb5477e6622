package app

import (
	"testing"
	"time"

	promrules "github.com/prometheus/prometheus/rules"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"

	"burnline/slo"
)

// The policies of an SLO are shown as the engine judged them: a page that the low-traffic
// guard made a ticket is a ticket, and what can't be judged is not ok.
func TestPoliciesAreShownAsRules(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
	d := &slo.Definition{ID: "shop/buy", Service: "shop", Objective: 99.9, Window: slo.Window{Rolling: 30 * 24 * time.Hour},
		Policies: slo.DefaultPolicies(30 * 24 * time.Hour), Source: slo.Source{File: "slos/shop.yaml"}}
	fires := slo.PolicyStatus{Policy: d.Policies[0], Firing: true, Severity: slo.Ticket, Reason: "burn 20", Long: slo.Burn{Rate: 20, Known: true}}
	calm := slo.PolicyStatus{Policy: d.Policies[1], Severity: slo.Page}
	statuses := []slo.Status{
		{ID: d.ID, Group: slo.NewLabels("region", "eu"), At: at, State: slo.StateBurning, Policies: []slo.PolicyStatus{fires, calm},
			Open: []slo.Incident{{Started: at.Add(-time.Minute)}}},
		{ID: d.ID, Group: slo.NewLabels("region", "us"), At: at, State: slo.StateOK, Policies: []slo.PolicyStatus{calm, calm}},
	}
	group := sloGroup(d, statuses)
	if group.Name != "shop/buy" || group.File != "slos/shop.yaml" || len(group.Rules) != 4 || !group.LastEvaluation.Equal(at) {
		t.Fatalf("the group is %+v", group)
	}
	first, second := group.Rules[0].(apiv1.AlertingRule), group.Rules[1].(apiv1.AlertingRule)
	if first.State != "firing" || second.State != "inactive" || first.Health != promrules.HealthGood || len(first.Alerts) != 1 {
		t.Fatalf("the rules are %+v and %+v", first, second)
	}
	a := first.Alerts[0]
	if a.Labels.Get("severity") != "ticket" || a.Labels.Get("region") != "eu" || a.Labels.Get("alertname") != first.Name ||
		!a.ActiveAt.Equal(at.Add(-time.Minute)) || a.Value != "2e+01" {
		t.Errorf("the alert is %+v", a)
	}
	for state, want := range map[slo.State]promrules.RuleHealth{
		slo.StateBroken: promrules.HealthBad, slo.StateMissing: promrules.HealthBad, slo.StateUnseen: promrules.HealthUnknown, slo.StateIdle: promrules.HealthGood,
	} {
		if health, _ := healthOf([]slo.Status{{State: state, Reason: "why"}}); health != want {
			t.Errorf("%s is shown as %s, want %s", state, health, want)
		}
	}
}
