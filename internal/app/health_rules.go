package app

import (
	"github.com/prometheus/prometheus/rules"

	"burnline/web"
)

// ruleGroups says how the users' rules fare.
func ruleGroups(groups []*rules.Group) []web.RuleGroup {
	all := []web.RuleGroup{}
	for _, g := range groups {
		one := web.RuleGroup{File: g.File(), Name: g.Name(), Evaluated: g.GetLastEvaluation(), Failing: []web.RuleFailure{}}
		for _, r := range g.Rules() {
			one.Rules++
			if err := r.LastError(); err != nil {
				one.Failing = append(one.Failing, web.RuleFailure{Rule: r.Name(), Error: err.Error()})
			}
		}
		for _, r := range g.AlertingRules() {
			for _, a := range r.ActiveAlerts() {
				if a.State == rules.StateFiring {
					one.Firing++
				}
			}
		}
		all = append(all, one)
	}
	return all
}
