package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/slo"
)

// sloModel is the model of one SLO's page.
type sloModel struct {
	row
	Sentence string
	Groups   []row
	// Selected is the position of the shown group in Groups.
	Selected int
	Ranges   []rangeLink
	// Past is true when the URL asks for a stretch that does not move.
	Past bool
	// Chosen is true when the URL asks for a stretch; else the page chose it.
	Chosen   bool
	From, To time.Time
	// BudgetSrc and DetailSrc are the addresses of the charts' data.
	BudgetSrc, DetailSrc string
	Incidents            []incidentRow
	IncidentsError       string
	// Strip is a picture of them over time.
	Strip strip
	// WhereHref leads to the comparison of events by their labels; "" where there is none.
	WhereHref string
	// HeatHref leads to the picture of how long requests took; "" for an SLO that does not count that.
	HeatHref string
	// WhatIf is the form of other policies.
	WhatIf whatIfForm
	// Findings are what is said of the definition's document.
	Findings slo.Findings
	// Changes are those of its service within the charts, and ChangesHref leads to all.
	Changes     []changeRow
	ChangesHref string
	// Text is the definition in the native form, and TextNotes say what that form can't.
	Text      string
	TextNotes []string
	promise
	Runbook string
	// TracesHref is the search for failing traces; "" where none are kept.
	TracesHref string
	// Maintain is the form of a maintenance; nil where none can be started here.
	Maintain    *maintain
	Labels      []slo.Label
	Annotations []slo.Label
}

// rangeLink chooses the stretch of time that the charts show.
type rangeLink struct {
	Text, Href string
	Active     bool
}

// chartRange is a stretch of time as the URL asks for it.
type chartRange struct {
	from, to time.Time
	length   time.Duration
	fixed    bool
	// chosen is true when the URL said so, false when it is the usual one.
	chosen bool
}

func (s *server) sloPage(c *gin.Context) {
	id := strings.Trim(c.Param("id"), "/")
	def := s.definition(id)
	if def == nil {
		s.fail(c, http.StatusNotFound, "No SLO has the ID "+id+".", "It may have been renamed or its file removed. The overview lists every SLO that is loaded.")
		return
	}
	groups := inOrder(rowsOf(def, s.Engine.Status(id)), usualOrder)
	m := sloModel{Groups: groups, Selected: selectGroup(groups, c.QueryArray("group"))}
	if m.Selected < 0 {
		s.fail(c, http.StatusNotFound, "This SLO has no group "+strings.Join(c.QueryArray("group"), ", ")+".", "The group may not have sent data since the start of the SLO's window.")
		return
	}
	m.row = groups[m.Selected]
	m.Sentence = sloSentence(m.row)
	m.Text, m.TextNotes = definitionText(def)
	m.fillPromise(c.Request.Context(), s)
	m.Runbook = safeHref(def.Annotations["runbook"])
	if s.Traces != nil {
		m.TracesHref = failingHref(def)
	}
	m.Labels, m.Annotations = pairs(def.Labels), pairs(def.Annotations)
	s.fillCharts(c, &m)
	records, err := s.records(c, alerting.Filter{SLO: id, Limit: mostIncidents})
	if err != nil {
		m.IncidentsError = err.Error()
	}
	m.Incidents = s.incidentRows(records)
	m.Strip = stripOf(m.Incidents, s.Now())
	if s.Explain != nil && comparable(def) {
		m.WhereHref = m.whereHref()
	}
	m.Findings = findingsOf(s.fleet(), def, s.System.Health(c.Request.Context()).Files)
	if s.Heat != nil && def.SLI.Latency != nil {
		m.HeatHref = m.heatHref()
	}
	m.WhatIf = s.formOf(def)
	s.fillChanges(c.Request.Context(), &m)
	if s.Maintenance != nil {
		m.Maintain = &maintain{id, m.Href(), s.actor(c), silencesModel{Limits: s.SilenceLimits()}.Lengths()}
	}
	s.show(c, http.StatusOK, "slo", m.Label(), "slos", m)
}

// definition returns the definition of an ID, nil where there is none.
func (s *server) definition(id string) *slo.Definition { return s.fleet().of(id) }

// selectGroup finds the group that the URL names; without one it is the first,
// which is the most urgent. It returns -1 when the SLO has no such group.
func selectGroup(groups []row, query []string) int {
	if len(query) == 0 {
		return 0
	}
	want := parseGroup(query).String()
	return slices.IndexFunc(groups, func(r row) bool { return r.Status.Group.String() == want })
}

// fillCharts reads the range from the URL and addresses the charts' data.
func (s *server) fillCharts(c *gin.Context, m *sloModel) {
	whole := m.Def.Window.Nominal()
	cr := parseRange(c.Query("from"), c.Query("to"), c.Query("range"), usual(m.row), s.Now())
	m.Past, m.Chosen, m.From, m.To = cr.fixed, cr.chosen, cr.from, cr.to
	path := "/api/v1/charts/" + escapedID(m.Def.ID)
	src := func(length time.Duration, from time.Time) string {
		q := groupQuery(m.Status.Group)
		if cr.fixed {
			q.Set("from", unix(from))
			q.Set("to", unix(cr.to))
		} else {
			q.Set("range", window(length))
		}
		return address(path, q)
	}
	burndown := covering(m.row, s.Now().Sub(cr.to))
	m.BudgetSrc = src(burndown, cr.to.Add(-burndown))
	m.DetailSrc = src(cr.length, cr.from)
	for _, r := range ranges(whole) {
		q := groupQuery(m.Status.Group)
		q.Set("range", window(r))
		m.Ranges = append(m.Ranges, rangeLink{window(r), address("/slo/"+escapedID(m.Def.ID), q), !cr.fixed && r == cr.length})
	}
}

// ranges are the stretches that are offered: the SLO's window and what is
// shorter.
func ranges(whole time.Duration) []time.Duration {
	const day = 24 * time.Hour
	var rs []time.Duration
	for _, r := range []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour, day, 3 * day, 7 * day} {
		if r < whole {
			rs = append(rs, r)
		}
	}
	return append(rs, whole)
}

// usualRange shows a breach that pages from its beginning.
const usualRange = 6 * time.Hour

// usual is the range that the page shows when the URL asks for none: six hours,
// and less for a shorter or young window, which would be one sliver of them.
func usual(r row) time.Duration { return min(usualRange, covering(r, 0)) }

// covering is the shortest offered range that holds what data covered of the
// window that ended ago before now: the whole window unless it is young.
func covering(r row, ago time.Duration) time.Duration {
	whole := r.Def.Window.Nominal()
	if at := r.Status.At.Add(-ago); r.Def.Window.Calendar != nil && !r.Status.At.IsZero() && !r.Young() {
		// A calendar window is shown from its beginning, in whole minutes as links write lengths.
		return (at.Sub(beginning(r.Def.Window, at)) + time.Minute - 1).Truncate(time.Minute)
	}
	covered := r.Status.Budget.Elapsed - ago
	if !r.Status.Budget.Projected || covered <= 0 {
		return whole
	}
	for _, offered := range ranges(whole) {
		if offered >= covered {
			return offered
		}
	}
	return whole
}

// parseRange reads from and to, or a length that ends at to or now. What it
// can't read becomes the usual length.
func parseRange(from, to, length string, usual time.Duration, now time.Time) chartRange {
	if f, ok := parseTime(from); ok {
		t, ok := parseTime(to)
		if !ok || t.After(now) {
			t = now
		}
		if f.Before(t) {
			return chartRange{f, t, t.Sub(f), true, true}
		}
	}
	l, chosen := usual, false
	if d, ok := parseWindow(length); ok && d <= 366*24*time.Hour {
		l, chosen = d, true
	}
	if t, ok := parseTime(to); ok && from == "" && t.Before(now) {
		return chartRange{t.Add(-l), t, l, true, true}
	}
	return chartRange{now.Add(-l), now, l, false, chosen}
}

// parseWindow reads what window writes: 30d, 1h, 5m, 90s.
func parseWindow(s string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		return time.Duration(n) * 24 * time.Hour, err == nil && n > 0 && n < 10000
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d > 0
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// pairs sorts a map for display.
func pairs(m map[string]string) []slo.Label {
	ls := make([]slo.Label, 0, len(m))
	for name, value := range m {
		ls = append(ls, slo.Label{Name: name, Value: value})
	}
	slices.SortFunc(ls, func(a, b slo.Label) int { return strings.Compare(a.Name, b.Name) })
	return ls
}

// comparable reports whether the events of an SLO are counted from series with labels.
func comparable(d *slo.Definition) bool { return d.SLI.Composite == nil && d.SLI.Ratio == nil }

// ShareOfBad is the part of all groups' bad events that are of one of them.
func (m sloModel) ShareOfBad(r row) string {
	all := 0.0
	for _, g := range m.Groups {
		all += max(0, g.Status.Budget.Counts.Bad())
	}
	if all == 0 || !r.Status.Budget.Known {
		return absent
	}
	return percent(max(0, r.Status.Budget.Counts.Bad()) / all)
}

// IsError tells findings that keep a file from being loaded from advice.
func (sloModel) IsError(f slo.Finding) bool { return len(slo.Findings{f}.Errors()) > 0 }

// Where says where the definition was read.
func (m sloModel) Where() string {
	if m.Def.Source.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", m.Def.Source.File, m.Def.Source.Line)
}

// API is the address of the SLO in the JSON API.
func (m sloModel) API() string { return "/api/v1/slos/" + escapedID(m.Def.ID) }

// GroupHref is the page of another group that keeps the range.
func (m sloModel) GroupHref(r row) string {
	q := groupQuery(r.Status.Group)
	if m.Past {
		q.Set("from", unix(m.From))
		q.Set("to", unix(m.To))
	} else if m.Chosen {
		q.Set("range", window(m.To.Sub(m.From)))
	}
	return address("/slo/"+escapedID(m.Def.ID), q)
}

// NowHref leaves a past stretch for the present.
func (m sloModel) NowHref() string { return sloHref(m.Def.ID, m.Status.Group) }
