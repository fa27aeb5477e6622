package dashboards

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"burnline/internal/tracesearch"
)

// Lint returns every rule that a dashboard breaks: what Grafana would refuse or
// show wrongly, and what a reader would miss.
func Lint(data []byte) []error {
	c, err := read(data)
	if err != nil {
		return []error{err}
	}
	var errs []error
	say := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if strings.TrimSpace(c.title) == "" {
		say("the dashboard has no title")
	}
	if bytes.Contains(data, []byte("__inputs")) || bytes.Contains(data, []byte("${DS_")) {
		say("it asks for inputs, which only the import dialogue fills in")
	}
	if !uidForm.MatchString(c.uid) {
		say("the uid %q is not 8 to 40 letters, digits, _ and -", c.uid)
	}
	if c.editable {
		say("the dashboard can be edited; it would be overwritten")
	}
	if len(c.variables) == 0 || !c.variables[0].datasource || c.variables[0].name != datasourceVariable {
		say("the first variable does not choose the data source")
	}
	for _, m := range c.marks {
		if m.title == "" || m.asks[0].expr == "" || m.asks[0].datasource != metricsSource {
			say("annotation %q has no name, asks nothing, or does not ask the chosen data source", m.title)
		}
	}
	lintPlaces(c.cells, say)
	for _, p := range c.cells {
		if !p.row {
			lintPanel(p, say)
		}
	}
	queries, err := c.queries(nil)
	if err != nil {
		errs = append(errs, err)
	}
	for _, q := range queries {
		lintQuery(q, say)
	}
	return errs
}

// What targets ask: the data sources that are chosen above.
const (
	metricsSource = "${" + datasourceVariable + "}"
	tracesSource  = "${" + tracesVariable + "}"
)

// lintPlaces checks that ids are unique and the grid has no gaps and overlaps.
func lintPlaces(cells []cell, say func(string, ...any)) {
	ids := map[uint32]bool{0: true}
	taken := map[[2]uint32]bool{}
	bottom := uint32(0)
	for _, c := range cells {
		if ids[c.id] {
			say("panel %q: the id %d is zero or used twice", c.title, c.id)
		}
		ids[c.id] = true
		if c.hides {
			say("row %q hides its panels", c.title)
		}
		if !c.grid.take(taken) {
			say("panel %q has no place on the grid, or lies over another or beside the grid", c.title)
		}
		bottom = max(bottom, c.grid.y+c.grid.h)
	}
	if uint32(len(taken)) != bottom*gridWidth {
		say("the grid has gaps: %d of %d cells are filled", len(taken), bottom*gridWidth)
	}
}

// take marks the cells of a place; false when it has none, or one is taken.
func (g grid) take(taken map[[2]uint32]bool) bool {
	if g.w == 0 || g.h == 0 || g.x+g.w > gridWidth {
		return false
	}
	for x := g.x; x < g.x+g.w; x++ {
		for y := g.y; y < g.y+g.h; y++ {
			if taken[[2]uint32{x, y}] {
				return false
			}
			taken[[2]uint32{x, y}] = true
		}
	}
	return true
}

// lintPanel checks that a reader knows what the panel shows, and in which unit,
// and that Grafana knows whom to ask.
func lintPanel(p cell, say func(string, ...any)) {
	if p.title == "" || p.description == "" {
		say("panel %q has no title or no description", p.title)
	}
	if p.unit == "" {
		say("panel %q has no unit", p.title)
	}
	if len(p.asks) == 0 {
		say("panel %q asks nothing", p.title)
	}
	if p.unturned {
		say("panel %q: its orientation is empty, which clips the value", p.title)
	}
	if p.nulled {
		say("panel %q: the reducer of its footer is null", p.title)
	}
	refs := map[string]bool{"": true}
	for _, a := range p.asks {
		if refs[a.refID] {
			say("panel %q: a target has no refId, or that of another", p.title)
		}
		refs[a.refID] = true
		if a.expr == "" && a.traceQL == "" {
			say("panel %q: the query %s is empty", p.title, a.refID)
		}
		if a.datasource != metricsSource && (a.traceQL == "" || a.datasource != tracesSource) {
			say("panel %q: a target does not ask the chosen data source", p.title)
		}
	}
}

// lintQuery checks the PromQL, that no variable is left in it, and that
// counters are shown as rates over an interval that fits the zoom.
func lintQuery(q Query, say func(string, ...any)) {
	if q.TraceQL != "" {
		if _, err := tracesearch.Parse(q.TraceQL); err != nil {
			say("panel %q, query %s: %w", q.Panel, q.RefID, err)
		}
		return
	}
	expr := q.Expr
	if expr == "" && q.Label == "" {
		return // an empty query was found with its panel
	}
	if q.Label != "" {
		expr = q.Selector
	}
	tree, err := parse(expr)
	if err != nil {
		say("panel %q, query %s: %w", q.Panel, q.RefID, err)
		return
	}
	if q.Label != "" {
		return
	}
	if strings.Contains(expr, "$") {
		say("panel %q, query %s: an unknown variable is left in %s", q.Panel, q.RefID, expr)
	}
	parser.Inspect(tree, func(node parser.Node, path []parser.Node) error {
		v, ok := node.(*parser.VectorSelector)
		if ok && isCounter(v.Name) && !isRate(path) {
			say("panel %q, query %s: the counter %s is not shown by its rate over $__rate_interval", q.Panel, q.RefID, v.Name)
		}
		return nil
	})
}

// isCounter tells counters by their names. What CloudWatch's exporters call aws_…_sum is the sum of one period: a gauge.
func isCounter(name string) bool {
	if strings.HasPrefix(name, "aws_") && strings.HasSuffix(name, "_sum") {
		return false
	}
	for _, suffix := range []string{"_total", "_count", "_sum", "_bucket"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// isRate reports whether the nodes above a selector are a range of the rate
// interval within rate or increase.
func isRate(path []parser.Node) bool {
	if len(path) < 2 {
		return false
	}
	matrix, ok := path[len(path)-1].(*parser.MatrixSelector)
	if !ok || !strings.HasSuffix(matrix.String(), "["+RateInterval+"]") {
		return false
	}
	for _, node := range path {
		if call, ok := node.(*parser.Call); ok && (call.Func.Name == "rate" || call.Func.Name == "increase") {
			return true
		}
	}
	return false
}
