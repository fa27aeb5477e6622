package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/slo"
)

// incidentModel is the model of one incident's page.
type incidentModel struct {
	incidentRow
	Def *slo.Definition
	// Story is all that happened, in order of time.
	Story   []reviews.Event
	Runbook string
	// Missing says what could not be read.
	Missing []string
	// Victims are the SLOs of an incident without data.
	Victims []victim
	// Evidence is whom it hurts, where and since which change; nil where it is of no SLO that
	// burns.
	Evidence *evidenceModel
	// Alerts are a page of the outside alerts.
	Alerts alertsModel
	// Links are those of an outside alert's author.
	Links []alerting.Link
	// Holder is who has the open incident; nil is nobody. Also are those who acknowledged it after
	// that. Takes says that this can be said here.
	Holder *alerting.Acknowledgement
	Also   []alerting.Acknowledgement
	Takes  bool
	// Me is who is signed in; "" where sign-in is off.
	Me string
	// Silence is the form of a silence of the incident; nil where it has closed. Muting are the silences that
	// keep it quiet now.
	Silence *silenceForm
	Muting  []silenceRow
	// SilenceHref leads to the page of silences with the same matchers.
	SilenceHref string
	// Lengths are how long a silence or a maintenance may last.
	Lengths []string
	// Maintains says that a maintenance can be started here; Held are the corrections that hold alerts back now.
	Maintains bool
	Held      []slo.Held
	// PostHref leads to where customers are written to of it; "" where no journey of the status page is
	// concerned.
	PostHref string
	// Told are the receivers, each with how its newest message fared.
	Told []toldRow
	// ChartSrc is the data of the SLO's charts around the incident; "" when the
	// SLO is no longer loaded.
	ChartSrc string
	// Row is the budget of its group as it is now, and Spent what the incident took of it; nil
	// where it is not known.
	Row   *row
	Spent *reviews.Spent
	Times reviews.Times
	aftermath
}

// aftermath is what people write of an incident.
type aftermath struct {
	// Writes says that something can be written here.
	Writes  bool
	Review  reviews.Review
	Verdict *reviews.Verdict
	// Today is the first day on which an action may be due, and InTwoWeeks one that is likely.
	Today, InTwoWeeks string
}

// maintain is the form by which a maintenance of an SLO is started from its pages.
type maintain struct {
	SLO, Back, Me string
	Lengths       []string
}

// Maintain is that of the incident's SLO.
func (m incidentModel) Maintain() maintain {
	return maintain{m.Incident.SLO, m.Href() + "#told", m.Me, m.Lengths}
}

// toldRow is one receiver with its newest message.
type toldRow struct {
	alerting.Row
	// Times is how many messages it was sent.
	Times int
}

// Target names the receiver and its integration.
func (r toldRow) Target() string { return reviews.Target(r.Row) }

// Act names what the message asks.
func (r toldRow) Act() string { return reviews.Act(r.Row) }

// At is when the message ended, or is tried next.
func (r toldRow) At() time.Time {
	if r.State == alerting.RowPending {
		return r.NextAt
	}
	return r.SettledAt
}

// actionRow is an action as pages show it.
type actionRow struct {
	reviews.Action
	now time.Time
}

// Standing is where the action stands, in a word.
func (a actionRow) Standing() string { return a.Action.Standing(a.now) }

func actionRows(all []reviews.Action, now time.Time) (rows []actionRow) {
	for _, a := range all {
		rows = append(rows, actionRow{a, now})
	}
	return rows
}

// Actions are those of the incident.
func (m incidentModel) Actions() []actionRow { return actionRows(m.Review.Actions, m.now) }

// Refused are the deliveries that a receiver turned down for good.
func (m incidentModel) Refused() []alerting.Row {
	var rows []alerting.Row
	for _, r := range m.Rows {
		if r.State == alerting.RowRefused {
			rows = append(rows, r)
		}
	}
	return rows
}

// Groups names the groups that the incident covers.
func (m incidentModel) Groups() []string {
	var names []string
	for _, g := range m.Incident.Groups {
		if len(g) > 0 {
			names = append(names, groupText(g))
		}
	}
	return names
}

func (s *server) incidentPage(c *gin.Context) {
	known, ok := s.caseAsked(c)
	if !ok {
		return
	}
	record := known.Record
	m := incidentModel{incidentRow: s.incidentRows([]alerting.Record{record})[0], Def: known.def, Missing: known.missing, Me: s.actor(c)}
	m.Victims, m.Links = s.victims(record.Incident), outsideLinks(record)
	m.Story, m.Evidence = known.Timeline(), s.evidenceOf(record, m.Def)
	m.Times, m.Spent, m.Told = reviews.TimesOf(record), known.Spent, toldRows(record.Rows)
	m.Takes = s.Acknowledge != nil && m.Open()
	if a, has := record.Holder(); has {
		m.Holder, m.Also = &a, record.Also()
	}
	s.fillQuiet(&m, known)
	s.fillAfter(&m, known)
	var err error
	if m.Alerts, err = s.alertsOf(c, record); err != nil {
		s.ledgerFailed(c, err)
		return
	}
	s.fillBudget(&m)
	s.show(c, http.StatusOK, "incident", firstOf(record.Title, record.Incident.SLO), "incidents", m)
}

// fillQuiet says what keeps the incident quiet now, and offers to do so.
func (s *server) fillQuiet(m *incidentModel, known *incidentCase) {
	if !m.Open() {
		return
	}
	for _, one := range known.Silences {
		if one.Active(known.Now) {
			m.Muting = append(m.Muting, silenceRow{Silence: one, State: one.State(known.Now)})
		}
	}
	m.Lengths = silencesModel{Limits: s.SilenceLimits()}.Lengths()
	if s.Silences != nil {
		matchers := silenceMatchers(m.Incident, m.Newest.Labels)
		m.Silence = &silenceForm{Matchers: matchers, For: "2h", Author: m.Me, UntilResolved: true}
		m.SilenceHref = address("/silences", url.Values{"matchers": {matchers}})
	}
	m.Maintains = s.Maintenance != nil && m.Def != nil
	if s.StatusPosts != nil && m.Def != nil && len(s.StatusPosts.Journeys(m.Def)) > 0 {
		m.PostHref = address("/posts", url.Values{"slo": {m.Def.ID}})
	}
}

// fillAfter says what people wrote.
func (s *server) fillAfter(m *incidentModel, known *incidentCase) {
	now := known.Now.UTC()
	m.aftermath = aftermath{Writes: s.Reviews != nil, Review: known.Review, Today: now.Format(time.DateOnly), InTwoWeeks: now.AddDate(0, 0, 14).Format(time.DateOnly)}
	if v, is := known.Review.Verdict(); is {
		m.Verdict = &v
	}
}

// fillBudget shows the budget of the incident's group, and addresses the charts around it.
func (s *server) fillBudget(m *incidentModel) {
	for _, l := range m.Links {
		if l.Text == "Runbook" {
			m.Runbook = l.Href
		}
	}
	if m.Def == nil {
		return
	}
	m.Runbook = safeHref(m.Def.Annotations["runbook"])
	for _, r := range rowsOf(m.Def, s.Engine.Status(m.Def.ID)) {
		if r.Status.Group.String() == m.Incident.Group.String() {
			m.Row, m.Held = &r, r.Status.Held
		}
	}
	from, to := incidentRange(m.Incident, s.Now())
	q := groupQuery(m.Incident.Group)
	q.Set("from", unix(from))
	q.Set("to", unix(to))
	m.ChartSrc = address("/api/v1/charts/"+escapedID(m.Def.ID), q)
}

// toldRows are the newest messages of each receiver, in the order in which they were first told.
func toldRows(all []alerting.Row) []toldRow {
	var told []toldRow
	at := map[string]int{}
	for _, r := range all {
		to := reviews.Target(r)
		i, is := at[to]
		if !is {
			i = len(told)
			at[to] = i
			told = append(told, toldRow{})
		}
		told[i].Row, told[i].Times = r, told[i].Times+1
	}
	return told
}

// OtherLinks are the links of an alert without the one to its runbook.
func (m incidentModel) OtherLinks() []alerting.Link {
	var some []alerting.Link
	for _, l := range m.Links {
		if l.Href != m.Runbook {
			some = append(some, l)
		}
	}
	return some
}
