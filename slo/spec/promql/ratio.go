package promql

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"burnline/slo"
)

// Parts is an error ratio that was read as counted events: Total and one of Bad and Good.
type Parts struct {
	Bad, Good, Total slo.Sum
	// By are the labels that the ratio keeps, sorted; nil where everything is one.
	By []string
	// Notes say where counting differs from the query, as in Counting.
	Notes []string
	// Each is true where the query has no sum, so that it gives a ratio for each series, which are
	// added up here; a note says so.
	Each bool
	// Fixed is the range where it is a duration such as 5m, and "" where a placeholder stands.
	Fixed string
}

// Ratio reads PromQL that is an error ratio of counted events: bad ÷ total, 1 − good ÷ total,
// (total − good) ÷ total. The error is a *yamlconf.Wrong and says why it is none.
func Ratio(expr string) (Parts, error) {
	tree, _, ranges, err := parse(expr)
	if err != nil {
		return Parts{}, err
	}
	c := &counter{ranges: ranges}
	p, err := c.ratio(tree, 0)
	if err != nil {
		return Parts{}, err
	}
	p.Notes = c.notes
	return p, nil
}

// Divide reads the ratio of bad to total events from the two queries.
func Divide(bad, total string) (Parts, error) {
	return divided(bad, total, Events)
}

// DivideCounters is Divide for queries of counters as they stand; see Counters.
func DivideCounters(bad, total string) (Parts, error) {
	return divided(bad, total, Counters)
}

func divided(bad, total string, read func(string) (Counting, error)) (Parts, error) {
	b, err := read(bad)
	if err != nil {
		return Parts{}, err
	}
	t, err := read(total)
	if err != nil {
		return Parts{}, err
	}
	switch {
	case b.measure != t.measure:
		return Parts{}, no(fmt.Sprintf("bad and total measure differently: %s, and %s", b.measure, t.measure), "write the same function and range in both")
	case b.each != t.each || !slices.Equal(b.By, t.By):
		return Parts{}, no(fmt.Sprintf("bad and total keep different labels: %s, and %s", labelsText(b.By, b.each), labelsText(t.By, t.each)),
			"write sum by (…) with the same labels in both")
	}
	p := Parts{Bad: b.Sum, Total: t.Sum, By: t.By, Notes: b.Notes, Each: t.each, Fixed: t.Fixed()}
	for _, n := range t.Notes {
		if !slices.Contains(p.Notes, n) {
			p.Notes = append(p.Notes, n)
		}
	}
	return simplified(p), nil
}

// ratio reads a ratio. perfect is the value that says that all is well: 0 for a ratio of errors, 1 for one of successes.
func (c *counter) ratio(e parser.Expr, perfect float64) (Parts, error) {
	switch e := unwrapped(e).(type) {
	case *parser.Call:
		if c.clamped(e) {
			return c.ratio(e.Args[0], perfect)
		}
		return Parts{}, no(e.Func.Name+"() is no quotient of counts", "write sum(rate(bad)) / sum(rate(total))")
	case *parser.BinaryExpr:
		return c.quotient(e, perfect)
	case *parser.AggregateExpr:
		return Parts{}, no(fmt.Sprintf("%s() over ratios weighs each ratio the same, whatever its traffic", e.Op),
			"add up bad and total first, and divide then")
	case *parser.VectorSelector:
		return Parts{}, no("a recorded ratio does not say how many events there were", "write the query that it is recorded from")
	default:
		return Parts{}, no("this is no quotient of counts", "write sum(rate(bad)) / sum(rate(total))")
	}
}

func (c *counter) quotient(e *parser.BinaryExpr, perfect float64) (Parts, error) {
	switch e.Op {
	case parser.LOR:
		if fills(e.RHS, perfect) {
			c.note(fmt.Sprintf("or %s is gone: without series nothing is counted", e.RHS))
			return c.ratio(e.LHS, perfect)
		}
	case parser.SUB:
		if n, ok := number(e.LHS); ok && n == 1 {
			return c.inverse(e.RHS, 1-perfect)
		}
		return Parts{}, no("a difference of ratios is no quotient of counts", "write 1 - sum(rate(good)) / sum(rate(total))")
	case parser.DIV:
		return c.division(e, perfect)
	case parser.MUL:
		if n, ok := number(e.RHS); ok && n == 1 {
			return c.ratio(e.LHS, perfect)
		}
		if n, ok := number(e.LHS); ok && n == 1 {
			return c.ratio(e.RHS, perfect)
		}
	}
	return Parts{}, no(fmt.Sprintf("joined by %q it is no quotient of counts", e.Op.String()), "write sum(rate(bad)) / sum(rate(total))")
}

// inverse reads what follows "1 -".
func (c *counter) inverse(e parser.Expr, perfect float64) (Parts, error) {
	p, err := c.ratio(e, perfect)
	if err != nil {
		return p, err
	}
	p.Bad, p.Good = p.Good, p.Bad
	return p, nil
}

func (c *counter) division(e *parser.BinaryExpr, perfect float64) (Parts, error) {
	if n, ok := number(e.RHS); ok {
		if n == 1 {
			return c.ratio(e.LHS, perfect)
		}
		return Parts{}, no(fmt.Sprintf("a division by %s is no quotient of counts", e.RHS), "write a ratio from 0 to 1")
	}
	above, err := c.part(e.LHS)
	if err != nil {
		return Parts{}, err
	}
	total, err := c.part(e.RHS)
	if err != nil {
		return Parts{}, err
	}
	if err := c.joined(e, above, total); err != nil {
		return Parts{}, err
	}
	if !positive(total.sum) || !positive(above.sum) {
		return Parts{}, no("everything is taken away and nothing counted", "write at least one rate(…) without -")
	}
	if above.each {
		c.note(everySeries)
	}
	return simplified(Parts{Bad: above.sum, Total: total.sum, By: total.by, Each: above.each, Fixed: total.measure.fixed()}), nil
}

func positive(sum slo.Sum) bool {
	return slices.ContainsFunc(sum, func(s slo.Signed) bool { return !s.Minus })
}

// clamped reports whether the call only keeps a ratio from 0 to 1.
func (c *counter) clamped(e *parser.Call) bool {
	low, high := 0.0, 1.0
	var ok bool
	switch e.Func.Name {
	case "clamp_min":
		low, ok = number(e.Args[1])
	case "clamp_max":
		high, ok = number(e.Args[1])
	case "clamp":
		var okLow bool
		low, okLow = number(e.Args[1])
		high, ok = number(e.Args[2])
		ok = ok && okLow
	}
	if !ok || low > 0 || high < 1 {
		return false
	}
	c.note(e.Func.Name + "() is gone: a ratio of counts is from 0 to 1, and counts that contradict each other are shown as broken")
	return true
}

// simplified reads bad = total − good as good.
func simplified(p Parts) Parts {
	if good, ok := without(p.Bad, p.Total); ok && positive(good) {
		p.Good, p.Bad = good, nil
	}
	return p
}

// without takes all of total out of bad, and returns what bad takes away from it.
func without(bad, total slo.Sum) (slo.Sum, bool) {
	rest := slices.Clone(bad)
	for _, t := range total {
		i := slices.IndexFunc(rest, func(b slo.Signed) bool { return b.Minus == t.Minus && Same(slo.Sum{b}, slo.Sum{t}) })
		if i < 0 {
			return nil, false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	if len(rest) == 0 {
		return nil, false
	}
	return negated(rest), true
}
