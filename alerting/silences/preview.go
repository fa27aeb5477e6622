package silences

import (
	"fmt"
	"math"
	"slices"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// LookBack is how far back a preview looks.
const LookBack = 7 * 24 * time.Hour

// World is what there is for silences to keep quiet, at one moment.
type World struct {
	At time.Time
	// Definitions are the SLOs, Statuses the newest of all their groups.
	Definitions []*slo.Definition
	Statuses    []slo.Status
	// Incidents are those that are open, and those that were at some moment since
	// LookBack; without incidents that nobody could have been told of.
	Incidents []alerting.Record
	// Alerts are the labels of the outside alerts that fire. One of a group may be
	// matched by a silence that its incident, which has the group's labels, is not.
	Alerts []slo.Labels
}

// Muted is an incident that a silence keeps quiet, or would have.
type Muted struct {
	Key      string       `json:"key"`
	Title    string       `json:"title"`
	SLO      string       `json:"slo"`
	Team     string       `json:"team"`
	Severity slo.Severity `json:"severity"`
	Opened   time.Time    `json:"opened"`
	// Closed is zero while it is open.
	Closed time.Time `json:"closed,omitzero"`
}

// MutedSLO is an SLO whose pages or tickets a silence would keep quiet.
type MutedSLO struct {
	ID   string `json:"id"`
	Team string `json:"team"`
	// Groups are those of an SLO with group_by that are concerned, of OfGroups.
	Groups   []slo.Labels `json:"groups,omitempty"`
	OfGroups int          `json:"of_groups"`
	// Pages and Tickets say which of them are kept quiet.
	Pages   bool `json:"pages"`
	Tickets bool `json:"tickets"`
	// Burn is the highest burn rate over any policy window of the groups concerned; 0
	// where none is known.
	Burn float64 `json:"burn"`
}

// Preview is what a silence keeps quiet now, and would have in the last week.
type Preview struct {
	// Open are the open incidents that it matches, of OfOpen that are open.
	Open   []Muted `json:"open"`
	OfOpen int     `json:"of_open"`
	// Alerts counts the outside alerts that fire and that it matches, of OfAlerts.
	Alerts   int `json:"alerts"`
	OfAlerts int `json:"of_alerts"`
	// SLOs are those of whose messages it matches some, of OfSLOs that there are.
	SLOs   []MutedSLO `json:"slos"`
	OfSLOs int        `json:"of_slos"`
	// Week are the incidents of the last week that it matches, the newest first, of
	// OfWeek that there were; those that are open are among them.
	Week   []Muted `json:"week"`
	OfWeek int     `json:"of_week"`
	// Ceiling is the burn rate above which an SLO's page is told all the same; 0 is none.
	Ceiling float64 `json:"ceiling"`
	// Wide says why it has to be confirmed; "" where it does not.
	Wide string `json:"wide,omitempty"`
	// Limits are those that hold for it.
	Limits Limits `json:"limits"`
}

// Look says what a silence would keep quiet in the world, whenever it may begin.
func Look(s *alerting.Silence, w World, l Limits) Preview {
	p := Preview{Open: []Muted{}, SLOs: []MutedSLO{}, Week: []Muted{}, OfSLOs: len(w.Definitions), OfAlerts: len(w.Alerts), Limits: l}
	for _, ls := range w.Alerts {
		if s.Matches(ls) {
			p.Alerts++
		}
	}
	definitions := w.definitions()
	for _, r := range w.Incidents {
		in := r.Incident
		open := in.Closed.IsZero()
		if !open && in.Closed.Before(w.At.Add(-LookBack)) {
			continue
		}
		p.OfWeek++
		if open {
			p.OfOpen++
		}
		if !s.Matches(labelsOf(r, definitions[in.SLO])) {
			continue
		}
		m := Muted{Key: in.Key, Title: r.Title, SLO: in.SLO, Team: in.Team, Severity: in.Severity, Opened: in.Opened, Closed: in.Closed}
		p.Week = append(p.Week, m)
		if open {
			p.Open = append(p.Open, m)
		}
	}
	newestFirst := func(a, b Muted) int { return b.Opened.Compare(a.Opened) }
	slices.SortStableFunc(p.Week, newestFirst)
	slices.SortStableFunc(p.Open, newestFirst)
	p.SLOs = append(p.SLOs, mutedSLOs(s, w)...)
	p.Wide = l.wide(&p)
	p.Ceiling = l.ceiling(&p)
	return p
}

// matches reports whether the silence matches an alert that fires or an open incident of the world,
// and whether any incident that was open since it began.
func matches(s *alerting.Silence, w World) (open, ever bool) {
	for _, ls := range w.Alerts {
		if s.Matches(ls) {
			return true, true
		}
	}
	definitions := w.definitions()
	for _, r := range w.Incidents {
		in := r.Incident
		if !in.Closed.IsZero() && in.Closed.Before(s.StartsAt) || !s.Matches(labelsOf(r, definitions[in.SLO])) {
			continue
		}
		ever = true
		open = open || in.Closed.IsZero()
	}
	return open, ever
}

// definitions are the SLOs by their ID.
func (w *World) definitions() map[string]*slo.Definition {
	all := make(map[string]*slo.Definition, len(w.Definitions))
	for _, d := range w.Definitions {
		all[d.ID] = d
	}
	return all
}

// labelsOf are those by which the incident was routed; of one from before they were kept,
// those that it would have now.
func labelsOf(r alerting.Record, d *slo.Definition) slo.Labels {
	if len(r.Newest.Labels) > 0 {
		return r.Newest.Labels
	}
	return alerting.Labels(r.Incident, d)
}

// mutedSLOs returns the SLOs of whose messages the silence matches some.
func mutedSLOs(s *alerting.Silence, w World) []MutedSLO {
	groups := map[string][]slo.Status{}
	for _, st := range w.Statuses {
		groups[st.ID] = append(groups[st.ID], st)
	}
	var all []MutedSLO
	for _, d := range w.Definitions {
		states := groups[d.ID]
		if len(states) == 0 {
			states = []slo.Status{{ID: d.ID}} // nothing was counted yet; its messages come all the same
		}
		m := MutedSLO{ID: d.ID, Team: d.Team, OfGroups: len(states)}
		for _, st := range states {
			m.add(s, d, &st)
		}
		if m.Pages || m.Tickets {
			all = append(all, m)
		}
	}
	return all
}

// add adds one group of the SLO where the silence matches what would be told of it.
func (m *MutedSLO) add(s *alerting.Silence, d *slo.Definition, st *slo.Status) {
	concerned := false
	for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
		for _, cause := range []slo.Cause{slo.CauseBurn, slo.CauseNoData} {
			in := slo.Incident{SLO: d.ID, Severity: severity, Team: d.Team, Cause: cause, Group: st.Group}
			if !s.Matches(alerting.Labels(in, d)) {
				continue
			}
			concerned = true
			m.Pages = m.Pages || severity == slo.Page
			m.Tickets = m.Tickets || severity == slo.Ticket
		}
	}
	if !concerned {
		return
	}
	if len(st.Group) > 0 {
		m.Groups = append(m.Groups, st.Group)
	}
	for _, p := range st.Policies {
		for _, b := range []slo.Burn{p.Long, p.Short} {
			if b.Known {
				m.Burn = max(m.Burn, b.Rate)
			}
		}
	}
}

// wide says that a silence mutes so much that somebody has to confirm it; "" where it does not.
func (l Limits) wide(p *Preview) string {
	over := func(n, of int) bool { return n > l.Few && float64(n) > l.MaxBreadth*float64(of) }
	slos, open := over(len(p.SLOs), p.OfSLOs), over(len(p.Open), p.OfOpen)
	switch {
	case slos && open:
		return fmt.Sprintf("it mutes %d of %d SLOs and %d of %d open incidents", len(p.SLOs), p.OfSLOs, len(p.Open), p.OfOpen)
	case slos:
		return fmt.Sprintf("it mutes %d of %d SLOs", len(p.SLOs), p.OfSLOs)
	case open:
		return fmt.Sprintf("it mutes %d of %d open incidents", len(p.Open), p.OfOpen)
	}
	return ""
}

// ceiling is the burn rate above which an SLO's page is told where nobody chose one.
func (l Limits) ceiling(p *Preview) float64 {
	if l.Ceiling == 0 {
		return 0
	}
	highest := l.Ceiling
	for _, m := range p.SLOs {
		highest = max(highest, 2*m.Burn)
	}
	return math.Ceil(highest)
}
