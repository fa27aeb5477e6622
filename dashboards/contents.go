package dashboards

// contents is what a finished dashboard holds, as far as rules and queries
// look at it, read back from its JSON.
type contents struct {
	uid, title string
	// from is the time range shown at first.
	from      string
	editable  bool
	tags      []string
	variables []choice
	marks     []cell // annotations
	cells     []cell
}

// choice is a variable: its query and its value when the dashboard opens.
type choice struct {
	name, query, value string
	datasource, fixed  bool
}

// cell is a row or a panel at its place, or an annotation without one.
type cell struct {
	title, description, unit, kind string
	// empty is why it may have nothing to show.
	empty      string
	id         uint32
	grid       grid
	row, hides bool
	asks       []ask
	// unturned: the value of a stat is clipped; nulled: the footer of a table has a null.
	unturned, nulled bool
}

// grid is a place on the grid, in columns and lines.
type grid struct{ x, y, w, h uint32 }

// ask is a query as it stands in the JSON: PromQL or TraceQL; zero when it is neither.
type ask struct {
	refID, datasource, expr, traceQL string
	instant, exemplars               bool
}
