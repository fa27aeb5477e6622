package dashboards

import (
	"fmt"
	"net/url"
	"strconv"

	"burnline/slo"
)

// detail is the dashboard of one SLO.
func detail(d *slo.Definition, o Options) board {
	window := d.Window.Name()
	b := board{
		Board:       Board{Name: "slo:" + d.ID, Kind: KindSLOs, UID: sloUID(d.ID), Title: "SLO: " + d.ID},
		from:        "now-24h",
		description: fmt.Sprintf("%s Objective %s %% over %s.", described(d), percent(d.Objective), d.Window),
		tags:        []string{"burnline", "burnline-slo", Mark},
		links: []link{
			{title: "All SLOs", url: "/d/" + overviewUID},
			{title: "Open in Burnline", url: sloURL(o, d.ID), newTab: true},
			{title: "Incidents", url: o.ExternalURL + "/incidents?" + url.Values{"slo": {d.ID}}.Encode(), newTab: true},
		},
		variables: []variable{
			{name: "slo", title: "SLO", description: "The SLO of this dashboard, for queries.", fixed: d.ID},
			{name: "service", title: "Service", description: "The SLO's service, for queries.", fixed: d.Service},
		},
		marks: marks("slo="+quoted(d.ID), "", changesOf(d.Service)),
		sections: []section{
			row("", 4, headline(d, window)...),
			row("Budget", 9, budgetPanel(d), errorPanel(d, window)),
		},
	}
	b.links = append(b.links, more(d, o)...)
	for _, label := range groupLabels(d) {
		b.variables = append(b.variables, variable{
			name: variableName(label), title: label, description: "The groups that are shown; each has a budget of its own.",
			label: label, selector: seriesStatus + braces("slo="+quoted(d.ID)),
		})
	}
	if len(d.Policies) > 0 {
		b.sections = append(b.sections, section{title: "Burn rates", lines: policyLines(d)})
	}
	last := []panel{statePanel(d)}
	if d.SLI.Composite == nil { // which counts nothing itself
		last = []panel{eventsPanel(d), statePanel(d)}
	}
	for i := range last {
		last[i].width = gridWidth / uint32(len(last))
	}
	b.sections = append(b.sections, row("Events", 8, last...))
	if traced := behind(d); len(traced) > 0 {
		b.sections = append(b.sections, row("Behind them", 9, traced...))
	}
	return b
}

// more are links that not every SLO has.
func more(d *slo.Definition, o Options) []link {
	var links []link
	if d.Service != "" {
		links = append(links, link{title: "Service " + d.Service, url: "/d/" + serviceUID(d.Service)})
	}
	if d.SLI.Spans != nil {
		links = append(links, link{title: "Failing traces", url: o.ExternalURL + "/traces?" + url.Values{"slo": {d.ID}}.Encode(), newTab: true})
	}
	if runbook := d.Annotations["runbook"]; runbook != "" {
		links = append(links, link{title: "Runbook", url: runbook, newTab: true})
	}
	return links
}

// described is what the SLO promises, as a sentence.
func described(d *slo.Definition) string {
	if d.Description == "" {
		return "The promise of " + d.Service + "."
	}
	return d.Description
}

// spanned is the SLO's window in a sentence: the last 30d, this month.
func spanned(w slo.Window) string {
	if w.Calendar != nil {
		return "this " + w.String()
	}
	return "the last " + w.Name()
}

func percent(objective float64) string { return strconv.FormatFloat(objective, 'f', -1, 64) }

// headline is the state of now in four numbers, of the worst group chosen.
func headline(d *slo.Definition, window string) []panel {
	return []panel{
		{
			kind: kindStat, title: "State", unit: "none", width: 6, mappings: statusMappings(), thresholds: statusThresholds(),
			description: "The state of the worst group.",
			targets:     []target{{expr: "max(" + statusExpr(selector(d)) + ")", instant: true}},
		},
		{
			kind: kindStat, title: "Budget left", unit: "percentunit", decimals: ptr(1.0), width: 6, thresholds: budgetColours(),
			description: "Error budget left over " + spanned(d.Window) + ", of the worst group. Below zero it is overspent.",
			targets:     []target{{expr: "min(" + seriesRemaining + braces(selector(d)) + ")", instant: true}},
		},
		{
			kind: kindStat, title: "Errors over " + window, unit: "percentunit", decimals: ptr(3.0), width: 6,
			description: "Bad events divided by all events over the SLO's window, of the worst group. Red is above the error budget.",
			targets:     []target{{expr: "max(" + seriesErrors + braces(selector(d), windowIs(window)) + ")", instant: true}},
			thresholds:  []threshold{{nil, green}, {ptr(round(d.Budget())), red}},
		},
		{
			kind: kindStat, title: "Objective", unit: "percentunit", decimals: ptr(3.0), width: 6,
			description: "The promised share of good events.",
			targets:     []target{{expr: seriesObjective + braces("slo="+quoted(d.ID)), instant: true}},
			thresholds:  []threshold{{nil, blue}},
		},
	}
}

func budgetPanel(d *slo.Definition) panel {
	return panel{
		kind: kindSeries, title: "Budget left", unit: "percentunit", width: 12, lines: true, max: ptr(1.0),
		description: "Error budget left over " + spanned(d.Window) + ". Below zero it is overspent.",
		targets:     []target{{expr: seriesRemaining + braces(selector(d)), legend: legend(d, "budget left")}},
		thresholds:  []threshold{{nil, red}, {ptr(0.0), grey}},
	}
}

func errorPanel(d *slo.Definition, window string) panel {
	return panel{
		kind: kindSeries, title: "Errors over " + window, unit: "percentunit", width: 12, lines: true, min: ptr(0.0),
		description: fmt.Sprintf("Bad events divided by all events over the SLO's window. The line is the error budget, %s %%.",
			strconv.FormatFloat(round(d.Budget()*100), 'f', -1, 64)),
		targets:    []target{{expr: seriesErrors + braces(selector(d), windowIs(window)), legend: legend(d, "error ratio")}},
		thresholds: []threshold{{nil, grey}, {ptr(round(d.Budget())), red}},
	}
}

// policyLines shows two policies a line; an odd last one has a line to itself.
func policyLines(d *slo.Definition) []line {
	var lines []line
	for i := 0; i < len(d.Policies); i += 2 {
		l := line{height: 8, panels: []panel{policyPanel(d, d.Policies[i])}}
		if i+1 < len(d.Policies) {
			l.panels = append(l.panels, policyPanel(d, d.Policies[i+1]))
		}
		for j := range l.panels {
			l.panels[j].width = gridWidth / uint32(len(l.panels))
		}
		lines = append(lines, l)
	}
	return lines
}

func policyPanel(d *slo.Definition, p slo.Policy) panel {
	long, short := slo.FormatDuration(p.Long), slo.FormatDuration(p.Short)
	factor := strconv.FormatFloat(round(p.Factor), 'f', -1, 64)
	colour := orange
	if p.Severity == slo.Page {
		colour = red
	}
	out := panel{
		kind: kindSeries, unit: "suffix:×", lines: true, min: ptr(0.0),
		title:       fmt.Sprintf("Burn rate over %s and %s: %s above %s", long, short, p.Severity, factor),
		description: fmt.Sprintf("A %s fires when both burn rates are above %s, the line. A burn rate of 1 spends the budget exactly.", p.Severity, factor),
		thresholds:  []threshold{{nil, grey}, {ptr(round(p.Factor)), colour}},
	}
	windows := []string{long, short}
	if long == short {
		windows = windows[:1]
	}
	for _, w := range windows {
		name := w
		if labels := legend(d, ""); labels != "" {
			name = labels + " " + w
		}
		out.targets = append(out.targets, target{expr: seriesBurn + braces(selector(d), windowIs(w)), legend: name})
	}
	return out
}

func eventsPanel(d *slo.Definition) panel {
	return panel{
		kind: kindSeries, title: "Events", unit: "eps", width: 12, stacked: true, min: ptr(0.0),
		description: "Good and bad events a second, of all groups chosen.",
		targets: []target{{
			expr:   "sum by (outcome) (rate(" + seriesEvents + braces(selector(d)) + "[$__rate_interval]))",
			legend: "{{outcome}}",
		}},
	}
}

func statePanel(d *slo.Definition) panel {
	return panel{
		kind: kindTimeline, title: "State", unit: "none", width: 12, mappings: statusMappings(), thresholds: statusThresholds(),
		description: "The state of each group over time.",
		targets:     []target{{expr: statusExpr(selector(d)), legend: legend(d, "state")}},
	}
}

// round drops the dust of floating point: 1 − 0.999 is shown as 0.001.
func round(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	if err != nil {
		return v
	}
	return r
}
