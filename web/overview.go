package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"burnline/slo"
)

// overview is the model of the first page: every budget, and what is open.
type overview struct {
	choice
	paged
	Sentence string
	Open     openList
	// OpenError says that incidents can't be read.
	OpenError string
	Tally     []tally
	Map       []service
	Columns   []heading
	// Selects are what may be chosen, Chips what is chosen without one.
	Selects []choosing
	Chips   []chip
	// Hidden are the parameters of the address that the form does not ask for.
	Hidden []slo.Label
	// Bys are the ways to group, Sizes the lengths of a page.
	Bys, Sizes []link
	// FoldAll and OpenAll fold all groups and none; "" where the list is not grouped.
	FoldAll, OpenAll string
	// Loaded counts all budgets, Total those that the choice is about, and Found those that are
	// listed.
	Loaded, Total, Found int
	// Setup says where files and telemetry go, for the page without SLOs.
	Setup Health
}

// link is one of several ways to show the list.
type link struct {
	Text, Href string
	Active     bool
}

// chip is a part of the choice that may be taken back.
type chip struct{ Text, Href string }

// choosing is a field in which one value of a trait is chosen.
type choosing struct {
	Name, Value, Any string
	// Options are the values; none where there are too many to list.
	Options []string
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

const (
	// mapAll is up to how many budgets the map shows all of; of more it shows the most urgent
	// that are not ok, mapMost at most.
	mapAll  = 200
	mapMost = 200
	// mostOptions bounds what a field lists; more are typed.
	mostOptions = 200
)

func (s *server) overviewPage(c *gin.Context) {
	f, v := s.fleet(), s.sieve(choose(c.Request.URL.Query()))
	m := overview{choice: v.choice, Loaded: len(f.rows)}
	if m.Loaded == 0 {
		m.Setup = s.System.Health(c.Request.Context())
	}
	count := m.standing(f, v)
	m.Tally = tallies(count, func(st slo.State) (string, bool) {
		active := string(st) == v.State
		return v.with(func(c *choice) {
			c.State = string(st)
			if active {
				c.State = ""
			}
		}).href(), active
	})
	found := v.found(f)
	m.Found = len(found)
	if m.Found > 0 {
		m.paged = v.pageOf(f, found)
	}
	m.offer(s, f)
	var err error
	if m.Open, err = s.openIncidents(c, func(all []incidentRow) []incidentRow { return v.concerning(f, all) }, v.everything()); err != nil {
		m.OpenError = err.Error()
	}
	s.show(c, http.StatusOK, "overview", "SLOs", "slos", m)
}

// standing tells how everything stands that the choice is about, and returns how many budgets are
// in each state.
func (m *overview) standing(f *fleet, v sieve) map[slo.State]int {
	if v.everything() {
		count, sentence := f.sum()
		m.Total, m.Sentence, m.Map = len(f.rows), sentence, f.mapped(f.order("name"))
		return count
	}
	scope := v.scope(f)
	m.Total, m.Map = len(scope), f.mapped(scope)
	m.Sentence = v.named(overviewSentence(f.rows, scope), m.Loaded, len(scope))
	return f.count(scope)
}

// named says of whom a sentence speaks.
func (v sieve) named(sentence string, loaded, n int) string {
	team, alone := v.Traits[byTeam], len(v.Traits) == 1 && len(v.Labels) == 0
	switch {
	case loaded == 0:
		return sentence
	case alone && team != "" && n == 0:
		return "Team " + team + " owns no SLO."
	case alone && team != "":
		return "Team " + team + ": " + lower(sentence)
	case n == 0:
		return "No SLO is of " + v.chosen() + "."
	}
	return "Of " + v.chosen() + ": " + lower(sentence)
}

// chosen names what was chosen: service checkout, tier 1.
func (v sieve) chosen() string {
	var parts []string
	for _, t := range traits() {
		if value := v.Traits[t]; value != "" {
			parts = append(parts, string(t)+" "+value)
		}
	}
	for _, l := range v.Labels {
		parts = append(parts, l.Name+"="+l.Value)
	}
	return strings.Join(parts, ", ")
}

// mapped are the lines of the map for some rows, which are in order of name: all of them, or
// where they are too many for one look, the most urgent that are not ok.
func (f *fleet) mapped(some []int) []service {
	if len(some) > mapAll {
		var bad []int
		for _, i := range some {
			if f.shown[i] != slo.StateOK {
				bad = append(bad, i)
			}
		}
		slices.SortStableFunc(bad, func(a, b int) int { return lookOf(f.shown[a]).Rank - lookOf(f.shown[b]).Rank })
		some = bad[:min(len(bad), mapMost)]
		slices.Sort(some)
	}
	var out []service
	for _, i := range some {
		r := f.rows[i]
		if n := len(out); n == 0 || out[n-1].Name != r.Def.Service {
			out = append(out, service{Name: r.Def.Service})
		}
		out[len(out)-1].Rows = append(out[len(out)-1].Rows, r)
	}
	return out
}

// Listed says what of all budgets the page lists.
func (m overview) Listed() string {
	text := plural(m.Total, "budget", "budgets")
	if m.Found != m.Total {
		text = grouped(float64(m.Found)) + " of " + text
	}
	if m.Pages < 2 {
		return text
	}
	text += ", " + grouped(float64(m.First)) + "–" + grouped(float64(m.Last)) + " shown"
	if m.Lines != m.Found {
		text += " of " + plural(m.Lines, "line", "lines") // folded groups are one each
	}
	return text
}
