package dashboards

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// RateInterval stands for $__rate_interval when nobody chose another: four
// times the interval of the recorded series, as Grafana does it.
const RateInterval = "2m"

// Query is one question that a dashboard asks of its data source.
type Query struct {
	// Panel is the panel's title, $name for the query of a variable, or @name for that of an annotation.
	Panel string
	// RefID names the query within its panel.
	RefID string
	// Expr is PromQL with every variable replaced; "" for a variable's query.
	Expr string
	// Instant asks for the newest value, otherwise for a range.
	Instant bool
	// Exemplars asks for the traces behind the values as well.
	Exemplars bool
	// TraceQL asks for traces instead.
	TraceQL string
	// Label and Selector are set for the query of a variable: the values of the
	// label in the series that the selector matches.
	Label, Selector string
	// Empty says why there may be no answer while all is well; "" is that there always is one.
	Empty string
}

// Queries lists everything that a dashboard asks, with variables replaced: by
// the given values, otherwise by what is chosen when the dashboard opens.
func Queries(data []byte, values map[string]string) ([]Query, error) {
	c, err := read(data)
	if err != nil {
		return nil, err
	}
	return c.queries(values)
}

func (c contents) queries(values map[string]string) ([]Query, error) {
	chosen := map[string]string{"__rate_interval": RateInterval, "__range": strings.TrimPrefix(c.from, "now-")}
	for _, v := range c.variables {
		chosen[v.name] = v.value
	}
	maps.Copy(chosen, values)
	var out []Query
	var errs []error
	for _, v := range c.variables {
		if v.datasource || v.fixed {
			continue
		}
		label, selector, ok := labelValues(replace(v.query, chosen))
		if !ok {
			errs = append(errs, fmt.Errorf("variable %s: the query %q is not label_values(selector, label)", v.name, v.query))
			continue
		}
		out = append(out, Query{Panel: "$" + v.name, RefID: v.name, Label: label, Selector: selector})
	}
	for _, m := range c.marks {
		for _, a := range m.asks {
			out = append(out, Query{Panel: "@" + m.title, RefID: a.refID, Expr: replace(a.expr, chosen), Empty: "Nothing happened."})
		}
	}
	for _, p := range c.cells {
		for _, a := range p.asks {
			out = append(out, Query{
				Panel: p.title, RefID: a.refID, Expr: replace(a.expr, chosen), Instant: a.instant, Exemplars: a.exemplars,
				TraceQL: replace(a.traceQL, chosen), Empty: p.empty,
			})
		}
	}
	return out, errors.Join(errs...)
}

// variablePattern matches $name and ${name}.
var variablePattern = regexp.MustCompile(`\$(\w+|\{\w+\})`)

// replace puts values in the place of variables; an unknown one stays.
func replace(s string, values map[string]string) string {
	return variablePattern.ReplaceAllStringFunc(s, func(match string) string {
		if v, ok := values[strings.Trim(match, "${}")]; ok {
			return v
		}
		return match
	})
}

var labelValuesPattern = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)

// labelValues takes label_values(selector, label) apart.
func labelValues(query string) (label, selector string, ok bool) {
	m := labelValuesPattern.FindStringSubmatch(query)
	if m == nil {
		return "", "", false
	}
	return m[2], m[1], true
}

// parse parses PromQL as Prometheus does by default.
func parse(expr string) (parser.Expr, error) {
	return parser.NewParser(parser.Options{}).ParseExpr(expr)
}
