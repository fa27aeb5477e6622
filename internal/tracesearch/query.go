// Package tracesearch is the language in which traces are looked for: conditions on spans
// as an expression, the part of TraceQL that Grafana's search builder writes as its text
// form, and what a search answers. The trace store evaluates it; pages and APIs write it.
package tracesearch

import (
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// ErrNotFound says that nothing of a trace is kept.
var ErrNotFound = errors.New("no such trace is kept")

// SLOAttribute is set on bad spans: the IDs of the SLOs that the span is bad for, with
// commas between them.
const SLOAttribute = "burnline.slo"

// DefaultLimit and MostResults are how many traces a search returns where it doesn't say, and
// at most.
const (
	DefaultLimit = 20
	MostResults  = 500
)

// Query says which traces are looked for. The zero value of a field asks for nothing.
type Query struct {
	// Where is what at least one span of the trace has to meet.
	Where Expr
	// From and To bound the start of the trace, both included.
	From, To time.Time
	// MinDuration and MaxDuration bound the time from the first start to the last end.
	MinDuration, MaxDuration time.Duration
	// Limit is the greatest number of answers. Default DefaultLimit.
	Limit int
	// Spans is how many of the matching spans are told of each trace. Default 3.
	Spans int
}

// Answer is what a search found, the latest first.
type Answer struct {
	Traces []Found
	// Inspected is how many traces were read, and Bytes how large they were on disk.
	Inspected int
	Bytes     int64
	// Until is set where the search ended before it had looked at everything: traces that
	// started before it were not looked at.
	Until time.Time
}

// Found is one trace.
type Found struct {
	Summary
	// Matched is how many of its spans match, and Matches the first of them.
	Matched int
	Matches []Match
}

// Match is a span that a search was looking for.
type Match struct {
	Span     ptrace.Span
	Resource pcommon.Resource
}

// Field names an attribute or a property of spans.
type Field struct {
	// Scope is where it stands; ScopeAny is the span or else its resource.
	Scope Scope
	Name  string
}

// Scope is where a field stands.
type Scope string

// The scopes. Properties such as the span's name or duration have ScopeIntrinsic.
const (
	ScopeAny       Scope = ""
	ScopeResource  Scope = "resource"
	ScopeSpan      Scope = "span"
	ScopeEvent     Scope = "event"
	ScopeLink      Scope = "link"
	ScopeLibrary   Scope = "instrumentation"
	ScopeIntrinsic Scope = "intrinsic"
)

// Known is one value that a field has in the kept traces.
type Known struct {
	// Type is string, int, float, bool, duration or keyword.
	Type, Text string
}

// ParseID reads a trace id, in which zeros at the beginning may be left out.
func ParseID(s string) (pcommon.TraceID, bool) {
	var id pcommon.TraceID
	if s == "" || len(s) > 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(strings.Repeat("0", 2*len(id)-len(s))+s))
	return id, err == nil
}
