package judge

import (
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/spancond"
	"burnline/slo"
)

// watch says which spans show how an SLO of another kind fares: those that serve requests.
type watch struct {
	// slow is the longest good duration; 0 where only failures are bad.
	slow time.Duration
}

func watchOf(d *slo.Definition) watch {
	if d.SLI.Latency != nil {
		return watch{d.SLI.Latency.Threshold}
	}
	return watch{}
}

// judge says whether the span counts for the SLO and whether it is bad.
func (w watch) judge(s ptrace.Span) (counts, bad bool) {
	if s.Kind() != ptrace.SpanKindServer {
		return false, false
	}
	return true, s.Status().Code() == ptrace.StatusCodeError || w.slow > 0 && spancond.Took(s) > w.slow
}

// attribute returns an attribute of the span, else of its resource, as text; "" where
// neither has it.
func attribute(name string, span, resource pcommon.Map) string {
	v, ok := span.Get(name)
	if !ok {
		v, ok = resource.Get(name)
	}
	if !ok {
		return ""
	}
	return text(v)
}

// text is an attribute's value as labels can have it.
func text(v pcommon.Value) string {
	if v.Type() == pcommon.ValueTypeStr {
		return strings.ToValidUTF8(v.Str(), "�")
	}
	return v.AsString()
}
