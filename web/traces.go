package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/tracesearch"
	"burnline/web/waterfall"
)

// Traces are the kept traces. What isn't kept fails with tracesearch.ErrNotFound.
type Traces interface {
	Trace(ctx context.Context, id pcommon.TraceID) (ptrace.Traces, error)
	Search(ctx context.Context, q tracesearch.Query) (tracesearch.Answer, error)
	Values(ctx context.Context, q tracesearch.Query, f tracesearch.Field) ([]tracesearch.Known, error)
}

// traceTimeout bounds a search or a read of a trace for a page.
const traceTimeout = 15 * time.Second

// forgetTimeout bounds the deletion of a customer's traces, which writes files anew.
const forgetTimeout = 10 * time.Minute

// traceRoutes are the pages and the API of kept traces; none where none are kept.
func (s *server) traceRoutes() []route {
	var rs []route
	if s.Traces != nil {
		rs = append(rs, view("/traces", s.tracesPage), view("/traces/:id", s.tracePage),
			api(http.MethodGet, "/api/v1/traces", toShow, s.apiTraces, operation{summary: "Kept traces, the latest first; one span has to meet all conditions", answer: tracesJSON{},
				query: traceQueryTexts(), kinds: params{"limit": whole(1, tracesearch.MostResults, tracesearch.DefaultLimit), "status": {Type: "string", Enum: []any{"error"}}}, also: traceRefusals("")}),
			api(http.MethodGet, "/api/v1/traces/:id", toShow, s.apiTrace, operation{summary: "One trace, in order and summed up", answer: traceFullJSON{}, also: traceRefusals("The trace is not kept")}))
	}
	if s.ForgetCustomer != nil {
		rs = append(rs, api(http.MethodPost, "/api/v1/traces/forget", toRule, s.apiForget, operation{
			summary: "Delete every kept trace of a customer; it may be asked again", body: forgetJSON{}, answer: forgottenJSON{},
			also: map[int]string{http.StatusServiceUnavailable: "Not all could be deleted; ask again"}}).does("forget a customer", nil))
	}
	return rs
}

// tracesJSON are the traces that match, the latest first.
type tracesJSON struct {
	Traces []foundJSON `json:"traces"`
	// Inspected is how many traces were read.
	Inspected int `json:"inspected"`
	// Complete is false where the search ended at its bounds; traces that began before Until were not
	// looked at then.
	Complete bool       `json:"complete"`
	Until    *time.Time `json:"searched_until,omitempty"`
}

// forgetJSON names whose traces are deleted.
type forgetJSON struct {
	// Customer is the id as spans carry it, or its hash.
	Customer string `json:"customer"`
}

// forgottenJSON says how many traces were deleted.
type forgottenJSON struct {
	Traces int `json:"traces"`
}

// traceQueryTexts are what a search may ask for.
func traceQueryTexts() map[string]string {
	return map[string]string{"service": "of this service, be it the root's or not", "slo": "bad for this SLO", "name": "the span's name", "status": "error: the span failed",
		"attr": "name=value of an attribute of the span or its resource; a customer's id is looked for by its hash", "min": "the trace took at least this duration",
		"max": "at most this one", "since": "began in the last 1h, 3d and so on", "from": timeText, "to": timeText, "q": "a condition in TraceQL", "limit": limitText}
}

// traceRefusals are what a search or a read of a trace may answer beside what is asked for; absent
// says when nothing is there.
func traceRefusals(absent string) map[int]string {
	texts := map[int]string{http.StatusBadRequest: "A parameter can't be read", http.StatusServiceUnavailable: "Traces can't be read", http.StatusGatewayTimeout: "The search took too long"}
	if absent != "" {
		texts[http.StatusNotFound] = absent
	}
	return texts
}

// apiTraces lists the traces that match, the latest first.
func (s *server) apiTraces(c *gin.Context) {
	form := traceFormOf(c.Request.URL.Query())
	q, problems := form.query(s.Now())
	if len(problems) > 0 {
		c.JSON(http.StatusBadRequest, errorJSON{"The search can't be read.", problems[0].Message, problems})
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), traceTimeout)
	defer cancel()
	answer, err := s.Traces.Search(ctx, q)
	if err != nil {
		s.tracesFailed(c, err)
		return
	}
	list := []foundJSON{}
	for _, f := range answer.Traces {
		list = append(list, toFound(f))
	}
	c.JSON(http.StatusOK, tracesJSON{list, answer.Inspected, answer.Until.IsZero(), stamp(answer.Until)})
}

// apiTrace gives one trace in order, with what its page says of it.
func (s *server) apiTrace(c *gin.Context) {
	if v, ok := s.traceView(c); ok {
		c.JSON(http.StatusOK, v.toJSON())
	}
}

// traceView is a trace as it is shown.
type traceView struct {
	*waterfall.Trace
	Summary tracesearch.Summary
	// spans and resources stand at the places of Trace.Nodes.
	spans     []ptrace.Span
	resources []pcommon.Resource
	// Subject is what the trace was about: a journey, or the name of its first span.
	Subject string
}

// traceView reads the trace that the address names; false when it has answered.
func (s *server) traceView(c *gin.Context) (*traceView, bool) {
	id, ok := tracesearch.ParseID(c.Param("id"))
	if !ok {
		s.fail(c, http.StatusBadRequest, "This is no trace id.", "A trace id is 1 to 32 hexadecimal digits.")
		return nil, false
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), traceTimeout)
	defer cancel()
	td, err := s.Traces.Trace(ctx, id)
	if err == nil && td.SpanCount() == 0 {
		err = tracesearch.ErrNotFound
	}
	if err != nil {
		s.tracesFailed(c, err)
		return nil, false
	}
	return s.viewOf(id, td), true
}

func (s *server) viewOf(id pcommon.TraceID, td ptrace.Traces) *traceView {
	v := &traceView{Summary: tracesearch.Summarize(id, td)}
	var spans []waterfall.Span
	for _, rs := range td.ResourceSpans().All() {
		service := tracesearch.ServiceOf(rs.Resource())
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				spans = append(spans, spanOf(service, span))
				v.spans, v.resources = append(v.spans, span), append(v.resources, rs.Resource())
			}
		}
	}
	v.Trace = waterfall.Build(spans)
	v.Subject = s.subjectOf(v)
	return v
}

// tracesFailed answers when traces can't be read.
func (s *server) tracesFailed(c *gin.Context, err error) {
	switch {
	case errors.Is(err, tracesearch.ErrNotFound):
		s.fail(c, http.StatusNotFound, "This trace is not kept.",
			"Bad and slow traces are kept while there is room, and a sample of all others; the oldest go first. It may also never have come here.")
	case errors.Is(err, context.DeadlineExceeded):
		s.fail(c, http.StatusGatewayTimeout, "The search took too long.", "Search a shorter time, or for something more particular.")
	default:
		s.fail(c, http.StatusServiceUnavailable, "Traces can't be read at the moment.", err.Error())
	}
}

// apiForget deletes the kept traces of a customer.
func (s *server) apiForget(c *gin.Context) {
	var in forgetJSON
	dec := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, 4<<10))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil || in.Customer == "" {
		s.badBody(c, "The body names no customer.", `Write {"customer": "the id"}, as spans carry it or as it is shown.`, err)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), forgetTimeout)
	defer cancel()
	lasting(c, forgetTimeout+time.Minute)
	n, err := s.ForgetCustomer(ctx, in.Customer)
	if err != nil {
		s.fail(c, http.StatusServiceUnavailable, "Not every trace of the customer could be deleted; ask again.", err.Error())
		return
	}
	c.JSON(http.StatusOK, forgottenJSON{n})
}
