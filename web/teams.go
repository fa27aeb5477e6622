package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

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

// TeamsJSON are the teams of the teams' file, as it has them.
type TeamsJSON struct {
	Teams []slo.Team `json:"teams"`
}

// teamRoutes are who owns SLOs; none where nothing says so.
func (s *server) teamRoutes() []route {
	if s.Teams == nil {
		return nil
	}
	return []route{api(http.MethodGet, "/api/v1/teams", toShow, s.apiTeams, operation{
		summary: "The teams with their owners, channels and the team above each; a team that only SLOs name is not among them", answer: TeamsJSON{},
	})}
}

func (s *server) apiTeams(c *gin.Context) {
	out := TeamsJSON{Teams: append([]slo.Team{}, s.Teams.Teams()...)}
	for i, t := range out.Teams {
		out.Teams[i].Owners = append([]string{}, t.Owners...)
	}
	c.JSON(http.StatusOK, out)
}

func (s *server) teams() []slo.Team {
	if s.Teams == nil {
		return nil
	}
	return s.Teams.Teams()
}

// teamNames are the names of all teams, those that own SLOs and those that are configured, in order.
func (s *server) teamNames() []string {
	var all []string
	for _, d := range s.Engine.Definitions() {
		if d.Team != "" {
			all = append(all, d.Team)
		}
	}
	for _, t := range s.teams() {
		all = append(all, t.Name, t.Parent)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(name string) bool { return name == "" })
}

// teamOf describes a team; nil for no name.
func (s *server) teamOf(name string) *teamCard {
	if name == "" {
		return nil
	}
	all := s.teams()
	card := teamCard{Team: slo.Team{Name: name}, Href: choice{Traits: map[trait]string{byTeam: name}, Sort: usualOrder, Page: 1, Size: sizes()[0]}.href()}
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
func teamNames(all []slo.Team, owning []string) []string {
	names := slices.Clone(owning)
	for _, t := range all {
		names = append(names, t.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// concerning keeps the incidents of definitions that a choice is about, by whose promise it was
// or by the SLOs that are concerned; all of them where it is about everything.
func (v sieve) concerning(f *fleet, all []incidentRow) []incidentRow {
	if v.everything() {
		return all
	}
	ofTeam := len(v.Traits) == 1 && len(v.Labels) == 0 // an incident itself says only whose it is
	var some []incidentRow
	for _, r := range all {
		concerned := ofTeam && v.teams[r.Incident.Team]
		for _, id := range append(slices.Clone(r.Incident.SLOs), r.Incident.SLO) {
			d := f.of(id)
			concerned = concerned || d != nil && v.about(d)
		}
		if concerned {
			some = append(some, r)
		}
	}
	return some
}
