package traces

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// identity tells spans apart. The id alone is not enough: older systems give both ends of a
// call the same.
type identity struct {
	id         pcommon.SpanID
	kind       ptrace.SpanKind
	name       string
	start, end pcommon.Timestamp
}

// once removes the spans that are there more than once, because a client sent its batch again.
func once(td ptrace.Traces) {
	seen := map[identity]bool{}
	td.ResourceSpans().RemoveIf(func(rs ptrace.ResourceSpans) bool {
		rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
			ss.Spans().RemoveIf(func(s ptrace.Span) bool {
				who := identity{s.SpanID(), s.Kind(), s.Name(), s.StartTimestamp(), s.EndTimestamp()}
				again := seen[who]
				seen[who] = true
				return again
			})
			return ss.Spans().Len() == 0
		})
		return rs.ScopeSpans().Len() == 0
	})
}
