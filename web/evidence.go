package web

import (
	"fmt"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// evidenceModel is what an incident's page shows of customers, places and changes.
type evidenceModel struct {
	// At is as of when it is, and Live says that it is kept up to date.
	At   time.Time
	Live bool
	// Figures are the numbers of the impact, each with how sure it is.
	Figures []evidenceFigure
	// Unknown says what is not known, and why.
	Unknown []string
	Parts   []evidenceParts
	// Places explain the failures; Verdict is said where there is none.
	Places   []evidencePlace
	Verdict  string
	Compared string
	Changes  []evidenceChange
	Traces   []evidenceTrace
	// There heads the share of events that are bad in a place.
	There string
}

// evidenceFigure is one number: "312 of 1,204", "customers hurt", "exact".
type evidenceFigure struct{ Name, Value, Sure string }

// evidenceParts are the values of one attribute that suffer.
type evidenceParts struct {
	Name string
	Rows []evidencePart
}

type evidencePart struct {
	Name, Failed, Total, Ratio string
	// Width is the share of the failures in percent.
	Width float64
}

type evidencePlace struct{ Labels, Inside, Outside, Before, Share string }

type evidenceChange struct{ Title, When, Why, By, Href string }

type evidenceTrace struct {
	Href, ID, What string
	At             time.Time
	Took           string
	Explained      bool
	// Again is true where one before it says the same, so that the page need not.
	Again bool
}

// evidenceOf is what is known of an incident; nil where it is of no SLO that burns.
func (s *server) evidenceOf(r alerting.Record, d *slo.Definition) *evidenceModel {
	if in := r.Incident; in.Cause != "" && in.Cause != slo.CauseBurn || alerting.Drilled(in.SLO) {
		return nil
	}
	e, live := s.newestEvidence(r)
	if e == nil {
		return &evidenceModel{Unknown: []string{"Whom it hurts and where is not known: no spans of its service arrive."}}
	}
	m := &evidenceModel{At: e.AsOf, Live: live, There: "Fail there"}
	if d != nil && d.SLI.Latency != nil {
		m.There = "Slow there"
	}
	m.impact(e.Impact)
	m.where(e.Where)
	for _, c := range e.Changes {
		m.Changes = append(m.Changes, changeOf(c))
	}
	said := map[string]bool{}
	for _, x := range e.Examples {
		m.Traces = append(m.Traces, evidenceTrace{Again: said[x.What], Href: "/traces/" + x.Trace, ID: x.Trace, What: x.What, At: x.At, Took: alerting.Threshold(x.Duration.Round(time.Microsecond)), Explained: x.Explained})
		said[x.What] = true
	}
	return m
}

// newestEvidence is what is known now of an open incident, else what was told last.
func (s *server) newestEvidence(r alerting.Record) (e *slo.Evidence, live bool) {
	if s.Evidence != nil && r.Incident.Closed.IsZero() {
		if e = s.Evidence(r.Incident.Key); e != nil {
			return e, true
		}
	}
	return r.Newest.Evidence, false
}

// nameless is the share of failures that may name no customer and still say how many are hurt.
const nameless = 0.005

// impact fills in the figures.
func (m *evidenceModel) impact(i *slo.Impact) {
	if i == nil {
		m.Unknown = append(m.Unknown, "How many customers it hurts is not known: no spans of its service arrive.")
		return
	}
	sure := "exact"
	if i.EventsEstimated {
		sure = "estimate, from spans"
	}
	m.Figures = append(m.Figures, evidenceFigure{"failed events", outOf(i.Failed, i.Total), sure})
	if c := i.Customers; c != nil {
		m.Figures = append(m.Figures, customersFigure(i, c))
		if c.Unnamed > nameless {
			m.Unknown = append(m.Unknown, fmt.Sprintf("%s of the failed events name no customer (%s).", percent(c.Unnamed), c.Attribute))
		}
	} else {
		m.Unknown = append(m.Unknown, "How many customers it hurts is not known: no span names one.")
	}
	if i.Cost != nil {
		m.Figures = append(m.Figures, evidenceFigure{"cost", "about " + strings.TrimSpace(count(i.Cost.Amount)+" "+i.Cost.Currency), "estimate"})
	}
	m.parts("Region", i.Regions)
	m.parts("Journey", i.Journeys)
}

// customersFigure says how many customers are hurt, and how sure that is.
func customersFigure(i *slo.Impact, c *slo.Customers) evidenceFigure {
	f := evidenceFigure{"customers hurt", outOf(c.Hurt, c.Seen), "exact"}
	switch {
	case c.Error > 0 && c.HurtExact:
		f.Sure = "seen is an estimate, ±" + percent(c.Error)
	case c.Error > 0:
		f.Sure = "estimate, ±" + percent(c.Error)
	}
	why := ""
	switch {
	case i.AtLeast:
		why = "not all was seen"
	case c.Unnamed > nameless:
		why = "not every failure names a customer"
	default:
		return f
	}
	f.Value = "at least " + f.Value
	if f.Sure == "exact" {
		f.Sure = why
	} else {
		f.Sure += "; " + why
	}
	return f
}

func outOf(a, b float64) string { return count(a) + " of " + count(b) }

// mostParts is how many values are listed.
const mostParts = 8

// parts adds where, or doing what, customers were hurt.
func (m *evidenceModel) parts(name string, ps []slo.Part) {
	if len(ps) == 0 {
		return
	}
	all := 0.0
	for _, p := range ps {
		all += p.Failed
	}
	out := evidenceParts{Name: name}
	for _, p := range ps[:min(len(ps), mostParts)] {
		out.Rows = append(out.Rows, evidencePart{p.Name, count(p.Failed), count(p.Total), percent(p.Failed / p.Total), 100 * p.Failed / all})
	}
	m.Parts = append(m.Parts, out)
}

// where fills in what explains the failures.
func (m *evidenceModel) where(w *slo.Where) {
	if w == nil {
		m.Verdict = "Where it fails is not known: too little could be compared yet."
		return
	}
	m.Compared = fmt.Sprintf("%s compared by %s", plural(int(w.Events), "event", "events"), strings.Join(w.Attributes, ", "))
	if w.Sampled {
		m.Compared += "; a sample of them"
	}
	if len(w.Explanations) == 0 {
		m.Verdict = "It is everywhere: nothing that was compared stands out."
	}
	for _, x := range w.Explanations {
		before := absent
		if x.Baseline >= 0 {
			before = percent(x.Baseline)
		}
		m.Places = append(m.Places, evidencePlace{groupText(x.Labels), percent(x.Ratio), percent(x.Outside), before, percent(x.Share)})
	}
}

func changeOf(c slo.NearChange) evidenceChange {
	when := alerting.Duration(c.Before.Abs()) + " before it began"
	if c.Before < 0 {
		when = alerting.Duration(c.Before.Abs()) + " after it began"
	}
	return evidenceChange{Title: string(c.Change.Kind) + " " + c.Change.Title, When: when, Why: c.Reason, By: c.Change.By, Href: safeHref(c.Change.Link)}
}
