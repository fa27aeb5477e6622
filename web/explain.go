package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/slo"
	"burnline/slo/explain"
)

// explainTimeout bounds one comparison of an SLO's events, which reads samples from storage.
const explainTimeout = 25 * time.Second

// Explain compares the events of an SLO's groups in (from, to] by the labels of their series; no
// groups are all. It returns nil where nothing can be told, which is not the same as everywhere.
type Explain func(ctx context.Context, id string, groups []slo.Labels, from, to time.Time) (*slo.Where, error)

// apiExplain tells where an SLO's events fail: in the time and groups that are asked for, else
// in those of its open incident, else in the last hour.
func (s *server) apiExplain(c *gin.Context, d *slo.Definition) {
	var asked [2]time.Time
	for i, name := range []string{"from", "to"} {
		v := c.Query(name)
		t, ok := parseTime(v)
		if v != "" && !ok {
			s.fail(c, http.StatusBadRequest, name+" is Unix seconds or RFC 3339.", v)
			return
		}
		if ok {
			asked[i] = t
		}
	}
	out, groups := explain.Answer{SLO: d.ID, Groups: []map[string]string{}}, []slo.Labels(nil)
	if group := parseGroup(c.QueryArray("group")); len(group) > 0 {
		groups = []slo.Labels{group}
	}
	if asked[0].IsZero() && groups == nil {
		records, err := s.records(c, alerting.Filter{SLO: d.ID, OnlyOpen: true})
		if err != nil {
			s.ledgerFailed(c, err)
			return
		}
		for _, r := range records {
			if inc := r.Incident; inc.Cause == slo.CauseBurn || inc.Cause == "" {
				out.Incident, asked[0], groups = inc.Key, inc.Started, inc.Groups
				break
			}
		}
	}
	if asked[1].IsZero() {
		asked[1] = s.Now()
	}
	if asked[0].IsZero() {
		asked[0] = asked[1].Add(-time.Hour)
	}
	if !asked[0].Before(asked[1]) {
		s.fail(c, http.StatusBadRequest, "from is a time before to.", asked[0].Format(time.RFC3339)+" is not before "+asked[1].Format(time.RFC3339))
		return
	}
	out.From, out.To = asked[0].Unix(), asked[1].Unix()
	for _, g := range groups {
		out.Groups = append(out.Groups, g.Map())
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), explainTimeout)
	defer cancel()
	where, err := s.Explain(ctx, d.ID, groups, asked[0], asked[1])
	if err != nil {
		s.fail(c, http.StatusServiceUnavailable, "The events can't be compared.", err.Error())
		return
	}
	out.Found = explain.NewFound(where)
	c.JSON(http.StatusOK, out)
}

// explainOperation describes it.
func explainOperation() operation {
	return operation{tail: "/explain", summary: "Where an SLO's events fail: which labels of its series explain the failures", answer: explain.Answer{},
		query: map[string]string{"from": timeText + "; without it and a group the start of the open incident, else an hour before to", "to": timeText + "; default now",
			"group": labelsText + "; default the groups of the incident, else all"}, kinds: params{"group": repeated()},
		also: map[int]string{http.StatusNotFound: "No SLO has this ID", http.StatusServiceUnavailable: "The events can't be compared: the store is away, or there are too many series"}}
}
