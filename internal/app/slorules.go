package app

import (
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	promrules "github.com/prometheus/prometheus/rules"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"

	"burnline/rules"
	"burnline/slo"
)

// judgedEvery is at least how often the engine judges an SLO, for views that
// want an interval.
const judgedEvery = 15 * time.Second

// sloRules shows the policies of the SLOs as alerting rules: what fires is what the
// engine says, with its low-traffic guard; the queries are what a Prometheus would ask.
func (p *parts) sloRules() []*apiv1.RuleGroup {
	statuses := map[string][]slo.Status{}
	for _, s := range p.engine.Statuses() {
		statuses[s.ID] = append(statuses[s.ID], s)
	}
	var groups []*apiv1.RuleGroup
	for _, d := range p.engine.Definitions() {
		if len(d.Policies) > 0 {
			groups = append(groups, sloGroup(d, statuses[d.ID]))
		}
	}
	return groups
}

// sloGroup shows one SLO.
func sloGroup(d *slo.Definition, statuses []slo.Status) *apiv1.RuleGroup {
	group := &apiv1.RuleGroup{Name: d.ID, File: d.Source.File, Interval: judgedEvery.Seconds()}
	health, why := healthOf(statuses)
	for _, s := range statuses {
		if s.At.After(group.LastEvaluation) {
			group.LastEvaluation = s.At
		}
	}
	for i, rule := range rules.Alerts(d) {
		shown := apiv1.AlertingRule{
			State: "inactive", Name: rule.Alert, Query: rule.Expr, KeepFiringFor: rule.KeepFiringFor.Seconds(),
			Labels: labels.FromMap(rule.Labels), Annotations: labels.FromMap(rule.Annotations), Alerts: []*apiv1.Alert{},
			Health: health, LastError: why, LastEvaluation: group.LastEvaluation, Type: "alerting",
		}
		for _, s := range statuses {
			if i < len(s.Policies) && s.Policies[i].Firing {
				shown.State = "firing"
				shown.Alerts = append(shown.Alerts, sloAlert(rule, s, s.Policies[i]))
			}
		}
		group.Rules = append(group.Rules, shown)
	}
	return group
}

// sloAlert shows that a policy fires for a group, with the severity in effect.
func sloAlert(rule rules.Rule, s slo.Status, fires slo.PolicyStatus) *apiv1.Alert {
	b := labels.NewBuilder(labels.FromMap(rule.Labels))
	for _, l := range s.Group {
		b.Set(l.Name, l.Value)
	}
	b.Set(labels.AlertName, rule.Alert).Set("severity", string(fires.Severity))
	since := s.Since
	for _, inc := range s.Open {
		since = inc.Started
	}
	return &apiv1.Alert{
		Labels: b.Labels(), Annotations: labels.FromStrings("summary", s.ID+": "+fires.Reason), State: "firing",
		ActiveAt: &since, Value: strconv.FormatFloat(fires.Long.Rate, 'e', -1, 64),
	}
}

// healthOf says whether the SLO can be judged: what is unknown is not ok.
func healthOf(statuses []slo.Status) (promrules.RuleHealth, string) {
	health := promrules.HealthUnknown
	for _, s := range statuses {
		switch {
		case s.State == slo.StateBroken, s.State == slo.StateMissing:
			return promrules.HealthBad, s.Reason
		case s.State != slo.StateUnseen:
			health = promrules.HealthGood
		}
	}
	return health, ""
}
