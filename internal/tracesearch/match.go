package tracesearch

import (
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// spanView is a span with what stands around it.
type spanView struct {
	span     ptrace.Span
	resource pcommon.Resource
	library  pcommon.InstrumentationScope
	trace    *Summary
}

// Matches returns how many spans of a trace meet a condition, and the first of them. A nil
// condition is met by every span.
func Matches(td ptrace.Traces, of *Summary, e Expr, most int) (int, []Match) {
	n := 0
	var first []Match
	eachSpan(td, of, func(s *spanView) {
		if e != nil && !e.matches(s) {
			return
		}
		if n++; len(first) < most {
			first = append(first, Match{s.span, s.resource})
		}
	})
	return n, first
}

func eachSpan(td ptrace.Traces, of *Summary, visit func(*spanView)) {
	view := spanView{trace: of}
	for _, rs := range td.ResourceSpans().All() {
		view.resource = rs.Resource()
		for _, ss := range rs.ScopeSpans().All() {
			view.library = ss.Scope()
			for _, span := range ss.Spans().All() {
				view.span = span
				visit(&view)
			}
		}
	}
}

// values yields what the span has of a field until yield returns false.
func (s *spanView) values(f Field, yield func(pcommon.Value) bool) {
	get := func(attrs pcommon.Map) (found, more bool) {
		v, ok := attrs.Get(f.Name)
		return ok, !ok || yield(v)
	}
	switch f.Scope {
	case ScopeResource:
		get(s.resource.Attributes())
	case ScopeSpan:
		get(s.span.Attributes())
	case ScopeAny:
		if found, _ := get(s.span.Attributes()); !found {
			get(s.resource.Attributes())
		}
	case ScopeLibrary:
		get(s.library.Attributes())
	case ScopeEvent:
		for _, event := range s.span.Events().All() {
			if _, more := get(event.Attributes()); !more {
				return
			}
		}
	case ScopeLink:
		for _, link := range s.span.Links().All() {
			if _, more := get(link.Attributes()); !more {
				return
			}
		}
	case ScopeIntrinsic:
		s.intrinsics(f.Name, yield)
	}
}

// intrinsics yields a property. Durations are nanoseconds.
func (s *spanView) intrinsics(name string, yield func(pcommon.Value) bool) {
	str := func(v string) { yield(pcommon.NewValueStr(v)) }
	switch name {
	case "name":
		str(s.span.Name())
	case "status":
		str(strings.ToLower(s.span.Status().Code().String()))
	case "statusMessage":
		str(s.span.Status().Message())
	case "kind":
		str(strings.ToLower(s.span.Kind().String()))
	case "duration":
		start, end := Times(s.span)
		yield(pcommon.NewValueInt(end - start))
	case "traceDuration":
		yield(pcommon.NewValueInt(s.trace.End - s.trace.Start))
	case "rootName":
		str(s.trace.Name)
	case "rootServiceName":
		str(s.trace.Service)
	case "trace:id":
		str(s.span.TraceID().String())
	case "span:id":
		str(s.span.SpanID().String())
	case "span:parentID":
		str(s.span.ParentSpanID().String())
	case "instrumentation:name":
		str(s.library.Name())
	case "instrumentation:version":
		str(s.library.Version())
	case "event:name":
		for _, event := range s.span.Events().All() {
			if !yield(pcommon.NewValueStr(event.Name())) {
				return
			}
		}
	case "link:traceID":
		for _, link := range s.span.Links().All() {
			if !yield(pcommon.NewValueStr(link.TraceID().String())) {
				return
			}
		}
	case "link:spanID":
		for _, link := range s.span.Links().All() {
			if !yield(pcommon.NewValueStr(link.SpanID().String())) {
				return
			}
		}
	}
}

// matches is true where one of the field's values meets the comparison. IsNot and FitsNot
// ask it of all of them.
func (e compare) matches(s *spanView) bool {
	some, all := false, true
	s.values(e.field, func(v pcommon.Value) bool {
		some = true
		if e.isNil {
			return false
		}
		met := e.meets(v)
		if e.op == IsNot || e.op == FitsNot {
			all = all && met
			return all
		}
		all = met
		return !met
	})
	if e.isNil {
		return some == (e.op == IsNot)
	}
	return some && all
}

func (e compare) meets(v pcommon.Value) bool {
	switch e.op {
	case Is, IsNot:
		equal := !texts(e.field.Name, v, func(t string) bool { return t != e.value })
		return equal == (e.op == Is)
	case Fits, FitsNot:
		fits := !texts(e.field.Name, v, func(t string) bool { return !e.re.MatchString(t) })
		return fits == (e.op == Fits)
	}
	n, ok := number(v)
	if !ok {
		return false
	}
	switch e.op {
	case Less:
		return n < e.number
	case AtMost:
		return n <= e.number
	case More:
		return n > e.number
	default:
		return n >= e.number
	}
}
