package web

import (
	"slices"
	"strings"

	"burnline/slo"
)

// Teams says who owns SLOs.
type Teams interface {
	// Teams returns the teams of the configuration in force.
	Teams() []slo.Team
}

// teamCard is the team of an SLO with those above it, the nearest first.
type teamCard struct {
	slo.Team
	Parents []string
	// Href is the overview of the team's SLOs.
	Href string
}

// Facts are its owners, its channel and the teams above, where they are known.
func (t teamCard) Facts() []string {
	var facts []string
	if len(t.Owners) > 0 {
		facts = append(facts, strings.Join(t.Owners, ", "))
	}
	if t.SlackChannel != "" {
		facts = append(facts, t.SlackChannel)
	}
	if len(t.Parents) > 0 {
		facts = append(facts, "part of "+strings.Join(t.Parents, ", "))
	}
	return facts
}

func (s *server) teams() []slo.Team {
	if s.Teams == nil {
		return nil
	}
	return s.Teams.Teams()
}

// teamOf describes a team; nil for no name.
func (s *server) teamOf(name string) *teamCard {
	if name == "" {
		return nil
	}
	all := s.teams()
	card := teamCard{Team: slo.Team{Name: name}, Href: overview{Team: name, Sort: "state"}.href("team", name)}
	if i := indexTeam(all, name); i >= 0 {
		card.Team = all[i]
	}
	for up := card.Parent; up != "" && !slices.Contains(card.Parents, up) && up != name; {
		card.Parents = append(card.Parents, up)
		i := indexTeam(all, up)
		if i < 0 {
			break
		}
		up = all[i].Parent
	}
	return &card
}

func indexTeam(all []slo.Team, name string) int {
	return slices.IndexFunc(all, func(t slo.Team) bool { return t.Name == name })
}

// teamNames lists every team that is described or owns an SLO, in order.
func teamNames(all []slo.Team, defs []*slo.Definition) []string {
	var names []string
	for _, t := range all {
		names = append(names, t.Name)
	}
	for _, d := range defs {
		if d.Team != "" {
			names = append(names, d.Team)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// teamDefinitions keeps the SLOs of a team and of those below it; all of them without a name.
func (s *server) teamDefinitions(defs []*slo.Definition, name string) []*slo.Definition {
	if name == "" {
		return defs
	}
	in := slo.Under(s.teams(), name)
	var some []*slo.Definition
	for _, d := range defs {
		if in[d.Team] {
			some = append(some, d)
		}
	}
	return some
}

// teamSentence says how the promises of a team stand, of everybody's without a name.
func teamSentence(name string, all []row, loaded int) string {
	switch {
	case name == "" || loaded == 0:
		return overviewSentence(all)
	case len(all) == 0:
		return "Team " + name + " owns no SLO."
	}
	return "Team " + name + ": " + lower(overviewSentence(all))
}

// teamIncidents keeps the incidents of a team and of those below it, by whose promise it was or
// by the SLOs that are concerned; all of them without a name.
func (s *server) teamIncidents(all []incidentRow, name string) []incidentRow {
	if name == "" {
		return all
	}
	in, owned := slo.Under(s.teams(), name), map[string]bool{}
	for _, d := range s.teamDefinitions(s.Engine.Definitions(), name) {
		owned[d.ID] = true
	}
	var some []incidentRow
	for _, r := range all {
		concerned := in[r.Incident.Team] || owned[r.Incident.SLO]
		for _, id := range r.Incident.SLOs {
			concerned = concerned || owned[id]
		}
		if concerned {
			some = append(some, r)
		}
	}
	return some
}
