// Package promql reads the PromQL of SLO files: sums of counters, and ratios of them, become exact
// counts of events. What is no count is refused with the reason, and runs as a query instead.
package promql

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// maxSelector is the longest selector sum that is read, in bytes.
const maxSelector = 10_000

// Selectors reads a sum and difference of PromQL vector selectors, such
// as requests_total{job="a"} - requests_total{path="/healthz"}. Everything else of
// PromQL is refused, with what to write instead: events are counted from raw
// counters, so rate() and ranges have no place.
func Selectors(expr string) (slo.Sum, error) {
	if len(expr) > maxSelector {
		return nil, &yamlconf.Wrong{
			Message: fmt.Sprintf("the selector is longer than %d characters", maxSelector),
			Instead: "use a shorter regular expression",
		}
	}
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		return nil, unparsed(expr, err)
	}
	var sum slo.Sum
	if err := flatten(tree, false, &sum); err != nil {
		return nil, err
	}
	for _, s := range sum {
		if !s.Minus {
			return sum, nil
		}
	}
	return nil, &yamlconf.Wrong{Message: "everything is taken away and nothing counted", Instead: "write at least one selector without -"}
}

// flatten adds an expression's selectors to the sum.
func flatten(e parser.Expr, minus bool, sum *slo.Sum) error {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return flatten(e.Expr, minus, sum)
	case *parser.UnaryExpr:
		return flatten(e.Expr, minus != (e.Op == parser.SUB), sum)
	case *parser.BinaryExpr:
		if e.Op != parser.ADD && e.Op != parser.SUB {
			return &yamlconf.Wrong{
				Message: fmt.Sprintf("selectors can only be added and taken away, not joined by %q", e.Op),
				Instead: instead(e, "give bad and total as selectors; Burnline divides them itself"),
			}
		}
		if m := e.VectorMatching; m != nil && (m.On || len(m.MatchingLabels) > 0 || len(m.Include) > 0 || m.Card != parser.CardOneToOne) {
			return &yamlconf.Wrong{
				Message: "series are not matched with each other, all of them are added up",
				Instead: "remove on, ignoring and group_…",
			}
		}
		if err := flatten(e.LHS, minus, sum); err != nil {
			return err
		}
		return flatten(e.RHS, minus != (e.Op == parser.SUB), sum)
	case *parser.VectorSelector:
		selector, err := convert(e)
		if err != nil {
			return err
		}
		*sum = append(*sum, slo.Signed{Selector: selector, Minus: minus})
		return nil
	default:
		return refuse(e)
	}
}

// refuse says why an expression is no selector.
func refuse(e parser.Expr) error {
	message, otherwise := "this is no selector", `write a selector such as requests_total{code=~"5.."}`
	switch e := e.(type) {
	case *parser.Call:
		message = e.Func.Name + "() is not needed: events are counted from the raw counters"
	case *parser.AggregateExpr:
		message = e.Op.String() + "() is not needed: all series are added up, and group_by splits them"
	case *parser.MatrixSelector, *parser.SubqueryExpr:
		message = "a range is not needed: events are counted over every window of the policies"
	case *parser.NumberLiteral:
		message = "a number counts no events"
	}
	return &yamlconf.Wrong{Message: message, Instead: instead(e, otherwise)}
}

// instead suggests the selector within an expression, where there is just one.
func instead(e parser.Expr, otherwise string) string {
	var found []string
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			if s, err := convert(v); err == nil {
				found = append(found, s.String())
			}
		}
		return nil
	})
	if len(found) == 1 {
		return "write " + found[0]
	}
	return otherwise
}

// convert takes a selector over from PromQL.
func convert(v *parser.VectorSelector) (slo.Selector, error) {
	var s slo.Selector
	if v.OriginalOffset != 0 || v.OriginalOffsetExpr != nil || v.Timestamp != nil || v.StartOrEnd != 0 || v.Anchored || v.Smoothed {
		return s, &yamlconf.Wrong{Message: "events are counted when they happen", Instead: "remove offset, @, anchored and smoothed"}
	}
	for _, m := range v.LabelMatchers {
		if m.Name == slo.MetricName {
			if m.Type != labels.MatchEqual || s.Name != "" && s.Name != m.Value {
				return s, &yamlconf.Wrong{Message: "a selector has exactly one metric name", Instead: "write one selector for each metric, joined by +"}
			}
			s.Name = m.Value
			continue
		}
		s.Matchers = append(s.Matchers, slo.Matcher{Label: m.Name, Op: slo.MatchOp(m.Type.String()), Value: m.Value})
	}
	if s.Name == "" {
		return s, &yamlconf.Wrong{Message: "the selector has no metric name", Instead: `write one, as in requests_total{code=~"5.."}`}
	}
	if _, err := s.Compile(); err != nil {
		return s, fmt.Errorf("read selector %s: %w", s.Name, err)
	}
	return s, nil
}

// quoted matches a label's value, in which brackets and $ are ordinary.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// unparsed words an error of the PromQL parser.
func unparsed(expr string, err error) error {
	w := &yamlconf.Wrong{Message: "this is no selector, " + parserMessage(err), Instead: `write one such as requests_total{code=~"5.."}`}
	if strings.ContainsAny(quoted.ReplaceAllString(expr, ""), "[$") {
		w.Instead = "write the counter's selector alone, without rate(), [range] and variables"
	}
	return w
}

// parserMessage takes the first message of the PromQL parser, and where it points to.
func parserMessage(err error) string {
	var all parser.ParseErrors
	if errors.As(err, &all) && len(all) > 0 {
		return fmt.Sprintf("at character %d: %s", all[0].PositionRange.Start+1, all[0].Err)
	}
	return err.Error()
}

// Same reports whether two sums count the same, in whatever order they are written.
func Same(a, b slo.Sum) bool {
	return slices.Equal(canonical(a), canonical(b))
}

func canonical(sum slo.Sum) []string {
	var terms []string
	for _, s := range sum {
		matchers := slices.Clone(s.Selector.Matchers)
		slices.SortFunc(matchers, func(x, y slo.Matcher) int {
			return strings.Compare(x.Label+string(x.Op)+x.Value, y.Label+string(y.Op)+y.Value)
		})
		terms = append(terms, fmt.Sprint(s.Minus, slo.Selector{Name: s.Selector.Name, Matchers: matchers}))
	}
	slices.Sort(terms)
	return terms
}
