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
			api(http.MethodGet, "/api/v1/traces", toShow, s.apiTraces, operation{}),
			api(http.MethodGet, "/api/v1/traces/:id", toShow, s.apiTrace, operation{}))
	}
	if s.ForgetCustomer != nil {
		rs = append(rs, api(http.MethodPost, "/api/v1/traces/forget", toRule, s.apiForget, operation{}).does("forget a customer", nil))
	}
	return rs
}

// apiTraces lists the traces that match, the latest first.
func (s *server) apiTraces(c *gin.Context) {
	form := traceFormOf(c.Request.URL.Query())
	q, problems := form.query(s.Now())
	if len(problems) > 0 {
		c.JSON(http.StatusBadRequest, gin.H{"error": "The search can't be read.", "detail": problems[0], "findings": problems})
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
	out := gin.H{"traces": list, "inspected": answer.Inspected, "complete": answer.Until.IsZero()}
	if !answer.Until.IsZero() {
		out["searched_until"] = stamp(answer.Until)
	}
	c.JSON(http.StatusOK, out)
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
	var in struct {
		Customer string `json:"customer"`
	}
	dec := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, 4<<10))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil || in.Customer == "" {
		s.fail(c, http.StatusBadRequest, "The body names no customer.", `Write {"customer": "the id"}, as spans carry it or as it is shown.`)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), forgetTimeout)
	defer cancel()
	n, err := s.ForgetCustomer(ctx, in.Customer)
	if err != nil {
		s.fail(c, http.StatusServiceUnavailable, "Not every trace of the customer could be deleted; ask again.", err.Error())
		return
	}
	c.JSON(http.StatusOK, gin.H{"traces": n})
}
