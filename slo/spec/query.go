package spec

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"burnline/slo"
	"burnline/slo/spec/promql"
)

// maxQuery is the longest query that is read, in bytes.
const maxQuery = 20_000

// operators are the comparisons, and what people write for them elsewhere.
func operators() map[string]slo.CompareOp {
	return map[string]slo.CompareOp{"gt": slo.GT, "gte": slo.GTE, "lt": slo.LT, "lte": slo.LTE, "eq": slo.EQ, "neq": slo.NEQ}
}

func symbols() map[string]slo.CompareOp {
	return map[string]slo.CompareOp{">": slo.GT, ">=": slo.GTE, "<": slo.LT, "<=": slo.LTE, "==": slo.EQ, "=": slo.EQ, "!=": slo.NEQ}
}

// timeslices reads the SLI kind slices: a gauge, and the comparison that its
// good samples fulfil.
func (r *reader) timeslices(in timeslices) *slo.SamplesSLI {
	const path = "spec.sli.slices"
	s := &slo.SamplesSLI{Query: strings.TrimSpace(in.Query), Every: r.slice(path+".slice", in.Slice)}
	op, ok := operators()[in.Op]
	if !ok && !r.unread(path+".op") {
		instead := "write gt, gte, lt, lte, eq or neq: a sample is good when query op value holds"
		if word, ok := symbols()[in.Op]; ok {
			instead = "write " + string(word)
		}
		r.wrong(path+".op", fmt.Sprintf("%q is no comparison", in.Op), instead)
	}
	s.Op = op
	switch {
	case in.Value != nil && (math.IsNaN(*in.Value) || math.IsInf(*in.Value, 0)):
		r.wrong(path+".value", "nothing can be compared with it", "write a number, such as 1")
	case in.Value != nil:
		s.Value = *in.Value
	case !r.unread(path + ".value"):
		r.wrong(path+".value", "the number that good samples are compared with is missing", "write one, such as 1")
	}
	if strings.Contains(s.Query, "$window") {
		r.wrong(path+".query", "$window has no place here: the query is looked at as it is at one moment", "write the range that is meant, such as [1m]")
		return s
	}
	tree := r.promQL(path+".query", s.Query)
	if _, ok := tree.(*parser.VectorSelector); ok {
		if sum, err := promql.Selectors(s.Query); err == nil {
			s.Selector, s.Query = &sum[0].Selector, ""
		}
	}
	return s
}

// ratio reads the SLI kind ratio: any PromQL that gives an error ratio.
func (r *reader) ratio(in ratio) *slo.RatioSLI {
	const path = "spec.sli.ratio"
	s := &slo.RatioSLI{Query: strings.TrimSpace(in.Query), Slice: r.slice(path+".slice", in.Slice)}
	tree := r.promQL(path+".query", s.Expr())
	if tree == nil {
		return s
	}
	if parts, err := promql.Ratio(s.Query); err == nil && len(parts.Notes) == 0 {
		r.warn(path+".query", "it is a ratio of counters, which can be counted exactly", "write "+countable(parts))
		return s
	}
	if !strings.Contains(s.Query, "$window") {
		r.fixedRange(path+".query", tree, s.Slice)
	}
	return s
}

// countable writes a ratio of counters as the SLI kind events.
func countable(p promql.Parts) string {
	name, sum := "bad", p.Bad
	if sum == nil {
		name, sum = "good", p.Good
	}
	text := fmt.Sprintf("events: {%s: '%s', total: '%s'}", name, sum, p.Total)
	if len(p.By) > 0 {
		text += " and group_by: [" + strings.Join(p.By, ", ") + "]"
	}
	return text
}

// fixedRange warns of a range that is not the slice: events would be counted
// several times, or not at all.
func (r *reader) fixedRange(path string, tree parser.Expr, slice time.Duration) {
	parser.Inspect(tree, func(n parser.Node, _ []parser.Node) error {
		if m, ok := n.(*parser.MatrixSelector); ok && m.Range != slice {
			r.warn(path, fmt.Sprintf("the range is %s, and the query is asked every %s", slo.FormatDuration(m.Range), slo.FormatDuration(slice)),
				"write [$window], which is the slice")
		}
		return nil
	})
}

// template matches what other tools write for the range.
var template = regexp.MustCompile(`\{\{ *\.?window *\}\}|\$__\w+|\$\{\w+\}`)

// promQL checks a query that runs as PromQL; nil where it can't.
func (r *reader) promQL(path, query string) parser.Expr {
	switch {
	case r.unread(path):
		return nil
	case query == "":
		r.wrong(path, "it is missing", "write PromQL")
		return nil
	case len(query) > maxQuery:
		r.wrong(path, fmt.Sprintf("the query is longer than %d characters", maxQuery), "record a part of it under a name of its own")
		return nil
	case template.MatchString(query):
		r.wrong(path, fmt.Sprintf("%s is not known here", template.FindString(query)), "write $window where the range stands, as in [$window]")
		return nil
	}
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		message := err.Error()
		var all parser.ParseErrors
		if errors.As(err, &all) && len(all) > 0 {
			message = fmt.Sprintf("at character %d: %s", all[0].PositionRange.Start+1, all[0].Err)
		}
		r.wrong(path, "this is no PromQL, "+message, "try it where you can run queries, and write it as it works there")
		return nil
	}
	if kind := tree.Type(); kind != parser.ValueTypeVector && kind != parser.ValueTypeScalar {
		r.wrong(path, fmt.Sprintf("it gives a %s, not one value a series", parser.DocumentedType(kind)), "write a selector without a range, or a function around it such as rate()")
		return nil
	}
	return tree
}

// keeps warns of aggregations of the SLI's query that lose a label of group_by.
func (r *reader) keeps(groupBy []string, d *slo.Definition) {
	path, query := "", ""
	switch {
	case d.SLI.Ratio != nil:
		path, query = "spec.sli.ratio.query", d.SLI.Ratio.Expr()
	case d.SLI.Samples != nil:
		path, query = "spec.sli.slices.query", d.SLI.Samples.Query
	}
	if len(groupBy) == 0 || query == "" {
		return
	}
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		return
	}
	parser.Inspect(tree, func(n parser.Node, _ []parser.Node) error {
		a, ok := n.(*parser.AggregateExpr)
		if !ok {
			return nil
		}
		for _, label := range groupBy {
			if slices.Contains(a.Grouping, label) == a.Without {
				r.warn(path, fmt.Sprintf("%s loses the label %s, by which the SLO is grouped", a.Op, label),
					fmt.Sprintf("write %s by (%s) (…)", a.Op, strings.Join(groupBy, ", ")))
			}
		}
		return nil
	})
}
