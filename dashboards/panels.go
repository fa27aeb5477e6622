package dashboards

// number is a panel with one value, the newest of a query.
func number(title, description, unit, expr string, thresholds ...threshold) panel {
	return panel{
		kind: kindStat, title: title, description: description, unit: unit, width: 6,
		targets: []target{{expr: expr, instant: true}}, thresholds: thresholds,
	}
}

// whole shows no decimals.
func (p panel) whole() panel { p.decimals = ptr(0.0); return p }

// places shows so many decimals.
func (p panel) places(n int) panel { p.decimals = ptr(float64(n)); return p }

// wide sets the columns that a panel takes.
func (p panel) wide(columns uint32) panel { p.width = columns; return p }

// mayLack says why the panel may have nothing to show.
func (p panel) mayLack(why string) panel { p.empty = why; return p }

// chart is a panel with the course of queries over half the page, from 0 up.
func chart(title, description, unit string, targets ...target) panel {
	return panel{kind: kindSeries, title: title, description: description, unit: unit, width: 12, min: ptr(0.0), targets: targets}
}

// pile stacks the series of a chart.
func (p panel) pile() panel { p.stacked = true; return p }

// rate is the events a second of a counter, by labels that the rest of the query names.
func rate(selector string) string { return "rate(" + selector + "[$__rate_interval])" }

// sumRate is the events a second of all series of a selector; 0 while there is none.
func sumRate(selector string) string { return "sum(" + rate(selector) + ") or vector(0)" }

// sumRateBy is the events a second by labels.
func sumRateBy(labels, selector string) string {
	return "sum by (" + labels + ") (" + rate(selector) + ")"
}

// above colours a value that is more than a bound.
func above(bound float64, colour string) []threshold {
	return []threshold{{nil, green}, {ptr(bound), colour}}
}

// row is a section of one line.
func row(title string, height uint32, panels ...panel) section {
	return section{title: title, lines: []line{{height: height, panels: panels}}}
}
