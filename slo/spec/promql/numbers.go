package promql

import "github.com/prometheus/prometheus/promql/parser"

// unwrapped takes parentheses and the like off.
func unwrapped(e parser.Expr) parser.Expr {
	for {
		switch inner := e.(type) {
		case *parser.ParenExpr:
			e = inner.Expr
		case *parser.StepInvariantExpr:
			e = inner.Expr
		default:
			return e
		}
	}
}

// number returns the value of a constant.
func number(e parser.Expr) (float64, bool) {
	switch e := unwrapped(e).(type) {
	case *parser.NumberLiteral:
		return e.Val, true
	case *parser.UnaryExpr:
		n, ok := number(e.Expr)
		if e.Op == parser.SUB {
			n = -n
		}
		return n, ok
	case *parser.BinaryExpr:
		l, okL := number(e.LHS)
		r, okR := number(e.RHS)
		return arithmetic(e.Op, l, r, okL && okR)
	}
	return 0, false
}

func arithmetic(op parser.ItemType, l, r float64, ok bool) (float64, bool) {
	switch op {
	case parser.ADD:
		return l + r, ok
	case parser.SUB:
		return l - r, ok
	case parser.MUL:
		return l * r, ok
	case parser.DIV:
		return l / r, ok
	}
	return 0, false
}
