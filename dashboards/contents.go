package dashboards

// contents is what a finished dashboard holds, as far as rules and queries
// look at it, read back from its JSON.
type contents struct {
	uid       string
	editable  bool
	tags      []string
	variables []choice
	cells     []cell
}

// choice is a variable: its query and its value when the dashboard opens.
type choice struct {
	name, query, value string
	datasource         bool
}

// cell is a row or a panel at its place.
type cell struct {
	title, description, unit string
	id                       uint32
	grid                     grid
	row, hides               bool
	asks                     []ask
}

// grid is a place on the grid, in columns and lines.
type grid struct{ x, y, w, h uint32 }

// ask is a query as it stands in the JSON; zero when it is none of Prometheus.
type ask struct {
	refID, datasource, expr string
	instant                 bool
}
