package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/slo"
)

// explainTimeout bounds one comparison of an SLO's events, which reads samples from storage.
const explainTimeout = 25 * time.Second

// Explain compares the events of an SLO's groups in (from, to] by the labels of their series; no
// groups are all. It returns nil where nothing can be told, which is not the same as everywhere.
type Explain func(ctx context.Context, id string, groups []slo.Labels, from, to time.Time) (*slo.Where, error)

// explained is the answer to where an SLO's events fail.
type explained struct {
	SLO string `json:"slo"`
	// From and To bound the events that were compared, and Incident is the key of the one that
	// they were taken from; "" where they were asked for.
	From     int64               `json:"from"`
	To       int64               `json:"to"`
	Incident string              `json:"incident"`
	Groups   []map[string]string `json:"groups"`
	// Verdict is causes, everywhere or unknown.
	Verdict string `json:"verdict"`
	// Where is null where the verdict is unknown.
	Where *whereJSON `json:"where"`
}

type whereJSON struct {
	Everywhere   bool              `json:"everywhere"`
	Events       float64           `json:"events"`
	Sampled      bool              `json:"sampled"`
	Attributes   []string          `json:"attributes"`
	Explanations []explanationJSON `json:"explanations"`
}

type explanationJSON struct {
	Labels  map[string]string `json:"labels"`
	Failed  float64           `json:"failed"`
	Total   float64           `json:"total"`
	Ratio   float64           `json:"ratio"`
	Outside float64           `json:"outside"`
	// Baseline is null where nothing is known of before.
	Baseline *float64 `json:"baseline"`
	Share    float64  `json:"share"`
	Score    float64  `json:"score"`
}

func toWhere(w *slo.Where) *whereJSON {
	if w == nil {
		return nil
	}
	out := &whereJSON{
		Everywhere: w.Everywhere, Events: w.Events, Sampled: w.Sampled,
		Attributes: append([]string{}, w.Attributes...), Explanations: []explanationJSON{},
	}
	for _, e := range w.Explanations {
		one := explanationJSON{
			Labels: e.Labels.Map(), Failed: e.Failed, Total: e.Total, Ratio: e.Ratio, Outside: e.Outside,
			Share: e.Share, Score: e.Score,
		}
		if e.Baseline >= 0 {
			one.Baseline = &e.Baseline
		}
		out.Explanations = append(out.Explanations, one)
	}
	return out
}

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
	out, groups := explained{SLO: d.ID, Groups: []map[string]string{}, Verdict: "unknown"}, []slo.Labels(nil)
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
	out.Where = toWhere(where)
	switch {
	case where == nil:
	case where.Everywhere:
		out.Verdict = "everywhere"
	default:
		out.Verdict = "causes"
	}
	c.JSON(http.StatusOK, out)
}

// explainOperation describes it.
func explainOperation() operation {
	return operation{tail: "/explain", summary: "Where an SLO's events fail: which labels of its series explain the failures", answer: explained{},
		query: map[string]string{"from": timeText + "; without it and a group the start of the open incident, else an hour before to", "to": timeText + "; default now",
			"group": labelsText + "; default the groups of the incident, else all"}, kinds: params{"group": repeated()},
		also: map[int]string{http.StatusNotFound: "No SLO has this ID", http.StatusServiceUnavailable: "The events can't be compared: the store is away, or there are too many series"}}
}
