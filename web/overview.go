package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"burnline/slo"
)

// overview is the model of the first page: every budget, and what is open.
type overview struct {
	Sentence string
	Open     openList
	// OpenError says that incidents can't be read.
	OpenError string
	Tally     []tally
	Map       []service
	Rows      []row
	Columns   []heading
	// Query, State, Team and Sort are what the URL holds; a team stands for those below it too.
	Query, State, Team, Sort string
	// Teams are those that may be chosen.
	Teams []string
	// Total counts all budgets and Found those that pass the filter; Rows ends
	// after maxRows.
	Total, Found int
	// Setup says where files and telemetry go, for the page without SLOs.
	Setup Health
}

// tally counts the budgets in one state; it links to the filter for them.
type tally struct {
	State  slo.State
	Look   look
	Count  int
	Href   string
	Active bool
}

// service is one line of the map: a service's budgets as shapes.
type service struct {
	Name string
	Rows []row
}

// heading is a column's head: a link that sorts by it, or turns its order round.
type heading struct {
	column
	Href string
	// Order is ascending, descending or none, as aria-sort has it.
	Order string
}

// maxRows bounds the table, so that a page stays quick with any number of SLOs.
const maxRows = 500

// mapped are the rows that the map shows: all, or where they are too many for
// one look, those that are not ok.
func mapped(all []row) []row {
	if len(all) <= maxRows {
		return all
	}
	var some []row
	for _, r := range all {
		if r.Shown() != slo.StateOK && len(some) < maxRows {
			some = append(some, r)
		}
	}
	return some
}

func (s *server) overviewPage(c *gin.Context) {
	defs := s.Engine.Definitions()
	m := overview{
		Team:  c.Query("team"),
		Teams: teamNames(s.teams(), defs),
		Query: strings.TrimSpace(c.Query("q")),
		State: c.Query("state"),
		Sort:  c.DefaultQuery("sort", "state"),
		Setup: s.System.Health(c.Request.Context()),
	}
	all := rows(s.teamDefinitions(defs, m.Team), s.Engine.Statuses())
	m.Total = len(all)
	sortRows(all, "name")
	m.Map = byService(mapped(all))
	m.Tally = tallies(all, m)
	m.Sentence = teamSentence(m.Team, all, len(defs))
	for _, r := range all {
		if r.matches(m.Query) && (m.State == "" || string(r.Shown()) == m.State) {
			m.Rows = append(m.Rows, r)
		}
	}
	sortRows(m.Rows, m.Sort)
	m.Found = len(m.Rows)
	m.Rows = m.Rows[:min(len(m.Rows), maxRows)]
	m.Columns = headings(m)
	var err error
	if m.Open, err = s.openIncidents(c, m.Team); err != nil {
		m.OpenError = err.Error()
	}
	s.show(c, http.StatusOK, "overview", "SLOs", "slos", m)
}

// href is the overview's address with one parameter changed.
func (m overview) href(key, value string) string {
	q := url.Values{}
	for k, v := range map[string]string{"q": m.Query, "state": m.State, "team": m.Team, "sort": m.Sort} {
		if k == key {
			v = value
		}
		if v != "" && (k != "sort" || v != "state") {
			q.Set(k, v)
		}
	}
	return address("/", q)
}

// AnyState is the overview's address without the filter by state.
func (m overview) AnyState() string { return m.href("state", "") }

// AnyTeam is the overview's address without the filter by team.
func (m overview) AnyTeam() string { return m.href("team", "") }

// headings links every column to its order.
func headings(m overview) []heading {
	var hs []heading
	for _, col := range columns() {
		h := heading{column: col, Href: m.href("sort", col.Key), Order: "none"}
		switch m.Sort {
		case col.Key:
			h.Href, h.Order = m.href("sort", "-"+col.Key), "ascending"
		case "-" + col.Key:
			h.Order = "descending"
		}
		hs = append(hs, h)
	}
	return hs
}

// tallies counts rows by state, most urgent first, and leaves out states that
// nothing is in.
func tallies(all []row, m overview) []tally {
	count := map[slo.State]int{}
	for _, r := range all {
		count[r.Shown()]++
	}
	var ts []tally
	for st, n := range count {
		t := tally{State: st, Look: lookOf(st), Count: n, Active: string(st) == m.State, Href: m.href("state", string(st))}
		if t.Active {
			t.Href = m.href("state", "")
		}
		ts = append(ts, t)
	}
	slices.SortFunc(ts, func(a, b tally) int { return a.Look.Rank - b.Look.Rank })
	return ts
}

// byService splits rows, sorted by name, at each new service.
func byService(sorted []row) []service {
	var out []service
	for _, r := range sorted {
		if len(out) == 0 || out[len(out)-1].Name != r.Def.Service {
			out = append(out, service{Name: r.Def.Service})
		}
		last := &out[len(out)-1]
		last.Rows = append(last.Rows, r)
	}
	return out
}
