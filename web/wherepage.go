package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/slo"
)

// whereModel is the model of the page that tells where an SLO's events fail.
type whereModel struct {
	row
	Sentence string
	Evidence evidenceModel
	From, To time.Time
	// Back is the SLO's page at the same time.
	Back string
}

// whereRoutes are the page that compares an SLO's events by their labels; none where that can't be done.
func (s *server) whereRoutes() []route {
	if s.Explain == nil {
		return nil
	}
	return []route{view("/where/*id", s.wherePage)}
}

// wherePage compares the events of one group in the time of the charts. An SLO's page shows its
// section on request, since it reads samples.
func (s *server) wherePage(c *gin.Context) {
	id := strings.Trim(c.Param("id"), "/")
	def := s.definition(id)
	if def == nil {
		s.fail(c, http.StatusNotFound, "No SLO has the ID "+id+".", "It may have been renamed or its file removed.")
		return
	}
	group := parseGroup(c.QueryArray("group"))
	cr := parseRange(c.Query("from"), c.Query("to"), c.Query("range"), time.Hour, s.Now())
	m := whereModel{row: row{Def: def, Status: slo.Status{ID: id, Group: group}}, From: cr.from, To: cr.to}
	q := groupQuery(group)
	q.Set("from", unix(cr.from))
	q.Set("to", unix(cr.to))
	m.Back = address("/slo/"+escapedID(id), q)
	var groups []slo.Labels
	if len(group) > 0 {
		groups = []slo.Labels{group}
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), explainTimeout)
	defer cancel()
	where, err := s.Explain(ctx, id, groups, cr.from, cr.to)
	m.Evidence.There = "Fail there"
	if def.SLI.Latency != nil {
		m.Evidence.There = "Slow there"
	}
	if err != nil {
		m.Sentence = "The events can't be compared: " + err.Error() + "."
	} else {
		m.Evidence.where(where)
		m.Sentence = whereSentence(m)
	}
	s.show(c, http.StatusOK, "where", "Where "+m.Label()+" fails", "slos", m)
}

// whereSentence says where it fails, the clearest place first.
func whereSentence(m whereModel) string {
	if len(m.Evidence.Places) == 0 {
		return m.Evidence.Verdict
	}
	p := m.Evidence.Places[0]
	how := "fail"
	if m.Def.SLI.Latency != nil {
		how = "are too slow"
	}
	return "At " + p.Labels + " " + p.Inside + " " + how + ", elsewhere " + p.Outside + "."
}

// whereHref is the page that compares the events of what an SLO's page shows.
func (m sloModel) whereHref() string {
	q := groupQuery(m.Status.Group)
	q.Set("from", unix(m.From))
	q.Set("to", unix(m.To))
	return address("/where/"+escapedID(m.Def.ID), q)
}
