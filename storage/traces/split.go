package traces

import (
	"iter"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// split yields the spans of a batch trace by trace, in order of first
// appearance. A batch of one trace, which is what the sampler sends, is
// yielded as it is.
func split(td ptrace.Traces) iter.Seq2[pcommon.TraceID, ptrace.Traces] {
	return func(yield func(pcommon.TraceID, ptrace.Traces) bool) {
		ids := traceIDs(td)
		for _, id := range ids {
			piece := td
			if len(ids) > 1 {
				piece = only(td, id)
			}
			if !yield(id, piece) {
				return
			}
		}
	}
}

func traceIDs(td ptrace.Traces) []pcommon.TraceID {
	var ids []pcommon.TraceID
	seen := map[pcommon.TraceID]bool{}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if id := span.TraceID(); !seen[id] {
					seen[id] = true
					ids = append(ids, id)
				}
			}
		}
	}
	return slices.Clip(ids)
}

// only copies what belongs to one trace.
func only(td ptrace.Traces, id pcommon.TraceID) ptrace.Traces {
	out := ptrace.NewTraces()
	for _, rs := range td.ResourceSpans().All() {
		var toRS ptrace.ResourceSpans
		var haveRS bool
		for _, ss := range rs.ScopeSpans().All() {
			var toSS ptrace.ScopeSpans
			var haveSS bool
			for _, span := range ss.Spans().All() {
				if span.TraceID() != id {
					continue
				}
				if !haveRS {
					toRS, haveRS = out.ResourceSpans().AppendEmpty(), true
					rs.Resource().CopyTo(toRS.Resource())
					toRS.SetSchemaUrl(rs.SchemaUrl())
				}
				if !haveSS {
					toSS, haveSS = toRS.ScopeSpans().AppendEmpty(), true
					ss.Scope().CopyTo(toSS.Scope())
					toSS.SetSchemaUrl(ss.SchemaUrl())
				}
				span.CopyTo(toSS.Spans().AppendEmpty())
			}
		}
	}
	return out
}
