package app

import (
	"fmt"
	"slices"

	"burnline/alerting"
	"burnline/slo"
)

// shadow says who is not told for real: as the configuration has it, and the teams' files.
func (s *settings) shadow() alerting.Shadow {
	shadow := alerting.Shadow{On: s.Config.Alerting.Shadow, Live: slices.Clone(s.Config.Alerting.Live)}
	for _, team := range s.Teams {
		if team.Live && !slices.Contains(shadow.Live, team.Name) {
			shadow.Live = append(shadow.Live, team.Name)
		}
	}
	slices.Sort(shadow.Live)
	return shadow
}

// strangers warns of teams under alerting.live of which no file tells: a typing error leaves
// a team in shadow mode.
func (s *settings) strangers() slo.Findings {
	var findings slo.Findings
	for i, name := range s.Config.Alerting.Live {
		known := slices.ContainsFunc(s.Teams, func(t slo.Team) bool { return t.Name == name }) ||
			slices.ContainsFunc(s.Definitions, func(d slo.Definition) bool { return d.Team == name })
		if !known {
			findings = append(findings, slo.Finding{
				Source: slo.Source{File: s.ConfigPath}, Path: fmt.Sprintf("alerting.live[%d]", i), Level: slo.LevelWarning,
				Message: fmt.Sprintf("no SLO and no teams' file names a team %q, so only alerts with that label team are sent", name),
				Instead: "write a team's name as its SLOs do",
			})
		}
	}
	return findings
}

// shadow says who is not told for real by the configuration in force.
func (p *parts) shadow() alerting.Shadow { return p.set.Load().alerting.Shadow }
