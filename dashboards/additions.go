package dashboards

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Draw says how a panel of the user's own shows its queries.
type Draw string

// The ways to draw.
const (
	// DrawLines draws the course of values, DrawStacked one on top of the other.
	DrawLines   Draw = "lines"
	DrawStacked Draw = "stacked"
	// DrawNumber shows the newest value of one query.
	DrawNumber Draw = "number"
	// DrawTable lists the newest value of each series of one query.
	DrawTable Draw = "table"
)

// Addition is a row of panels that a user adds to dashboards, below what is there.
type Addition struct {
	// Boards are the names of dashboards, as List tells them; * stands for anything, so that "slo:*"
	// is every SLO's. Required.
	Boards []string
	// Row is the title above the panels. Required.
	Row string
	// Panels are what is added, in order; they fill lines from the left.
	Panels []Panel
}

// Panel is a panel of a user's own.
type Panel struct {
	// Title, Description and Unit (Grafana's name, such as s, percentunit, reqps, short) are what a reader needs. Required.
	Title, Description, Unit string
	// Draw is how; "" is DrawLines.
	Draw Draw
	// Width is how many of the 24 columns it takes, 4 to 24; 0 is 12. The last panel of a line takes what is left.
	Width int
	// Queries are PromQL with the variables of the dashboard, such as $service and $__rate_interval. Required.
	Queries []PanelQuery
}

// PanelQuery is one query of a Panel.
type PanelQuery struct {
	// Expr is PromQL. Counters are shown by rate or increase over $__rate_interval.
	Expr string
	// Legend names the series, with labels as {{label}}; "" shows all labels.
	Legend string
	// Exemplars shows the traces behind the values.
	Exemplars bool
}

// The sizes of added panels, in columns and lines of Grafana's grid.
const (
	additionWidth    = 12
	additionNarrow   = 4
	additionHeight   = 8
	additionsQueries = 26 // as many as there are letters to name them
)

// Wrong is something wrong with an addition.
type Wrong struct {
	// Path says where, such as panels[1].queries[0].expr.
	Path string
	// Message says what, and Instead what to write.
	Message, Instead string
}

// Error implements error.
func (w Wrong) Error() string { return w.Path + ": " + w.Message + "; " + w.Instead }

// Check returns everything that is wrong with the addition for dashboards of these names; the
// same rules hold for it as for what is generated.
func (a *Addition) Check(names []string) []Wrong {
	var found []Wrong
	say := func(path, message, instead string) { found = append(found, Wrong{path, message, instead}) }
	if len(a.Boards) == 0 {
		say("boards", "it names no dashboard", "write names such as [overview, \"slo:*\"]")
	}
	for i, pattern := range a.Boards {
		if !slices.ContainsFunc(names, func(name string) bool { return fits(pattern, name) }) {
			say(fmt.Sprintf("boards[%d]", i), fmt.Sprintf("there is no dashboard %q", pattern),
				"write one that burnline dashboards list names")
		}
	}
	if strings.TrimSpace(a.Row) == "" {
		say("row", "the row has no title", "write what its panels have in common")
	}
	if len(a.Panels) == 0 {
		say("panels", "there is no panel", "write at least one")
	}
	for i := range a.Panels {
		a.Panels[i].check(panelPath(i), say)
	}
	return found
}

// check checks what doesn't depend on the dashboard.
func (p *Panel) check(path string, say func(path, message, instead string)) {
	for _, f := range []struct{ name, text, instead string }{
		{"title", p.Title, "write what it shows"}, {"description", p.Description, "write what it means, and when it looks bad"},
		{"unit", p.Unit, "write a unit of Grafana's such as s, bytes, percentunit, reqps or short"},
	} {
		if strings.TrimSpace(f.text) == "" {
			say(path+"."+f.name, "it is missing", f.instead)
		}
	}
	if !slices.Contains([]Draw{"", DrawLines, DrawStacked, DrawNumber, DrawTable}, p.Draw) {
		say(path+".draw", fmt.Sprintf("unknown way to draw %q", p.Draw), "write lines, stacked, number or table")
	}
	if p.Width != 0 && (p.Width < additionNarrow || p.Width > gridWidth) {
		say(path+".width", fmt.Sprintf("%d columns are too few or too many", p.Width), "write 4 to 24")
	}
	switch {
	case len(p.Queries) == 0:
		say(path+".queries", "it asks nothing", "write query: or queries:")
	case len(p.Queries) > additionsQueries:
		say(path+".queries", "it asks too much", "write at most 26 queries")
	case len(p.Queries) > 1 && (p.Draw == DrawNumber || p.Draw == DrawTable):
		say(path+".queries", "a "+string(p.Draw)+" shows one query", "leave one, or draw lines")
	}
}

func panelPath(i int) string { return fmt.Sprintf("panels[%d]", i) }

// concerns reports whether the addition names a dashboard.
func (a *Addition) concerns(name string) bool {
	return slices.ContainsFunc(a.Boards, func(pattern string) bool { return fits(pattern, name) })
}

// fits reports whether a dashboard's name meets a pattern.
func fits(pattern, name string) bool {
	// A name may hold slashes, which * matches too.
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(name, "/", "\x00"))
	return err == nil && ok
}

// add puts additions below what the boards hold.
func add(boards []board, additions []Addition) error {
	names := make([]string, len(boards))
	for i := range boards {
		names[i] = boards[i].Name
	}
	var errs []error
	for n := range additions {
		a := &additions[n]
		for _, w := range a.Check(names) {
			errs = append(errs, fmt.Errorf("addition %q: %w", a.Row, w))
		}
		for i := range boards {
			if a.concerns(boards[i].Name) {
				boards[i].sections = append(boards[i].sections, section{title: a.Row, lines: layOut(a.Panels)})
			}
		}
	}
	return errors.Join(errs...)
}

// layOut puts panels side by side as long as they have room.
func layOut(panels []Panel) []line {
	var lines []line
	left := uint32(0)
	for i := range panels {
		p := panels[i].panel()
		if p.width > left {
			lines, left = append(lines, line{height: additionHeight}), gridWidth
		}
		last := &lines[len(lines)-1]
		last.panels, left = append(last.panels, p), left-p.width
	}
	for _, l := range lines {
		used := uint32(0)
		for _, p := range l.panels {
			used += p.width
		}
		l.panels[len(l.panels)-1].width += gridWidth - used
	}
	return lines
}

// panel is the panel as boards hold it.
func (p *Panel) panel() panel {
	out := panel{title: p.Title, description: p.Description, unit: p.Unit, width: additionWidth}
	if p.Width != 0 {
		out.width = uint32(p.Width)
	}
	switch p.Draw {
	case DrawNumber:
		out.kind, out.thresholds = kindStat, []threshold{{nil, blue}}
	case DrawTable:
		out.kind, out.hidden = kindTable, []string{"Time"}
	case DrawStacked:
		out.stacked = true
	}
	for _, q := range p.Queries {
		out.targets = append(out.targets, target{
			expr: q.Expr, legend: q.Legend, exemplars: q.Exemplars, instant: out.kind != kindSeries,
		})
	}
	return out
}
