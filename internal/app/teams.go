package app

import (
	"fmt"
	"time"

	"burnline/alerting"
	"burnline/alerting/pagerduty"
	"burnline/slo"
)

// buildTeams makes a receiver for each team that has a PagerDuty key, and sends the
// incidents of every other team to the nearest team above that has one. What no
// team takes goes the way of the route.
func (s *settings) buildTeams() []error {
	var errs []error
	byName := map[string]slo.Team{}
	for _, team := range s.Teams {
		byName[team.Name] = team
	}
	s.alerting.Teams = map[string]string{}
	for _, team := range s.Teams {
		if hasKey(team) {
			errs = append(errs, s.buildTeam(team)...)
		}
		for up, steps := team, 0; steps <= len(s.Teams); steps++ {
			if hasKey(up) {
				s.alerting.Teams[team.Name] = teamReceiver(up.Name)
				break
			}
			up = byName[up.Parent]
		}
	}
	return errs
}

func hasKey(t slo.Team) bool { return t.PagerDutyKey != "" || t.PagerDutyKeyFile != "" }

// teamReceiver names a team's own receiver. Rows of the outbox keep it, so it
// must not change.
func teamReceiver(team string) string { return "team/" + team }

// buildTeam makes the receiver of one team.
func (s *settings) buildTeam(team slo.Team) []error {
	c := pagerduty.DefaultConfig()
	c.RoutingKey, c.RoutingKeyFile = team.PagerDutyKey, team.PagerDutyKeyFile
	c.URL = s.Config.Alerting.Global.PagerDutyURL
	sender, err := pagerduty.New(c, pagerduty.Options{Now: time.Now})
	if err != nil {
		return []error{fmt.Errorf("%s:%d: team %s: %w", team.Source.File, team.Source.Line, team.Name, err)}
	}
	receiver, name := teamReceiver(team.Name), integrationName("pagerduty", 0)
	s.senders[senderKey(receiver, name)] = sender
	s.alerting.Receivers = append(s.alerting.Receivers, alerting.ReceiverConfig{Name: receiver, Integrations: []alerting.Integration{{Name: name}}})
	return nil
}
