package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/slo"
)

// incidentRow is one incident as lists show it.
type incidentRow struct {
	alerting.Record
	now time.Time
	// loaded is true while the incident's SLO has a page.
	loaded bool
	// group is the incident's first group where the SLO still has it; a page shows no other.
	group slo.Labels
	// Holding is what holds it open now; nil where it has closed or the engine says nothing of it. Rests says that its
	// failing has stopped; "" where it goes on, or nobody knows.
	Holding *slo.Holding
	Rests   string
}

// incidentRows tells of each incident whether its SLO is still there.
func (s *server) incidentRows(records []alerting.Record) []incidentRow {
	f := s.fleet()
	rs := make([]incidentRow, len(records))
	for i, r := range records {
		def, statuses := f.of(r.Incident.SLO), s.Engine.Status(r.Incident.SLO)
		rs[i] = incidentRow{Record: r, now: s.Now(), loaded: def != nil}
		for _, st := range statuses {
			if st.Group.String() == r.Incident.Group.String() {
				rs[i].group = st.Group
			}
		}
		if rs[i].Open() {
			rs[i].Holding = slo.HoldingOf(statuses, r.Incident.Key)
			rs[i].Rests = restsText(r.Incident, def, rs[i].Holding, rs[i].now)
		}
	}
	return rs
}

// rank orders what is open: pages stand before tickets.
func (r incidentRow) rank() int {
	if r.Incident.Severity == slo.Page {
		return 0
	}
	return 1
}

// Open reports whether the incident has not closed.
func (r incidentRow) Open() bool { return r.Incident.Closed.IsZero() }

// Lasted is the time from the first bad events to the closing, or to now.
func (r incidentRow) Lasted() time.Duration {
	if r.Open() {
		return r.now.Sub(r.Incident.Started)
	}
	return r.Incident.Closed.Sub(r.Incident.Started)
}

// Href is the incident's page.
func (r incidentRow) Href() string { return incidentHref(r.Incident.Key) }

// SLOHref is the page of its SLO at the incident's time; "" where there is none: the
// incident is about several SLOs or an outside alert, or its SLO is no longer loaded.
func (r incidentRow) SLOHref() string {
	if !r.loaded {
		return ""
	}
	return incidentSLOHref(r.Record, r.group, r.now)
}

// About names what the incident is about, as lists show it below its text.
func (r incidentRow) About() string {
	switch {
	case r.Several():
		return plural(len(r.Incident.SLOs), "SLO", "SLOs") + " without data"
	case r.Alert():
		return "alert of " + r.Raised()
	}
	return r.Incident.SLO
}

// Raised names what raised an alert.
func (r incidentRow) Raised() string {
	if r.Incident.Origin == "rules" {
		return "a rule"
	}
	return firstOf(r.Incident.Origin, "another system")
}

// Alert reports whether the incident rests on an alert of a rule or of another system.
func (r incidentRow) Alert() bool { return r.Incident.Cause == slo.CauseAlert }

// Backlog reports whether the incident tells of messages that wait for a receiver's limit.
func (r incidentRow) Backlog() bool { return r.Incident.Cause == slo.CauseBacklog }

// Gone reports whether the incident is about one SLO that is no longer loaded. That of a
// receiver's limit is about none.
func (r incidentRow) Gone() bool {
	return !r.loaded && !r.Several() && !r.Alert() && !r.Backlog()
}

// Several reports whether the incident is about several SLOs that lost one source.
func (r incidentRow) Several() bool { return len(r.Incident.SLOs) > 0 }

// Dark reports whether the incident is about a lack of data.
func (r incidentRow) Dark() bool { return r.Incident.Cause == slo.CauseNoData }

// Recorded reports whether the incident was over when its data came.
func (r incidentRow) Recorded() bool {
	return len(r.Transitions) > 0 && r.Transitions[0].Kind == slo.IncidentRecorded
}

// Begun names the moment at which the incident started.
func (r incidentRow) Begun() string {
	switch {
	case r.Dark():
		return "No data since"
	case r.Alert():
		return "Fires since"
	}
	return "First bad events"
}

// Text says how it is: that the failing has stopped, or else what was told.
func (r incidentRow) Text() string { return firstOf(r.Rests, r.AsTold()) }

// AsTold is the summary, or the title where no message was written.
func (r incidentRow) AsTold() string { return firstOf(r.Summary, firstOf(r.Title, r.Incident.SLO)) }

// restsText says that an open incident's failing has stopped; "" where it goes on, or nobody knows.
func restsText(in slo.Incident, def *slo.Definition, h *slo.Holding, now time.Time) string {
	return alerting.Rests(slo.Transition{Incident: in, Definition: def, At: now}, h, alerting.TextOptions{})
}

// headline cuts a message into its first sentence and the rest. A sentence ends at a full stop before
// a space and a capital or a digit; a text of one sentence has no rest.
func headline(text string) (first, more string) {
	for at := 0; ; {
		i := strings.Index(text[at:], ". ")
		if i < 0 {
			return text, ""
		}
		at += i + 2
		if next, _ := utf8.DecodeRuneInString(text[at:]); unicode.IsUpper(next) || unicode.IsDigit(next) {
			return text[:at-1], text[at:]
		}
	}
}

// ToldAt is when the text was written that the incident has; zero where nobody was told it.
func (r incidentRow) ToldAt() time.Time {
	for _, row := range r.Rows {
		if row.Message.Summary == r.Summary && r.Summary != "" {
			return row.CreatedAt
		}
	}
	return time.Time{}
}

// Delivery sums up how the incident's messages fare, worst first.
func (r incidentRow) Delivery() delivery {
	n := map[alerting.RowState]int{}
	for _, row := range r.Rows {
		n[row.State]++
	}
	switch {
	case r.Recorded():
		return delivery{"superseded", "over when its data came"}
	case len(r.Rows) == 0 && r.Quiet() != nil:
		return delivery{"superseded", string(r.Quiet()[0].Fate)}
	case len(r.Rows) == 0:
		return delivery{"refused", "nobody was told"}
	case n[alerting.RowRefused] > 0:
		return delivery{"refused", fmt.Sprintf("%d refused", n[alerting.RowRefused])}
	case n[alerting.RowPending] > 0:
		return delivery{"pending", fmt.Sprintf("%d waiting", n[alerting.RowPending])}
	}
	if n[alerting.RowShadowed] > 0 && n[alerting.RowDelivered] == 0 {
		return delivery{"superseded", fmt.Sprintf("%d only shown", n[alerting.RowShadowed])}
	}
	return delivery{"delivered", fmt.Sprintf("%d delivered", n[alerting.RowDelivered])}
}

// Quiet are the decisions in force that keep the incident back; none where somebody
// is to be told, or nobody can be.
func (r incidentRow) Quiet() []alerting.Decision {
	all := r.InForce()
	for _, d := range all {
		if d.Fate == alerting.FateSend || d.Fate == alerting.FateNobody {
			return nil
		}
	}
	return all
}

// delivery is a state of deliveries in a class and words.
type delivery struct{ Class, Words string }

// incidentsModel is the model of the list of incidents.
type incidentsModel struct {
	Sentence string
	Rows     []incidentRow
	OnlyOpen bool
	SLO      string
	// Reviews says that there are reviews and hand-overs.
	Reviews bool
	// OlderHref is the next page, "" when there is none.
	OlderHref string
	Strip     strip
}

// pageSize is how many incidents one page lists.
const pageSize = 50

func (s *server) incidentsPage(c *gin.Context) {
	m := incidentsModel{Reviews: s.Reviews != nil, OnlyOpen: c.Query("open") == "1", SLO: c.Query("slo")}
	f := alerting.Filter{OnlyOpen: m.OnlyOpen, SLO: m.SLO, Limit: pageSize + 1}
	if to, ok := parseTime(c.Query("to")); ok {
		f.To = to
	}
	records, err := s.records(c, f)
	if err != nil {
		s.ledgerFailed(c, err)
		return
	}
	if len(records) > pageSize {
		records = records[:pageSize]
		q := url.Values{"to": {strconv.FormatInt(records[pageSize-1].Incident.Started.Unix(), 10)}}
		if m.SLO != "" {
			q.Set("slo", m.SLO)
		}
		m.OlderHref = address("/incidents", q)
	}
	m.Rows = s.incidentRows(records)
	open := 0
	if m.SLO == "" && m.OlderHref != "" {
		if open, err = s.Ledger.OpenCount(c.Request.Context()); err != nil {
			s.ledgerFailed(c, err)
			return
		}
	}
	m.Sentence = incidentsSentence(m.Rows, open, s.System.Health(c.Request.Context()))
	m.Strip = stripOf(m.Rows, s.Now())
	s.show(c, http.StatusOK, "incidents", "Incidents", "incidents", m)
}

// incidentsSentence says what is open: what stands in the rows, or more where more is known to be.
func incidentsSentence(rows []incidentRow, known int, h Health) string {
	var open []incidentRow
	for _, r := range rows {
		if r.Open() {
			open = append(open, r)
		}
	}
	tail := ""
	if len(h.Receivers) == 0 {
		tail = " No receiver is configured, so nobody is told."
	}
	switch {
	case len(rows) == 0:
		return "There has been no incident." + tail
	case max(len(open), known) > 1:
		return fmt.Sprintf("%d incidents are open.", max(len(open), known)) + tail
	case len(open) == 1:
		return "1 incident is open: " + firstOf(open[0].Title, open[0].Incident.SLO) + ", for " + span(open[0].Lasted()) + "." + tail
	}
	return "Nothing is open. The last incident closed " + span(rows[0].now.Sub(rows[0].Incident.Closed)) + " ago." + tail
}
