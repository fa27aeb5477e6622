package spancond

import (
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/yamlconf"
)

// probe finds conditions that say the same of every span, whatever it is like, and those
// that can't be told of any. Conditions on names and attributes can't be known without data.
func (c *Condition) probe(words []word) error {
	var held, told int
	var first error
	spans := probes()
	for _, s := range spans {
		holds, err := c.Holds(s)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		told++
		if holds {
			held++
		}
	}
	switch {
	case told == 0 && strings.Contains(first.Error(), "must be bool"):
		return &yamlconf.Wrong{Message: "it gives a value, which is neither true nor false", Instead: "compare it, as in duration > 300ms"}
	case !known(words) || held > 0 && held < told:
		return nil
	case told == 0:
		return &yamlconf.Wrong{Message: fmt.Sprintf("it can't be told of any span: %s", first), Instead: "check what its functions are given"}
	case held == 0:
		return &yamlconf.Wrong{Message: "it holds for no span at all", Instead: "check the comparisons: those of different kinds of values never hold"}
	}
	return &yamlconf.Wrong{Message: "it holds for every span, whatever it is like", Instead: "narrow it"}
}

// known reports whether the condition looks at nothing but what probes vary.
func known(words []word) bool {
	for i, w := range words {
		if w.kind != kindName {
			continue
		}
		switch w.text {
		case "kind", "status.code", "and", "or", "not", "true", "false", "nil", "start_time", "end_time", "Duration":
		default:
			if !isDuration(words, i) && !isConstant(w.text) {
				return false
			}
		}
	}
	return true
}

// isConstant reports whether the name is one of OTTL's constants.
func isConstant(name string) bool {
	for _, r := range name {
		if r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// probes are spans of every kind, status and length.
func probes() []Span {
	var all []Span
	start := time.Unix(1_700_000_000, 0)
	for kind := ptrace.SpanKindUnspecified; kind <= ptrace.SpanKindConsumer; kind++ {
		for code := ptrace.StatusCodeUnset; code <= ptrace.StatusCodeError; code++ {
			for took := time.Duration(0); took < 30*24*time.Hour; took = max(1, took*7) {
				td := ptrace.NewTraces()
				r := td.ResourceSpans().AppendEmpty()
				s := Span{Resource: r, Scope: r.ScopeSpans().AppendEmpty()}
				s.Span = s.Scope.Spans().AppendEmpty()
				s.Span.SetKind(kind)
				s.Span.Status().SetCode(code)
				s.Span.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
				s.Span.SetEndTimestamp(pcommon.NewTimestampFromTime(start.Add(took)))
				all = append(all, s)
			}
		}
	}
	return all
}
