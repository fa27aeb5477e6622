package tracesearch

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Fields tells of every attribute that a trace has.
func Fields(td ptrace.Traces, visit func(Field)) {
	each := func(scope Scope, attrs pcommon.Map) {
		for name := range attrs.All() {
			visit(Field{scope, name})
		}
	}
	for _, rs := range td.ResourceSpans().All() {
		each(ScopeResource, rs.Resource().Attributes())
		for _, ss := range rs.ScopeSpans().All() {
			each(ScopeLibrary, ss.Scope().Attributes())
			for _, span := range ss.Spans().All() {
				each(ScopeSpan, span.Attributes())
				for _, event := range span.Events().All() {
					each(ScopeEvent, event.Attributes())
				}
				for _, link := range span.Links().All() {
					each(ScopeLink, link.Attributes())
				}
			}
		}
	}
}

// Values tells of the values that a field has in the spans of a trace that meet a condition.
func Values(td ptrace.Traces, of *Summary, e Expr, f Field, visit func(Known)) {
	eachSpan(td, of, func(s *spanView) {
		if e != nil && !e.matches(s) {
			return
		}
		s.values(f, func(v pcommon.Value) bool {
			kind := typeOf(v)
			switch {
			case f.Scope == ScopeIntrinsic && (f.Name == "status" || f.Name == "kind"):
				kind = "keyword"
			case f.Scope == ScopeIntrinsic && (f.Name == "duration" || f.Name == "traceDuration"):
				kind = "duration"
			}
			texts(f.Name, v, func(t string) bool { visit(Known{kind, t}); return true })
			return true
		})
	})
}
