package dashboards

// board is one dashboard, free of Grafana's JSON. The files sdk*.go turn it into JSON.
type board struct {
	Board
	description string
	tags        []string
	// from is the time range shown at first, such as now-6h, and refresh how often Grafana asks
	// anew; "" is every 30 seconds.
	from, refresh string
	links         []link
	variables     []variable
	marks         []mark
	sections      []section
}

// section is a titled row and the lines of panels below it.
type section struct {
	title string
	lines []line
}

// line is panels side by side. Their widths add up to the grid's width and
// all are equally high, so that the page has no gaps.
type line struct {
	height uint32
	panels []panel
}

// gridWidth is the number of columns of Grafana's grid.
const gridWidth = 24

// kind is what a panel draws.
type kind int

const (
	kindSeries kind = iota
	kindStat
	kindTable
	kindTimeline
	kindTraces
)

// panel is one panel.
type panel struct {
	kind               kind
	title, description string
	unit               string
	decimals           *float64
	min, max           *float64
	width              uint32
	targets            []target
	thresholds         []threshold
	// lines draws the thresholds as lines into a chart.
	lines bool
	// stacked stacks the series of a chart.
	stacked  bool
	mappings []mapping
	columns  []column
	hidden   []string
	// matrix makes a table of one query with one row and one column for each value of two labels.
	matrix *matrix
	// sortBy is the column that a table is sorted by, the largest first; "" leaves it.
	sortBy string
	link   *link
	// empty says why the panel may have nothing to show while all is well; it stands in the
	// panel then. "" is that it always has.
	empty string
}

// matrix names the labels whose values are the rows and the columns of a table.
type matrix struct{ row, column string }

// target is one query of a panel: PromQL, or TraceQL where the panel lists traces.
type target struct {
	expr, legend string
	// instant asks for the newest value alone.
	instant bool
	// exemplars asks for the traces behind the values too.
	exemplars bool
}

// threshold colours values from a bound on; nil is minus infinity.
type threshold struct {
	from   *float64
	colour string
}

// mapping shows a text for a value.
type mapping struct {
	value  string
	text   string
	colour string
}

// column names and formats one field of a table.
type column struct {
	field, name, unit string
	decimals          *float64
	thresholds        []threshold
	mappings          []mapping
	link              *link
}

// link is an address with a name, or with a tag a list of all dashboards that
// carry the tag.
type link struct {
	title, url, tag string
	newTab          bool
}

// variable is a choice at the top of the dashboard. One with a label lists that
// label's values in the series of the selector; one with a fixed value is not shown and is there for
// queries; one with a data source chooses one of its type.
type variable struct {
	name, title, description string
	label, selector          string
	fixed                    string
	datasource               string
	// chosen is the value at first; "" chooses all values.
	chosen string
}

// mark is what happened, drawn over all charts: while a query has a value, or with
// atValue at the moments that are its values, in milliseconds.
type mark struct {
	name, expr, title, text, tags string
	colour                        string
	atValue                       bool
}

// The colours of Grafana's palette, as far as they are used.
const (
	green  = "green"
	yellow = "yellow"
	orange = "orange"
	red    = "red"
	grey   = "text"
	blue   = "blue"
	purple = "purple"
)

func ptr[T any](v T) *T { return &v }
