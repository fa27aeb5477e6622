package web

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/internal/tracesearch"
	"burnline/slo"
)

// tracesModel is the model of the page that searches traces.
type tracesModel struct {
	Sentence string
	Form     traceForm
	Problems slo.Problems
	// Broken is why traces can't be read; "" where they can.
	Broken string
	Rows   []traceRow
	Dots   []traceDot
	// From and To are the ends of the picture, and Slowest its top.
	From, To time.Time
	Slowest  time.Duration
	// Until is set where the search ended before it had looked at everything.
	Until time.Time
	// MoreHref asks for more results; "" where there are none.
	MoreHref string
	// Services and SLOs are what can be asked for.
	Services, SLOs []string
	// Kept is true where any trace is kept, as far as is known.
	Kept bool
}

// Since are the lengths of time on offer.
func (tracesModel) Since() []string { return traceSince() }

// Attention reports whether the form's rarer fields are in use.
func (m tracesModel) Rare() bool { return m.Form.Q != "" || m.Form.From != "" || m.Form.To != "" }

// traceRow is one trace of the list.
type traceRow struct {
	tracesearch.Found
	slowest time.Duration
}

// Href is the page of the trace; of what was looked for, the first span is selected.
func (r traceRow) Href() string { return traceHref(r.ID.String()) }

// traceHref is the page of a trace.
func traceHref(id string) string { return "/traces/" + id }

// At is when the trace began.
func (r traceRow) At() time.Time { return time.Unix(0, r.Start) }

// Took is from its first start to its last end.
func (r traceRow) Took() time.Duration { return time.Duration(r.End - r.Start) }

// Part is how long it took beside the slowest of the list, 0–100.
func (r traceRow) Part() float64 { return 100 * float64(r.Took()) / float64(max(r.slowest, 1)) }

// Title names it.
func (r traceRow) Title() string { return clipped(firstOf(r.Name, "a span without a name"), mostNamed) }

// ServiceText names its services, those with most spans first.
func (r traceRow) ServiceText() string {
	var names []string
	for _, s := range r.Services {
		names = append(names, clipped(s.Name, mostNamed))
	}
	return listed(names, 4)
}

// Text is what the picture says of it.
func (r traceRow) Text() string {
	text := fmt.Sprintf("%s of %s, %s", r.Title(), clipped(r.Service, mostNamed), span(r.Took()))
	if r.Errors > 0 {
		text += ", failed"
	}
	return text
}

// traceDot is a trace in the picture of 1000 by 100.
type traceDot struct {
	X, Y float64
	Row  traceRow
}

func (s *server) tracesPage(c *gin.Context) {
	m := tracesModel{Form: traceFormOf(c.Request.URL.Query())}
	q, problems := m.Form.query(s.Now())
	ctx, cancel := context.WithTimeout(c.Request.Context(), traceTimeout)
	defer cancel()
	m.Problems = problems
	for _, d := range s.Engine.Definitions() {
		m.SLOs = append(m.SLOs, d.ID)
	}
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusBadRequest
		m.Sentence = "The search can't be read."
	} else if err := s.findTraces(ctx, &m, q); err != nil {
		status = http.StatusServiceUnavailable
		m.Sentence, m.Broken = "Traces can't be read at the moment.", capital(err.Error())+"."
		if errors.Is(err, context.DeadlineExceeded) {
			m.Sentence, m.Broken = "The search took too long.", "Search a shorter time, or for something more particular."
		}
	}
	s.show(c, status, "traces", "Traces", "traces", m)
}

// findTraces fills the model.
func (s *server) findTraces(ctx context.Context, m *tracesModel, q tracesearch.Query) error {
	answer, err := s.Traces.Search(ctx, q)
	if err != nil {
		return err
	}
	services, err := s.Traces.Values(ctx, tracesearch.Query{}, tracesearch.Field{Scope: tracesearch.ScopeResource, Name: "service.name"})
	if err != nil {
		return err
	}
	for _, v := range services {
		m.Services = append(m.Services, v.Text)
	}
	m.Kept, m.Until = len(services) > 0 || len(answer.Traces) > 0, answer.Until
	for _, f := range answer.Traces {
		m.Slowest = max(m.Slowest, time.Duration(f.End-f.Start))
	}
	for _, f := range answer.Traces {
		m.Rows = append(m.Rows, traceRow{f, m.Slowest})
	}
	if len(m.Rows) >= q.Limit && q.Limit < tracesearch.MostResults {
		more := m.Form
		more.Limit = fmt.Sprint(min(q.Limit*5, tracesearch.MostResults))
		m.MoreHref = more.Href()
	}
	m.picture()
	m.Sentence = m.sentence(q)
	return nil
}

// picture places every trace by when it began and, on a logarithmic scale, how long it took.
func (m *tracesModel) picture() {
	if len(m.Rows) < 2 {
		return
	}
	m.To, m.From = m.Rows[0].At(), m.Rows[len(m.Rows)-1].At()
	least := m.Slowest
	for _, r := range m.Rows {
		least = min(least, max(r.Took(), time.Microsecond))
	}
	width, height := float64(max(m.To.Sub(m.From), 1)), math.Log(float64(max(m.Slowest, 1))/float64(max(least, 1)))
	for _, r := range m.Rows {
		y := 50.0
		if height > 0 {
			y = 94 - 88*math.Log(float64(max(r.Took(), least))/float64(least))/height
		}
		m.Dots = append(m.Dots, traceDot{8 + 984*float64(r.At().Sub(m.From))/width, y, r})
	}
}

// sentence says what was found.
func (m *tracesModel) sentence(q tracesearch.Query) string {
	if len(m.Rows) == 0 {
		switch {
		case !m.Kept:
			return "No trace is kept yet."
		case !m.Until.IsZero():
			return "None of the latest traces matches."
		}
		return "No kept trace matches."
	}
	failed := 0
	for _, r := range m.Rows {
		if r.Errors > 0 {
			failed++
		}
	}
	n := len(m.Rows)
	text := plural(n, "kept trace", "kept traces")
	switch {
	case n >= q.Limit:
		text = "The latest " + text
	case !m.Form.Empty() && n == 1:
		text += " matches"
	case !m.Form.Empty():
		text += " match"
	}
	switch {
	case failed == n && n > 1:
		text += ": all failed"
	case failed == n:
		text += ": it failed"
	case failed > 0:
		text += fmt.Sprintf(": %d of them failed", failed)
	default:
		text += ": none failed"
	}
	if n > 1 {
		text += ", the slowest took " + span(m.Slowest)
	}
	return strings.ReplaceAll(text, "it failed", "it failed after "+span(m.Slowest)) + "."
}
