package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/slo"
	"burnline/slo/spec"
)

// WhatIf lives through the stored past of (from, to] again with one SLO, as its definition is now
// and as changed would have it, by the judge that pages. It fails with ErrBusy while
// another such comparison is under way.
type WhatIf func(ctx context.Context, changed slo.Definition, from, to time.Time) (now, then Lived, err error)

// ErrBusy says that another comparison is under way.
var ErrBusy = errors.New("another comparison is under way")

// Lived is what would have happened had an SLO been live with a definition.
type Lived struct {
	// Incidents are in order of opening, and Statuses those of every group at the end.
	Incidents []LivedIncident
	Statuses  []slo.Status
}

// LivedIncident is an incident that would have been opened, and why.
type LivedIncident struct {
	slo.Incident
	Reason string
}

const (
	// whatIfTimeout bounds one comparison.
	whatIfTimeout = 25 * time.Second
	// mostReplayed is how much of the past one replays at most, in days, and usualReplayed how much
	// where nobody says.
	mostReplayed, usualReplayed = 30, 7
	// maxWhatIf bounds the body of a request, and of what is written of policies.
	maxWhatIf = 16 << 10
)

// WhatIfAsk asks what other policies would have told.
type WhatIfAsk struct {
	SLO string `json:"slo"`
	// Objective is in percent; null keeps that of the definition.
	Objective *json.Number `json:"objective,omitempty"`
	// Policies replace those of the definition; null keeps them.
	Policies []WantedPolicy `json:"policies,omitempty"`
	// Days is how much of the past is replayed: 1 to 30, by default 7.
	Days int `json:"days,omitempty"`
}

// WantedPolicy is a policy as SLO files write it: severity, long and short window, and either the
// share of the budget or the factor.
type WantedPolicy struct {
	Severity string  `json:"severity"`
	Long     string  `json:"long"`
	Short    string  `json:"short"`
	Budget   string  `json:"budget,omitempty"`
	Factor   float64 `json:"factor,omitempty"`
}

// whatIfJSON is what would have been told, beside what was.
type whatIfJSON struct {
	SLO  string    `json:"slo"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Objective and Policies are the changed ones, as they would be in force.
	Objective float64         `json:"objective"`
	Policies  []thresholdJSON `json:"policies"`
	// Warnings are what is said of them.
	Warnings []slo.Problem `json:"warnings"`
	// Told is what was opened in that time by the definitions of then, whether or not a silence kept it from people.
	Told livedJSON `json:"told"`
	// Now is what the definition of now would have told, and Changed what the changed one would.
	Now     livedJSON `json:"now"`
	Changed livedJSON `json:"changed"`
}

// livedJSON counts what one definition tells, with the incidents in order of opening.
type livedJSON struct {
	Pages   int `json:"pages"`
	Tickets int `json:"tickets"`
	// Remaining is the part of the budget, 0–1, that the group with the least has left at the end;
	// null where nothing is known, and of what was told.
	Remaining *float64          `json:"remaining"`
	Incidents []livedOfIncident `json:"incidents"`
}

// livedOfIncident is one incident of a comparison.
type livedOfIncident struct {
	Severity slo.Severity        `json:"severity"`
	Groups   []map[string]string `json:"groups"`
	// Started is when the first bad events were, and Opened when it was told.
	Started *time.Time `json:"started"`
	Opened  *time.Time `json:"opened"`
	// Closed is null where it would still be open.
	Closed *time.Time `json:"closed"`
	Reason string     `json:"reason"`
}

// wanted is what a request asks to change, as people write it.
type wanted struct {
	objective, policies string
	days                int
}

// whatIfRoutes are the page and the API of what other policies would have told; none where nobody replays.
func (s *server) whatIfRoutes() []route {
	if s.WhatIf == nil {
		return nil
	}
	const path = "/api/v1/whatif"
	said := map[int]string{http.StatusNotFound: "No SLO has this ID", http.StatusUnprocessableEntity: "What is wrong with the objective or the policies",
		http.StatusTooManyRequests: "Another comparison is under way", http.StatusServiceUnavailable: "The past can't be read, or it takes too long"}
	summary := "What another objective or other policies would have told of the stored past, beside what was opened then"
	return []route{
		view("/whatif/*id", s.whatIfPage),
		api(http.MethodGet, path, toShow, s.apiWhatIf, operation{summary: summary, answer: whatIfJSON{}, also: said,
			query: map[string]string{"slo": "its ID", "objective": "in percent; by default that of the definition",
				"policies": "a list in YAML, as SLO files write it; by default those of the definition", "days": "how much of the past is replayed"},
			needs: []string{"slo"}, kinds: params{"days": whole(1, mostReplayed, usualReplayed)}}),
		api(http.MethodPost, path, toShow, s.apiAskWhatIf, operation{summary: summary, body: WhatIfAsk{}, answer: whatIfJSON{}, also: said}),
	}
}

// apiWhatIf reads what is asked from the address.
func (s *server) apiWhatIf(c *gin.Context) {
	days, err := daysOf(c.Query("days"))
	if err != nil {
		s.fail(c, http.StatusBadRequest, "days is a whole number from 1 to 30.", c.Query("days"))
		return
	}
	s.answerWhatIf(c, c.Query("slo"), wanted{c.Query("objective"), c.Query("policies"), days})
}

// apiAskWhatIf reads it from the body.
func (s *server) apiAskWhatIf(c *gin.Context) {
	var in WhatIfAsk
	d := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, maxWhatIf))
	d.DisallowUnknownFields()
	err := d.Decode(&in)
	w := wanted{days: in.Days}
	if in.Days == 0 {
		w.days = usualReplayed
	}
	if err == nil && (w.days < 1 || w.days > mostReplayed) {
		err = errors.New("days is a whole number from 1 to 30")
	}
	if err != nil {
		s.badBody(c, "The body asks nothing that can be answered.", `It is such as {"slo": "checkout/availability", "objective": 99.5, "days": 7}: `+err.Error(), err)
		return
	}
	if in.Objective != nil {
		w.objective = in.Objective.String()
	}
	if in.Policies != nil {
		text, err := json.Marshal(in.Policies) // JSON is YAML
		if err != nil {
			s.fail(c, http.StatusBadRequest, "The policies can't be read.", err.Error())
			return
		}
		w.policies = string(text)
	}
	s.answerWhatIf(c, in.SLO, w)
}

func (s *server) answerWhatIf(c *gin.Context, id string, w wanted) {
	d := s.definition(strings.Trim(id, "/"))
	if d == nil {
		s.fail(c, http.StatusNotFound, "No SLO has this ID.", id)
		return
	}
	changed, findings := spec.Change(*d, w.objective, w.policies)
	if errs := findings.Errors(); len(errs) > 0 || len(w.policies) > maxWhatIf {
		c.JSON(http.StatusUnprocessableEntity, errorJSON{"The SLO can't be changed so.", errs.Error(), problemsOf(errs)})
		return
	}
	out, err := s.whatIf(c, changed, w.days)
	switch {
	case errors.Is(err, ErrBusy):
		c.Header("Retry-After", "10")
		s.fail(c, http.StatusTooManyRequests, "Another comparison is under way.", "One runs at a time, for at most 25 s. Ask again.")
	case err != nil:
		s.fail(c, http.StatusServiceUnavailable, "The past can't be replayed.", whyNot(err))
	default:
		out.Warnings = append(out.Warnings, problemsOf(findings)...)
		c.JSON(http.StatusOK, out)
	}
}

// whatIf replays an SLO, and sets what was told beside it.
func (s *server) whatIf(c *gin.Context, changed slo.Definition, days int) (out whatIfJSON, err error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), whatIfTimeout)
	defer cancel()
	to := s.Now().UTC().Truncate(time.Second)
	from := to.AddDate(0, 0, -days)
	now, then, err := s.WhatIf(ctx, changed, from, to)
	if err != nil {
		return out, err
	}
	records, err := s.records(c, alerting.Filter{SLO: changed.ID, From: from, To: to, Limit: 1000})
	if err != nil {
		return out, err
	}
	var told Lived
	for i := len(records) - 1; i >= 0; i-- { // the newest comes first
		if in := records[i].Incident; !in.Opened.Before(from) && (in.Cause == "" || in.Cause == slo.CauseBurn) {
			told.Incidents = append(told.Incidents, LivedIncident{in, reasonOf(records[i])})
		}
	}
	out = whatIfJSON{SLO: changed.ID, From: from, To: to, Objective: changed.Objective, Policies: []thresholdJSON{}, Warnings: []slo.Problem{},
		Told: livedOf(told), Now: livedOf(now), Changed: livedOf(then)}
	for _, p := range changed.Policies {
		out.Policies = append(out.Policies, thresholdJSON{p.Severity, window(p.Long), window(p.Short), p.Factor})
	}
	return out, nil
}

// reasonOf is why an incident was opened.
func reasonOf(r alerting.Record) string {
	if len(r.Transitions) == 0 {
		return ""
	}
	return r.Transitions[0].Reason
}

// livedOf counts what would have been told of burning budgets.
func livedOf(l Lived) livedJSON {
	out := livedJSON{Incidents: []livedOfIncident{}}
	for _, in := range l.Incidents {
		switch {
		case in.Cause != "" && in.Cause != slo.CauseBurn:
			continue // data that does not come is told whatever the policies are
		case in.Severity == slo.Page:
			out.Pages++
		default:
			out.Tickets++
		}
		one := livedOfIncident{Severity: in.Severity, Groups: []map[string]string{}, Started: stamp(in.Started), Opened: stamp(in.Opened), Closed: stamp(in.Closed), Reason: in.Reason}
		for _, g := range in.Groups {
			one.Groups = append(one.Groups, g.Map())
		}
		out.Incidents = append(out.Incidents, one)
	}
	for _, st := range l.Statuses {
		if b := st.Budget; b.Known && (out.Remaining == nil || b.Remaining < *out.Remaining) {
			out.Remaining = &b.Remaining
		}
	}
	return out
}

// problemsOf are findings of what somebody entered.
func problemsOf(findings slo.Findings) []slo.Problem {
	var all []slo.Problem
	for _, f := range findings {
		all = append(all, slo.Problem{Field: strings.TrimPrefix(f.Path, "spec."), Message: f.Message, Instead: f.Instead})
	}
	return all
}

// whyNot says why a replay failed, and what to do.
func whyNot(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "It took longer than 25 s; ask for fewer days."
	}
	return err.Error()
}

// daysOf reads how much of the past is asked for.
func daysOf(text string) (int, error) {
	if text == "" {
		return usualReplayed, nil
	}
	n, err := strconv.Atoi(text)
	if err == nil && (n < 1 || n > mostReplayed) {
		err = errors.New("out of range")
	}
	return n, err
}
