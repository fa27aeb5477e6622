package promql

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"burnline/slo"
)

// Keeps returns the labels that a query's result is known to have, sorted: those of the
// outermost sum by and the like. Nil where there are none, or they can't be told.
func Keeps(expr string) []string {
	tree, _, _, err := parse(expr)
	if err != nil {
		return nil
	}
	return keeps(tree)
}

func keeps(e parser.Expr) []string {
	switch e := unwrapped(e).(type) {
	case *parser.AggregateExpr:
		if e.Without || len(e.Grouping) == 0 {
			return nil
		}
		return slices.Compact(slices.Sorted(slices.Values(e.Grouping)))
	case *parser.UnaryExpr:
		return keeps(e.Expr)
	case *parser.SubqueryExpr:
		return keeps(e.Expr)
	case *parser.BinaryExpr:
		if by := keeps(e.LHS); by != nil {
			return by
		}
		return keeps(e.RHS)
	case *parser.Call:
		return kept(e)
	}
	return nil
}

// kept returns the labels that a function leaves of its arguments'.
func kept(e *parser.Call) []string {
	switch e.Func.Name {
	case "scalar", "vector", "absent", "absent_over_time":
		return nil // one number, whatever the series
	}
	for _, arg := range e.Args {
		by := keeps(arg)
		if e.Func.Name == "histogram_quantile" { // it uses the buckets up
			by = slices.DeleteFunc(by, func(label string) bool { return label == "le" })
		}
		if len(by) > 0 {
			return by
		}
	}
	return nil
}

// Buckets returns the sum with every whole bound of a histogram's bucket matched
// however it is written: le="1" and le="1.0", between which Prometheus 2 and 3 differ.
func Buckets(sum slo.Sum) slo.Sum {
	return matchedAgain(sum, func(m slo.Matcher) slo.Matcher {
		if m.Op != slo.MatchEqual {
			return m
		}
		if v, err := strconv.ParseFloat(m.Value, 64); err == nil && v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return slo.Matcher{Label: m.Label, Op: slo.MatchRegexp, Value: strconv.FormatFloat(v, 'f', -1, 64) + bothForms}
		}
		return m
	})
}

// PlainBuckets takes back what Buckets does: le=~"1(\.0)?" is le="1".
func PlainBuckets(sum slo.Sum) slo.Sum {
	return matchedAgain(sum, func(m slo.Matcher) slo.Matcher {
		if whole, ok := strings.CutSuffix(m.Value, bothForms); ok && m.Op == slo.MatchRegexp && wholeNumber.MatchString(whole) {
			return slo.Matcher{Label: m.Label, Op: slo.MatchEqual, Value: whole}
		}
		return m
	})
}

// bothForms follows a whole number that may be written as 1 or 1.0.
const bothForms = `(\.0)?`

var wholeNumber = regexp.MustCompile(`^-?[0-9]+$`)

// matchedAgain rewrites the matchers of le.
func matchedAgain(sum slo.Sum, rewrite func(slo.Matcher) slo.Matcher) slo.Sum {
	out := slices.Clone(sum)
	for i := range out {
		matchers := slices.Clone(out[i].Selector.Matchers)
		for j, m := range matchers {
			if m.Label == "le" {
				matchers[j] = rewrite(m)
			}
		}
		out[i].Selector.Matchers = matchers
	}
	return out
}

// Text writes the sum as a query: each selector within outer, such as sum(rate(…[5m])),
// which has %s where the selector goes.
func Text(sum slo.Sum, outer string) string {
	return sum.Each(func(s slo.Selector) string { return strings.Replace(outer, "%s", s.String(), 1) })
}
