// Package tracetest keeps traces in memory, for tests of what shows them, and builds traces.
package tracetest

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/tracesearch"
)

// Memory holds traces; the one that was added last comes first.
type Memory struct {
	// Err is what every call fails with; nil lets them work.
	Err error
	// Until is told by every search.
	Until time.Time

	all []ptrace.Traces
}

// Add keeps a trace.
func (m *Memory) Add(td ptrace.Traces) { m.all = append(m.all, td) }

func idOf(td ptrace.Traces) pcommon.TraceID {
	return td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).TraceID()
}

// Trace returns a copy of a trace.
func (m *Memory) Trace(_ context.Context, id pcommon.TraceID) (ptrace.Traces, error) {
	for _, td := range m.all {
		if idOf(td) == id && m.Err == nil {
			found := ptrace.NewTraces()
			td.CopyTo(found)
			return found, nil
		}
	}
	if m.Err != nil {
		return ptrace.NewTraces(), m.Err
	}
	return ptrace.NewTraces(), tracesearch.ErrNotFound
}

// Search looks at every trace.
func (m *Memory) Search(_ context.Context, q tracesearch.Query) (tracesearch.Answer, error) {
	answer := tracesearch.Answer{Inspected: len(m.all), Bytes: int64(1000 * len(m.all)), Until: m.Until}
	for _, td := range slices.Backward(m.all) {
		sum := tracesearch.Summarize(idOf(td), td)
		took := time.Duration(sum.End - sum.Start)
		n, first := tracesearch.Matches(td, &sum, q.Where, q.Spans)
		switch {
		case n == 0, len(answer.Traces) == q.Limit, took < q.MinDuration, q.MaxDuration > 0 && took > q.MaxDuration,
			!q.From.IsZero() && sum.Start < q.From.UnixNano(), !q.To.IsZero() && sum.Start > q.To.UnixNano():
			continue
		}
		answer.Traces = append(answer.Traces, tracesearch.Found{Summary: sum, Matched: n, Matches: first})
	}
	return answer, m.Err
}

// Fields returns the attributes in the order in which they are met.
func (m *Memory) Fields(context.Context, tracesearch.Query) ([]tracesearch.Field, error) {
	var all []tracesearch.Field
	for _, td := range m.all {
		tracesearch.Fields(td, func(f tracesearch.Field) {
			if !slices.Contains(all, f) {
				all = append(all, f)
			}
		})
	}
	return all, m.Err
}

// Values returns the values in the order in which they are met.
func (m *Memory) Values(_ context.Context, q tracesearch.Query, f tracesearch.Field) ([]tracesearch.Known, error) {
	var all []tracesearch.Known
	for _, td := range m.all {
		sum := tracesearch.Summarize(idOf(td), td)
		tracesearch.Values(td, &sum, q.Where, f, func(v tracesearch.Known) {
			if !slices.Contains(all, v) {
				all = append(all, v)
			}
		})
	}
	return all, m.Err
}
