package tracesearch

import (
	"cmp"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Summary is a trace in a few words.
type Summary struct {
	ID pcommon.TraceID
	// Service and Name are those of the root span, or of the span that started first where
	// the root is not kept.
	Service, Name string
	// Rooted is true where the root span is kept.
	Rooted bool
	// Start and End are the earliest start and the latest end of a span, in Unix nanoseconds.
	Start, End int64
	// Spans is how many spans are kept, and Errors how many of them have the status error.
	Spans, Errors int
	// Services are all that have spans, those with the most spans first.
	Services []ServiceSpans
	// SLOs are those that a span is bad for.
	SLOs []string
}

// ServiceSpans counts the spans of one service.
type ServiceSpans struct {
	Name          string
	Spans, Errors int
}

// Times returns when a span started and ended, in Unix nanoseconds. A span without a start
// started when it ended, and none ends before it started.
func Times(span ptrace.Span) (start, end int64) {
	start, end = int64(span.StartTimestamp()), int64(span.EndTimestamp())
	if start <= 0 {
		start = end
	}
	return max(start, 0), max(start, end, 0)
}

// unknown stands for a service that doesn't say its name.
const unknown = "unknown"

// ServiceOf returns the service of a resource, "unknown" where it doesn't say.
func ServiceOf(resource pcommon.Resource) string {
	if v, ok := resource.Attributes().Get("service.name"); ok && v.AsString() != "" {
		return v.AsString()
	}
	return unknown
}

// Summarize sums up the spans of one trace.
func Summarize(id pcommon.TraceID, td ptrace.Traces) Summary {
	sum := Summary{ID: id}
	byService := map[string]*ServiceSpans{}
	first := int64(0)
	eachSpan(td, nil, func(s *spanView) {
		start, end := Times(s.span)
		service := ServiceOf(s.resource)
		root := s.span.ParentSpanID().IsEmpty()
		switch {
		case sum.Spans == 0 || root && !sum.Rooted || root == sum.Rooted && start < first:
			sum.Service, sum.Name, sum.Rooted, first = service, s.span.Name(), root, start
		}
		if sum.Spans == 0 {
			sum.Start, sum.End = start, end
		}
		sum.Start, sum.End = min(sum.Start, start), max(sum.End, end)
		of := byService[service]
		if of == nil {
			of = &ServiceSpans{Name: service}
			byService[service] = of
		}
		sum.Spans++
		of.Spans++
		if s.span.Status().Code() == ptrace.StatusCodeError {
			sum.Errors++
			of.Errors++
		}
		sum.SLOs = SLOsOf(s.span, sum.SLOs)
	})
	for _, of := range byService {
		sum.Services = append(sum.Services, *of)
	}
	slices.SortFunc(sum.Services, func(a, b ServiceSpans) int {
		return cmp.Or(cmp.Compare(b.Spans, a.Spans), cmp.Compare(a.Name, b.Name))
	})
	return sum
}

// SLOsOf appends the SLOs that a span is bad for, each once.
func SLOsOf(span ptrace.Span, to []string) []string {
	v, ok := span.Attributes().Get(SLOAttribute)
	if !ok {
		return to
	}
	texts(SLOAttribute, v, func(id string) bool {
		if !slices.Contains(to, id) {
			to = append(to, id)
		}
		return true
	})
	return to
}
