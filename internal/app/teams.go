package app

import (
	"burnline/alerting/pagerduty"
	"burnline/internal/alertconf"
	"burnline/slo"
)

// teamReceivers makes a receiver for each team that has a PagerDuty key.
func (s *settings) teamReceivers() []alertconf.Receiver {
	var receivers []alertconf.Receiver
	for _, team := range s.Teams {
		if !hasKey(team) {
			continue
		}
		c := pagerduty.Config{RoutingKey: team.PagerDutyKey, RoutingKeyFile: team.PagerDutyKeyFile}
		receivers = append(receivers, alertconf.Receiver{
			Name: teamReceiver(team.Name), Source: team.Source,
			PagerDuty: []pagerduty.Config{c},
		})
	}
	return receivers
}

// teamRoutes sends the incidents of every team to its own receiver, or to that of the
// nearest team above that has one. What no team takes goes the way of the route.
func (s *settings) teamRoutes() map[string]string {
	byName := map[string]slo.Team{}
	for _, team := range s.Teams {
		byName[team.Name] = team
	}
	routes := map[string]string{}
	for _, team := range s.Teams {
		for up, steps := team, 0; steps <= len(s.Teams); steps++ {
			if hasKey(up) {
				routes[team.Name] = teamReceiver(up.Name)
				break
			}
			up = byName[up.Parent]
		}
	}
	return routes
}

func hasKey(t slo.Team) bool { return t.PagerDutyKey != "" || t.PagerDutyKeyFile != "" }

// teamReceiver names a team's own receiver. Rows of the outbox keep it, so it
// must not change.
func teamReceiver(team string) string { return "team/" + team }
