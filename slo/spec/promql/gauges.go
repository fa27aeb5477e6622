package promql

import (
	"github.com/prometheus/prometheus/promql/parser"
)

// Valid says why a query can't be asked: it is no PromQL, or its answer is no number for each
// series at one time. Its ranges may be placeholders. The error is a *yamlconf.Wrong.
func Valid(expr string) error {
	tree, _, _, err := parse(expr)
	if err != nil {
		return err
	}
	switch tree.Type() {
	case parser.ValueTypeMatrix:
		return no("it ends with a range, which is many samples and not one number", "write rate(…), increase(…) or another function over it")
	case parser.ValueTypeString:
		return no("a text is no number", "write a query of numbers")
	}
	return nil
}

// Sums returns a sum of gauges that hold counts per interval, as in sum(requests_in_last_minute), with
// each selector replaced by the sum of its samples over to, a duration or a placeholder. What
// is more than sums and differences of selectors is an error.
func Sums(expr, to string) (string, error) {
	tree, plain, _, err := parse(expr)
	if err != nil {
		return "", err
	}
	var edits []edit
	if err := summed(tree, &edits, "["+to+"])"); err != nil {
		return "", err
	}
	return edited(plain, edits), nil
}

func summed(e parser.Expr, edits *[]edit, tail string) error {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return summed(e.Expr, edits, tail)
	case *parser.UnaryExpr:
		return summed(e.Expr, edits, tail)
	case *parser.AggregateExpr:
		if e.Op != parser.SUM {
			return no(e.Op.String()+"() does not add counts up", "write sum(…)")
		}
		return summed(e.Expr, edits, tail)
	case *parser.BinaryExpr:
		if e.Op != parser.ADD && e.Op != parser.SUB {
			return no("counts can only be added and taken away", "")
		}
		if err := summed(e.LHS, edits, tail); err != nil {
			return err
		}
		return summed(e.RHS, edits, tail)
	case *parser.VectorSelector:
		if e.OriginalOffset != 0 || e.Timestamp != nil || e.StartOrEnd != 0 {
			return no("counts are added up when they happen", "remove offset and @")
		}
		at := e.PositionRange()
		*edits = append(*edits, edit{int(at.Start), int(at.Start), "sum_over_time("}, edit{int(at.End), int(at.End), tail})
		return nil
	}
	return no("this is no sum of gauges", "")
}
