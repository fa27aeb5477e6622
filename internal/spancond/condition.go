package spancond

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottlspan"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"

	"burnline/internal/yamlconf"
)

// maxBytes is the longest condition that is read.
const maxBytes = 4000

// maxDepth is how deep brackets may nest: the parser recurses.
const maxDepth = 50

// Condition is a compiled condition. It may be used by many at once.
type Condition struct {
	text     string
	compiled *ottl.Condition[*ottlspan.TransformContext]
}

// Span is a span with what it came in.
type Span struct {
	Resource ptrace.ResourceSpans
	Scope    ptrace.ScopeSpans
	Span     ptrace.Span
}

// Parse compiles a condition. The error is a *yamlconf.Wrong that says where
// and what to write instead.
func Parse(text string) (*Condition, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return nil, &yamlconf.Wrong{Message: "the condition is empty", Instead: "write one such as status.code == STATUS_CODE_ERROR"}
	case len(text) > maxBytes:
		return nil, &yamlconf.Wrong{Message: fmt.Sprintf("the condition is longer than %d characters", maxBytes), Instead: "shorten it, or set an attribute where the spans are made"}
	}
	words := scan(text)
	if wrong := misread(text, words); wrong != nil {
		return nil, wrong
	}
	written, places := rewrite(text, words)
	parser, err := newParser()
	if err != nil {
		return nil, fmt.Errorf("prepare the reading of conditions: %w", err)
	}
	compiled, err := parser.ParseCondition(written)
	if err != nil {
		return nil, explain(text, places, err)
	}
	c := &Condition{text: text, compiled: compiled}
	return c, c.probe(words)
}

// String returns the condition as it was written.
func (c *Condition) String() string { return c.text }

// Holds reports whether the condition holds for the span. The error says why that can't
// be told, such as a function that is given what it can't convert.
func (c *Condition) Holds(s Span) (bool, error) {
	t := ottlspan.NewTransformContextPtr(s.Resource, s.Scope, s.Span)
	defer t.Close()
	return c.compiled.Eval(context.Background(), t) // OTTL wants one and waits for nothing
}

// newParser returns a parser with OTTL's own converters and those that rewrite uses.
func newParser() (ottl.Parser[*ottlspan.TransformContext], error) {
	functions := ottlfuncs.StandardConverters[*ottlspan.TransformContext]()
	for _, f := range []ottl.Factory[*ottlspan.TransformContext]{
		ottl.NewFactory(functionTook, nil, func(ottl.FunctionContext, ottl.Arguments) (ottl.ExprFunc[*ottlspan.TransformContext], error) {
			return took, nil
		}),
		ottl.NewFactory(functionLength, &lengthArguments{}, newLength),
	} {
		functions[f.Name()] = f
	}
	return ottlspan.NewParser(functions, component.TelemetrySettings{Logger: zap.NewNop()})
}

// took is how long the span took. One that ends before it begins, by clocks that differ,
// took no time.
func took(_ context.Context, t *ottlspan.TransformContext) (any, error) {
	return Took(t.GetSpan()), nil
}

// Took returns how long a span took, 0 where it ends before it begins.
func Took(s ptrace.Span) time.Duration {
	start, end := s.StartTimestamp(), s.EndTimestamp()
	if end <= start {
		return 0
	}
	return time.Duration(end - start) //nolint:gosec // a span is shorter than 292 years
}

type lengthArguments struct {
	Nanoseconds int64
}

// newLength is a length of time that stands in the condition.
func newLength(_ ottl.FunctionContext, args ottl.Arguments) (ottl.ExprFunc[*ottlspan.TransformContext], error) {
	a, ok := args.(*lengthArguments)
	if !ok {
		return nil, fmt.Errorf("unexpected arguments %T", args)
	}
	var length any = time.Duration(a.Nanoseconds) // one value for all spans
	return func(context.Context, *ottlspan.TransformContext) (any, error) { return length, nil }, nil
}
