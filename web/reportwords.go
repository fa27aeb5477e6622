package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo/report"
)

// Rest are the second and third sentence.
func (v reportView) Rest() []string { return v.Sentences[min(1, len(v.Sentences)):] }

// Standing says in one line what the figures are.
func (v reportView) Standing() string {
	at := v.Made.UTC().Format("2 January 2006 15:04 UTC")
	switch {
	case v.Running:
		return "The period runs until " + v.Period.To.Format("2 January") + "; figures up to " + at + "."
	case v.Revision == 0:
		return "Not closed yet: late data may still change it. Made " + at + "."
	case v.Revision == 1:
		return "Closed as revision 1 on " + at + "."
	}
	return fmt.Sprintf("Revision %d of %s, because %s.", v.Revision, at, v.Reason)
}

// Span is the period with its bounds.
func (v reportView) Span() string {
	zone, err := time.LoadLocation(v.Zone)
	if err != nil {
		zone = time.UTC
	}
	return v.Period.From.In(zone).Format("2 Jan 2006 15:04") + " – " + v.Period.To.In(zone).Format("2 Jan 2006 15:04") + " (" + v.Zone + ")"
}

// line returns an SLO's line.
func (v reportView) line(id string) *report.Line {
	if i := slices.IndexFunc(v.SLOs, func(l report.Line) bool { return l.ID == id }); i >= 0 {
		return &v.SLOs[i]
	}
	return nil
}

// Top are the SLOs that spent most, with their incidents.
func (v reportView) Top() []reportConsumer {
	var all []reportConsumer
	for _, id := range v.Consumers {
		l := v.line(id)
		if l == nil {
			continue
		}
		one := reportConsumer{Line: *l}
		for _, in := range v.Incidents {
			if in.SLO == id || slices.Contains(in.SLOs, id) {
				one.Incidents = append(one.Incidents, in)
			}
		}
		all = append(all, one)
	}
	return all
}

// reportConsumer is an SLO with the incidents that it had.
type reportConsumer struct {
	report.Line
	Incidents []report.Incident
}

// shownSLOs and shownIncidents bound the tables of a page; the files have all.
const (
	shownSLOs      = 500
	shownIncidents = 50
)

// Lines are the SLOs that the page shows, and LinesLeft how many it doesn't.
func (v reportView) Lines() []report.Line { return v.SLOs[:min(len(v.SLOs), shownSLOs)] }

// LinesLeft counts the SLOs that the page leaves out.
func (v reportView) LinesLeft() int { return max(0, len(v.SLOs)-shownSLOs) }

// Worst are the incidents that the page shows.
func (v reportView) Worst() []report.Incident {
	return v.Incidents[:min(len(v.Incidents), shownIncidents)]
}

// WorstLeft counts the incidents that the page leaves out.
func (v reportView) WorstLeft() int { return max(0, len(v.Incidents)-shownIncidents) }

// Times writes a median and the worst.
func (v reportView) Times(t report.Times) string {
	if t.Count == 0 {
		return "–"
	}
	return span(t.Median) + ", at worst " + span(t.Worst)
}

// Lasted writes how long an incident lasted.
func (v reportView) Lasted(in report.Incident) string {
	if in.Closed.IsZero() {
		return span(v.Made.Sub(in.Started)) + ", open"
	}
	return span(in.Closed.Sub(in.Started))
}

// Look is the state's picture of Burnline's pages that a health has.
func (v reportView) Look(h report.Health) string {
	switch h {
	case report.Healthy:
		return "ok"
	case report.AtRisk:
		return "burning"
	case report.Exhausted:
		return "spent"
	}
	return "missing"
}

// cellPart is one part of the bar of a cell of the matrix, in hundredths of its width.
type cellPart struct {
	Look, Word string
	N          int
	X, Width   float64
}

// Parts are the parts of a cell, worst first.
func (v reportView) Parts(c report.Cell) []cellPart {
	var parts []cellPart
	x := 0.0
	for _, p := range []cellPart{
		{Look: "spent", Word: string(report.Exhausted), N: c.Exhausted}, {Look: "burning", Word: string(report.AtRisk), N: c.AtRisk},
		{Look: "missing", Word: string(report.Unknown), N: c.NoData}, {Look: "ok", Word: string(report.Healthy), N: c.Healthy},
	} {
		if p.N > 0 {
			p.X, p.Width = x, 100*float64(p.N)/float64(c.All())
			x += p.Width
			parts = append(parts, p)
		}
	}
	return parts
}

// Scope says whose SLOs the report is about.
func (v reportView) Scope() string {
	if v.Team == "" {
		return "all teams"
	}
	return "team " + v.Team
}

// ChangeWords say what happened to a promise.
func (v reportView) ChangeWords(c report.PromiseChange) string {
	if len(c.Words) > 0 {
		return c.Kind + ": " + strings.Join(c.Words, "; ")
	}
	return c.Kind
}
