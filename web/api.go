package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/slo"
)

// apiSLO gives one SLO, or its versions, or where its events fail, where the address ends so.
func (s *server) apiSLO(c *gin.Context) {
	id := strings.Trim(c.Param("id"), "/")
	d := s.definition(id)
	if of, versions := strings.CutSuffix(id, "/versions"); d == nil && versions {
		s.apiVersions(c, of)
		return
	}
	if of, ok := strings.CutSuffix(id, "/explain"); d == nil && ok && s.Explain != nil {
		if d := s.definition(of); d != nil {
			s.apiExplain(c, d)
			return
		}
		id = of // the SLO is what is not known
	}
	if d == nil {
		s.fail(c, http.StatusNotFound, "No SLO has this ID.", id)
		return
	}
	out, now := toSLO(d, s.Engine.Status(id)), s.Now()
	start, _ := d.Window.Bounds(now)
	out.Corrections = s.corrected(id, start, now)
	out.Findings = findingsOf(s.fleet(), d, s.System.Health(c.Request.Context()).Files)
	c.JSON(http.StatusOK, out)
}

// maxPoints bounds the width of a chart.
const maxPoints = 2000

// apiChart gives the history of one group in columns.
func (s *server) apiChart(c *gin.Context) {
	id := strings.Trim(c.Param("id"), "/")
	d := s.definition(id)
	if d == nil {
		s.fail(c, http.StatusNotFound, "No SLO has this ID.", id)
		return
	}
	q := struct {
		Points int `form:"points"`
	}{300}
	if err := c.ShouldBindQuery(&q); err != nil || q.Points < 2 || q.Points > maxPoints {
		s.fail(c, http.StatusBadRequest, "points is a whole number from 2 to 2000.", c.Query("points"))
		return
	}
	for _, name := range []string{"from", "to"} {
		if v := c.Query(name); v != "" {
			if _, ok := parseTime(v); !ok {
				s.fail(c, http.StatusBadRequest, name+" is Unix seconds or RFC 3339.", v)
				return
			}
		}
	}
	if v := c.Query("range"); v != "" {
		if _, ok := parseWindow(v); !ok {
			s.fail(c, http.StatusBadRequest, "range is a length such as 30d, 6h or 5m.", v)
			return
		}
	}
	cr := parseRange(c.Query("from"), c.Query("to"), c.DefaultQuery("range", window(d.Window.Nominal())), d.Window.Nominal(), s.Now())
	group := parseGroup(c.QueryArray("group"))
	chart, err := s.Engine.Chart(id, group, cr.from, cr.to, q.Points)
	if err != nil {
		s.fail(c, http.StatusNotFound, "There is no history of this group.", err.Error())
		return
	}
	shown := charted{Chart: chart, row: row{Def: d}, past: cr.fixed}
	for _, st := range s.Engine.Status(id) {
		if st.Group.String() == group.String() {
			shown.Status = st
		}
	}
	out := toChart(shown)
	out.Corrections = s.corrected(id, cr.from, cr.to)
	versions, err := s.versionsOf(c.Request.Context(), id)
	if err != nil {
		s.Logger.Warn("a chart lacks the versions of its definition", "slo", id, "error", err)
	}
	out.Versions = marksOf(versions, cr.from, cr.to)
	if out.Changes, err = s.changeMarks(c.Request.Context(), d.Service, cr.from, cr.to); err != nil {
		s.Logger.Warn("a chart lacks what changed", "slo", id, "error", err)
	}
	if out.Incidents, err = s.incidentMarks(c, id, group, cr.from, cr.to); err != nil {
		s.Logger.Warn("a chart lacks incidents", "slo", id, "error", err)
	}
	c.JSON(http.StatusOK, out)
}

// apiIncidents lists incidents, newest first.
func (s *server) apiIncidents(c *gin.Context) {
	q := struct {
		Limit int  `form:"limit"`
		Open  bool `form:"open"`
	}{Limit: 100}
	if err := c.ShouldBindQuery(&q); err != nil || q.Limit < 1 || q.Limit > 1000 {
		s.fail(c, http.StatusBadRequest, "limit is a whole number from 1 to 1000, open is true or false.", c.Request.URL.RawQuery)
		return
	}
	f := alerting.Filter{SLO: c.Query("slo"), Find: c.Query("find"), OnlyOpen: q.Open, Limit: q.Limit}
	for name, at := range map[string]*time.Time{"from": &f.From, "to": &f.To} {
		v := c.Query(name)
		t, ok := parseTime(v)
		if v != "" && !ok {
			s.fail(c, http.StatusBadRequest, name+" is Unix seconds or RFC 3339.", v)
			return
		}
		if ok {
			*at = t
		}
	}
	records, err := s.records(c, f)
	if err != nil {
		s.ledgerFailed(c, err)
		return
	}
	list := []incidentJSON{}
	for _, r := range records {
		list = append(list, s.toIncident(r))
	}
	c.JSON(http.StatusOK, incidentsJSON{list})
}

// apiIncident gives one incident with its story.
func (s *server) apiIncident(c *gin.Context) {
	r, ok, err := s.Ledger.Incident(c.Request.Context(), c.Param("key"))
	switch {
	case err != nil:
		s.ledgerFailed(c, err)
	case !ok:
		s.fail(c, http.StatusNotFound, "No incident has this key.", c.Param("key"))
	default:
		s.showIncident(c, r)
	}
}

func (s *server) showIncident(c *gin.Context, r alerting.Record) {
	views, _, err := s.incidentAlerts(c, r)
	if err != nil {
		s.ledgerFailed(c, err)
		return
	}
	out := s.toIncident(r)
	out.Alerts = toAlerts(views[:min(len(views), alertsPage)], r)
	c.JSON(http.StatusOK, out)
}

// apiHealth gives the figures of the system page; lengths of time are seconds.
func (s *server) apiHealth(c *gin.Context) {
	h := toHealth(s.System.Health(c.Request.Context()))
	h.Access = s.Access.Note
	c.JSON(http.StatusOK, h)
}

// healthJSON is Health with its lengths of time as seconds, and times that are not known as null.
type healthJSON struct {
	Health
	// Lag is how old the newest sample is that was judged.
	Lag float64 `json:"lag_seconds"`
	// EvaluationP50 and EvaluationP99 are quantiles of the time that one evaluation takes.
	EvaluationP50 float64 `json:"evaluation_p50_seconds"`
	EvaluationP99 float64 `json:"evaluation_p99_seconds"`
	// OutboxOldest is the age of the oldest message that waits to be sent.
	OutboxOldest float64 `json:"outbox_oldest_seconds"`
	// NewestSample is the time of the newest sample judged; null when none was.
	NewestSample *time.Time `json:"newest_sample"`
	// Access says in a sentence who gets in.
	Access string `json:"access"`
}

func toHealth(h Health) healthJSON {
	h.Refused, h.Stores, h.SLOPaths = append([]Refusal{}, h.Refused...), append([]Storage{}, h.Stores...), append([]string{}, h.SLOPaths...)
	h.Files, h.Receivers, h.Components = append([]SLOFile{}, h.Files...), append([]string{}, h.Receivers...), append([]Component{}, h.Components...)
	h.Rules = append([]RuleGroup{}, h.Rules...)
	for i, f := range h.Files {
		h.Files[i].Findings = append(slo.Findings{}, f.Findings...)
	}
	for i, g := range h.Rules {
		h.Rules[i].Failing = append([]RuleFailure{}, g.Failing...)
	}
	return healthJSON{Health: h, Lag: h.Lag.Seconds(), EvaluationP50: h.EvaluationP50.Seconds(), EvaluationP99: h.EvaluationP99.Seconds(),
		OutboxOldest: h.OutboxOldest.Seconds(), NewestSample: stamp(h.NewestSample)}
}
