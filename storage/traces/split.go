package traces

import (
	"iter"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// split yields the spans of a batch trace by trace, in order of first
// appearance. A batch of one trace, which is what the sampler sends, is
// yielded as it is.
func split(td ptrace.Traces) iter.Seq2[pcommon.TraceID, ptrace.Traces] {
	return func(yield func(pcommon.TraceID, ptrace.Traces) bool) {
		if id, ok := single(td); ok {
			yield(id, td)
			return
		}
		for _, p := range pieces(td) {
			if !yield(p.id, p.traces) {
				return
			}
		}
	}
}

// single returns the trace of a batch that has just one.
func single(td ptrace.Traces) (id pcommon.TraceID, ok bool) {
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if ok && span.TraceID() != id {
					return id, false
				}
				id, ok = span.TraceID(), true
			}
		}
	}
	return id, ok
}

// piece collects the spans of one trace while a batch is walked through.
type piece struct {
	id     pcommon.TraceID
	traces ptrace.Traces
	// resource and scope are where the next span goes; inResource and inScope
	// say of which resource and scope of the batch they are copies.
	resource            ptrace.ResourceSpans
	scope               ptrace.ScopeSpans
	inResource, inScope int
}

func pieces(td ptrace.Traces) []*piece {
	var all []*piece
	byID := map[pcommon.TraceID]*piece{}
	for i, rs := range td.ResourceSpans().All() {
		for j, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				p, ok := byID[span.TraceID()]
				if !ok {
					p = &piece{id: span.TraceID(), traces: ptrace.NewTraces(), inResource: -1}
					byID[p.id] = p
					all = append(all, p)
				}
				if p.inResource != i {
					p.resource, p.inResource, p.inScope = p.traces.ResourceSpans().AppendEmpty(), i, -1
					rs.Resource().CopyTo(p.resource.Resource())
					p.resource.SetSchemaUrl(rs.SchemaUrl())
				}
				if p.inScope != j {
					p.scope, p.inScope = p.resource.ScopeSpans().AppendEmpty(), j
					ss.Scope().CopyTo(p.scope.Scope())
					p.scope.SetSchemaUrl(ss.SchemaUrl())
				}
				span.CopyTo(p.scope.Spans().AppendEmpty())
			}
		}
	}
	return all
}
