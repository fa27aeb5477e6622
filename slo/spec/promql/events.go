package promql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// Counting is PromQL that was read as counted events.
type Counting struct {
	// Sum is what is counted.
	Sum slo.Sum
	// By are the labels that the result keeps, sorted; nil where everything is one.
	By []string
	// Notes say, in plain words, where counting differs from the query in what can't
	// change a healthy answer, such as an "or vector(0)" that has no place any more.
	Notes []string
	// measure says in what the query gives its numbers: rate or increase, over which
	// range. Only numbers of the same measure can be divided by each other.
	measure measure
	each    bool // every label is kept
}

// Fixed returns the range of the query's counters where it is a duration such as 5m, and ""
// where a placeholder stands.
func (c Counting) Fixed() string { return c.measure.fixed() }

// PerSecond reports whether the query gives events per second, as rate() does, and not their number.
func (c Counting) PerSecond() bool { return c.measure.function == "rate" }

// measure is the function and the range of a query's counters. The zero value is that of a
// query without counters.
type measure struct {
	function string // rate, increase, or total for counters as they stand
	over     string
}

func (m measure) fixed() string {
	if strings.ContainsAny(m.over, "${") {
		return ""
	}
	return m.over
}

func (m measure) String() string {
	if m.over == "" {
		return "the counter itself"
	}
	return m.function + " over " + m.over
}

// Events reads PromQL that is a sum and difference of rate() or increase() over
// selectors, added up by sum or sum by, as the events that it counts. The range may be a
// placeholder such as $window or {{.window}}, and is the same everywhere. The
// error is a *yamlconf.Wrong and says why the query is no count of events.
func Events(expr string) (Counting, error) {
	return read(expr, false)
}

// Counters is Events for queries of counters as they stand, without rate() and
// without a range, as in sum(requests_total).
func Counters(expr string) (Counting, error) {
	return read(expr, true)
}

func read(expr string, bare bool) (Counting, error) {
	tree, _, ranges, err := parse(expr)
	if err != nil {
		return Counting{}, err
	}
	r := &counter{ranges: ranges, bare: bare}
	return r.whole(tree)
}

// counter turns a tree into what it counts.
type counter struct {
	ranges ranges
	bare   bool // counters stand without rate()
	notes  []string
}

// part is what one part of a query counts.
type part struct {
	sum slo.Sum
	// by are the labels that are left; all of them where each is true.
	by      []string
	each    bool
	measure measure
}

func (c *counter) note(text string) {
	if !slices.Contains(c.notes, text) {
		c.notes = append(c.notes, text)
	}
}

// whole reads a query that is a count by itself.
func (c *counter) whole(e parser.Expr) (Counting, error) {
	p, err := c.part(e)
	if err != nil {
		return Counting{}, err
	}
	if !slices.ContainsFunc(p.sum, func(s slo.Signed) bool { return !s.Minus }) {
		return Counting{}, no("everything is taken away and nothing counted", "write at least one rate(…) without -")
	}
	if p.each {
		c.note(everySeries)
	}
	return Counting{Sum: p.sum, By: p.by, Notes: c.notes, measure: p.measure, each: p.each}, nil
}

// everySeries is the note for queries without sum.
const everySeries = "without sum() the query gives one number for each series; here all of them are added up"

func no(message, instead string) error {
	return &yamlconf.Wrong{Message: message, Instead: instead}
}

// part reads a part of a query.
func (c *counter) part(e parser.Expr) (part, error) {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return c.part(e.Expr)
	case *parser.StepInvariantExpr:
		return c.part(e.Expr)
	case *parser.UnaryExpr:
		p, err := c.part(e.Expr)
		if e.Op == parser.SUB {
			p.sum = negated(p.sum)
		}
		return p, err
	case *parser.AggregateExpr:
		return c.aggregate(e)
	case *parser.BinaryExpr:
		return c.binary(e)
	case *parser.Call:
		return c.call(e)
	case *parser.VectorSelector:
		if !c.bare {
			return part{}, no(fmt.Sprintf("%s is the counter's value since its start, not what happened in a window", e),
				"write sum(rate("+e.String()+"[…]))")
		}
		return c.selector(e, measure{function: "total"})
	case *parser.MatrixSelector, *parser.SubqueryExpr:
		return part{}, no("a range stands without rate() or increase()", "write sum(rate(…))")
	case *parser.NumberLiteral:
		return part{}, no(fmt.Sprintf("the number %s counts no events", e), "")
	default:
		return part{}, no(fmt.Sprintf("%s counts no events", e), "")
	}
}

func (c *counter) selector(v *parser.VectorSelector, m measure) (part, error) {
	s, err := convert(v)
	if err != nil {
		return part{}, err
	}
	return part{sum: slo.Sum{{Selector: s}}, each: true, measure: m}, nil
}

// aggregate reads sum and sum by.
func (c *counter) aggregate(e *parser.AggregateExpr) (part, error) {
	if e.Op != parser.SUM {
		return part{}, no(fmt.Sprintf("%s() does not add events up", e.Op), "write sum(…)")
	}
	if e.Without {
		return part{}, no("sum without (…) keeps labels that it does not name", "write sum by (…) and the labels to keep")
	}
	p, err := c.part(e.Expr)
	if err != nil {
		return p, err
	}
	by := slices.Compact(slices.Sorted(slices.Values(e.Grouping)))
	for _, label := range by {
		if !p.each && !slices.Contains(p.by, label) {
			return part{}, no(fmt.Sprintf("the label %s is gone already in the sum within", label), "keep it there, or remove it here")
		}
	}
	if len(by) == 0 {
		by = nil
	}
	p.by, p.each = by, false
	return p, nil
}

// call reads rate and increase, and what leaves a count as it is.
func (c *counter) call(e *parser.Call) (part, error) {
	switch e.Func.Name {
	case "rate", "increase":
		if c.bare {
			return part{}, no(e.Func.Name+"() has no place over a counter that is read as it stands", "write the counter's selector alone")
		}
		m, ok := unwrapped(e.Args[0]).(*parser.MatrixSelector)
		if !ok {
			return part{}, no(e.Func.Name+"() over a subquery looks at computed values, not at events", "write the counter's selector with a range")
		}
		if m.RangeExpr != nil {
			return part{}, no("the range is computed", "write it as one duration")
		}
		v, ok := unwrapped(m.VectorSelector).(*parser.VectorSelector)
		if !ok {
			return part{}, no("this is no counter", "")
		}
		return c.selector(v, measure{function: e.Func.Name, over: c.ranges.text(m.Range)})
	case "clamp_min":
		if n, ok := number(e.Args[1]); ok && n == 0 {
			p, err := c.part(e.Args[0])
			if err == nil && slices.ContainsFunc(p.sum, func(s slo.Signed) bool { return s.Minus }) {
				c.note("clamp_min(…, 0) is gone: more taken away than counted would be shown as broken, not as 0")
			}
			return p, err
		}
	}
	return part{}, no(reason(e.Func.Name), "write sum(rate(…)) over counters")
}

// reason says why a function's result is no count of events.
func reason(function string) string {
	switch function {
	case "irate":
		return "irate() looks at the last two samples only, so most events are never counted"
	case "delta", "idelta", "deriv":
		return function + "() is for gauges; events are counted by counters"
	case "count_over_time", "sum_over_time", "avg_over_time", "max_over_time", "min_over_time", "last_over_time":
		return function + "() looks at samples of a gauge, not at events"
	case "histogram_quantile":
		return "histogram_quantile() estimates a duration; it does not count the requests above it"
	case "histogram_fraction", "histogram_count", "histogram_sum", "histogram_avg":
		return function + "() reads a native histogram, which is counted as a latency"
	default:
		return function + "() changes the count"
	}
}

func negated(sum slo.Sum) slo.Sum {
	out := slices.Clone(sum)
	for i := range out {
		out[i].Minus = !out[i].Minus
	}
	return out
}

// labelsText lists labels for a sentence.
func labelsText(by []string, each bool) string {
	switch {
	case each:
		return "every label"
	case len(by) == 0:
		return "no label"
	default:
		return strings.Join(by, ", ")
	}
}
