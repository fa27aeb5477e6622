package promql

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// binary reads sums and differences, factors of 1, and what only fills gaps.
func (c *counter) binary(e *parser.BinaryExpr) (part, error) {
	switch e.Op {
	case parser.ADD, parser.SUB:
		return c.added(e)
	case parser.MUL, parser.DIV:
		return c.scaled(e)
	case parser.LOR:
		return c.filled(e)
	case parser.GTR, parser.NEQ:
		if n, ok := number(e.RHS); ok && n == 0 && !e.ReturnBool {
			c.note(fmt.Sprintf("%s 0 is gone: a window without events needs no answer", e.Op))
			return c.part(e.LHS)
		}
	}
	return part{}, no(fmt.Sprintf("counts can only be added and taken away, not joined by %q", e.Op.String()), "")
}

func (c *counter) added(e *parser.BinaryExpr) (part, error) {
	if n, ok := number(e.RHS); ok && n == 0 {
		return c.part(e.LHS)
	}
	if n, ok := number(e.LHS); ok && n == 0 && e.Op == parser.ADD {
		return c.part(e.RHS)
	}
	if zero(e.RHS) {
		return c.part(e.LHS)
	}
	left, err := c.part(e.LHS)
	if err != nil {
		return part{}, err
	}
	right, err := c.part(e.RHS)
	if err != nil {
		return part{}, err
	}
	if err := c.joined(e, left, right); err != nil {
		return part{}, err
	}
	if e.Op == parser.SUB {
		right.sum = negated(right.sum)
	}
	left.sum = append(slices.Clip(left.sum), right.sum...)
	return left, nil
}

// joined reports why two parts can't be added or divided.
func (c *counter) joined(e *parser.BinaryExpr, left, right part) error {
	if left.each != right.each || !left.each && !slices.Equal(left.by, right.by) {
		return no(fmt.Sprintf("the two sides of %s keep different labels: %s, and %s",
			e.Op, labelsText(left.by, left.each), labelsText(right.by, right.each)),
			"write sum by (…) with the same labels on both sides")
	}
	if left.measure != right.measure {
		return no(fmt.Sprintf("the two sides of %s measure differently: %s, and %s", e.Op, left.measure, right.measure),
			"write the same function and range on both sides")
	}
	return c.matched(e, left)
}

// matched reports a matching of series that adding up does not stand for.
func (c *counter) matched(e *parser.BinaryExpr, p part) error {
	m := e.VectorMatching
	if m == nil {
		return nil
	}
	if m.Card != parser.CardOneToOne || len(m.Include) > 0 {
		return no("group_left and group_right count one series several times", "add up each side by itself")
	}
	if p.each {
		c.note("series are added up, with or without a partner on the other side")
		return nil
	}
	on := slices.Compact(slices.Sorted(slices.Values(m.MatchingLabels)))
	if m.On && !slices.Equal(on, p.by) || !m.On && slices.ContainsFunc(on, func(l string) bool { return slices.Contains(p.by, l) }) {
		return no(fmt.Sprintf("the two sides of %s are matched by other labels than they keep", e.Op), "remove on and ignoring")
	}
	return nil
}

// scaled reads a factor of 1; every other one changes the count.
func (c *counter) scaled(e *parser.BinaryExpr) (part, error) {
	if n, ok := number(e.RHS); ok {
		if n == 1 {
			return c.part(e.LHS)
		}
		return part{}, no(fmt.Sprintf("%s %s changes the count", e.Op, e.RHS), "write the counters alone")
	}
	if n, ok := number(e.LHS); ok && e.Op == parser.MUL {
		if n == 1 {
			return c.part(e.RHS)
		}
		return part{}, no(fmt.Sprintf("%s * changes the count", e.LHS), "write the counters alone")
	}
	if e.Op == parser.DIV {
		return part{}, no("a quotient is no count", "write the two sides as bad and total")
	}
	return part{}, no("a product is no count", "write the counters alone")
}

// filled reads "or" with zeros, which a count does not need.
func (c *counter) filled(e *parser.BinaryExpr) (part, error) {
	if !zero(e.RHS) {
		return part{}, no(`"or" takes the one side or the other, and events of which side can't be told beforehand`, "write + where both count")
	}
	c.note(fmt.Sprintf("or %s is gone: without series nothing is counted", e.RHS))
	return c.part(e.LHS)
}

// fills reports whether an expression is n wherever it has a value, as vector(n) is.
func fills(e parser.Expr, n float64) bool {
	if call, ok := unwrapped(e).(*parser.Call); ok && len(call.Args) == 1 {
		v, constant := number(call.Args[0])
		return call.Func.Name == "vector" && constant && v == n
	}
	return n == 0 && zero(e)
}

// zero reports whether an expression is 0 wherever it has a value.
func zero(e parser.Expr) bool {
	switch e := unwrapped(e).(type) {
	case *parser.Call:
		return len(e.Args) == 1 && fills(e, 0)
	case *parser.BinaryExpr:
		if e.Op != parser.MUL {
			return false
		}
		l, okL := number(e.LHS)
		r, okR := number(e.RHS)
		return okL && l == 0 || okR && r == 0 || zero(e.LHS) || zero(e.RHS)
	case *parser.AggregateExpr:
		return e.Op == parser.SUM && zero(e.Expr)
	}
	return false
}
