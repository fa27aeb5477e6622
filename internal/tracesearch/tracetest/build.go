package tracetest

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Span is one span to build. Its id is its place in the list, from 1.
type Span struct {
	// Parent is the parent's place in the list; 0 makes a root.
	Parent int
	// Service and Name say whose span it is; From is when it starts after the trace does.
	Service, Name string
	From, Took    time.Duration
	Kind          ptrace.SpanKind
	// Error is the status message of a span that failed; "" is one that did not.
	Error string
	// Attributes are pairs.
	Attributes []string
}

// Build makes a trace whose id ends with n.
func Build(n byte, start time.Time, spans ...Span) ptrace.Traces {
	td := ptrace.NewTraces()
	for i, of := range spans {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", of.Service)
		s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		s.SetTraceID(pcommon.TraceID{0: 0xab, 15: n})
		s.SetSpanID(SpanID(i + 1))
		s.SetParentSpanID(SpanID(of.Parent))
		s.SetName(of.Name)
		s.SetKind(of.Kind)
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(start.Add(of.From)))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(start.Add(of.From + of.Took)))
		if of.Error != "" {
			s.Status().SetCode(ptrace.StatusCodeError)
			s.Status().SetMessage(of.Error)
		}
		for j := 0; j+1 < len(of.Attributes); j += 2 {
			s.Attributes().PutStr(of.Attributes[j], of.Attributes[j+1])
		}
	}
	return td
}

// SpanID is the id of the span at a place of the list.
func SpanID(place int) pcommon.SpanID {
	return pcommon.SpanID{5: byte(place >> 16), 6: byte(place >> 8), 7: byte(place)}
}
