package dashboards

import (
	"fmt"

	"burnline/slo"
)

// overviewUID is the overview's address in Grafana.
const overviewUID = "burnline-overview"

// chosen keeps the SLOs of the services and teams chosen above.
const chosen = ` and on (slo) slo_info{service=~"$service",team=~"$team"}`

// overview is the dashboard over all SLOs.
func overview(defs []slo.Definition, o Options) board {
	return board{
		uid: overviewUID, title: "SLOs: overview", from: "now-24h",
		description: "What every service promised its customers, and whether it keeps it.",
		tags:        []string{"burnline", Mark},
		links: []link{
			{title: "SLO dashboards", tag: "burnline-slo"},
			{title: "Burnline", url: o.ExternalURL + "/", newTab: true},
		},
		variables: []variable{
			{name: "service", title: "Service", description: "Whose promises are shown.", label: "service", selector: seriesInfo},
			{name: "team", title: "Team", description: "Whose SLOs are shown.", label: "team", selector: seriesInfo},
			{
				name: "window", title: "Burn window", description: "The window of the burn rates.",
				label: "window", selector: seriesBurn, chosen: burnWindow(defs),
			},
		},
		sections: []section{
			{lines: []line{{height: 4, panels: []panel{
				count("Burning", "SLOs of which at least one group burns its budget fast enough to tell somebody.", statusIs(slo.StateBurning), red),
				count("Budget spent", "SLOs of which at least one group has nothing left of its error budget.", statusIs(slo.StateSpent), yellow),
				count("Without data", "SLOs of which at least one group can't be judged: data is missing, broken or was never seen.",
					statusIs(slo.StateMissing, slo.StateBroken, slo.StateUnseen), orange),
				{
					kind: kindStat, title: "SLOs watched", description: "All SLOs of the services and teams chosen above.",
					unit: "short", decimals: ptr(0.0), width: 6,
					targets:    []target{{expr: `count(slo_info{service=~"$service",team=~"$team"}) or vector(0)`, instant: true}},
					thresholds: []threshold{{nil, blue}},
				},
			}}}},
			{title: "Every SLO", lines: []line{{height: 10, panels: []panel{overviewTable(o)}}}},
			{title: "Over time", lines: []line{
				{height: 9, panels: []panel{worstBudget(), worstBurn()}},
				{height: 8, panels: []panel{states()}},
			}},
		},
	}
}

// burnWindow is the burn window at first: the long window of the most urgent
// policy of the first SLO that has one.
func burnWindow(defs []slo.Definition) string {
	for i := range defs {
		if len(defs[i].Policies) > 0 {
			return slo.FormatDuration(defs[i].Policies[0].Long)
		}
	}
	return "1h"
}

// statusIs selects the SLOs that are in one of the states.
func statusIs(states ...slo.State) string {
	expr := `slo_status{status=~"`
	for i, s := range states {
		if i > 0 {
			expr += "|"
		}
		expr += string(s)
	}
	return expr + `"} == 1`
}

// count is a number that is coloured when it is not zero.
func count(title, description, expr, colour string) panel {
	return panel{
		kind: kindStat, title: title, description: description, unit: "short", decimals: ptr(0.0), width: 6,
		targets:    []target{{expr: fmt.Sprintf("count(count by (slo) ((%s)%s)) or vector(0)", expr, chosen), instant: true}},
		thresholds: []threshold{{nil, green}, {ptr(1.0), colour}},
	}
}

// overviewTable lists every group of every SLO. Each query carries the labels
// of slo_status, so that Grafana can merge the rows.
func overviewTable(o Options) panel {
	status := statusExpr("")
	budget := "max without (window) (" + seriesRemaining + ")"
	burn := `max without (window) (slo_burn_rate{window="$window"})`
	objective := fmt.Sprintf("0 * (%s) + on (slo) group_left () max by (slo) (%s)", status, seriesObjective)
	var targets []target
	for _, expr := range []string{status, budget, burn, objective} {
		targets = append(targets, target{expr: "(" + expr + ")" + chosen, instant: true})
	}
	return panel{
		kind: kindTable, title: "SLOs", width: gridWidth, unit: "short", targets: targets,
		description: "Status, budget left over the SLO's window, burn rate over the chosen window and objective of each group. A burn rate of 1 spends the budget exactly.",
		hidden:      []string{"Time"},
		columns: []column{
			{field: "slo", name: "SLO", link: &link{title: "Open in Burnline", url: o.ExternalURL + "/slo/${__value.raw}", newTab: true}},
			{field: "Value #A", name: "Status", mappings: statusMappings()},
			{field: "Value #B", name: "Budget left", unit: "percentunit", decimals: ptr(1.0), thresholds: budgetColours()},
			{field: "Value #C", name: "Burn rate", unit: "suffix:×", decimals: ptr(2.0), thresholds: []threshold{{nil, green}, {ptr(1.0), orange}}},
			{field: "Value #D", name: "Objective", unit: "percentunit", decimals: ptr(3.0)},
		},
	}
}

func budgetColours() []threshold {
	return []threshold{{nil, red}, {ptr(0.0), orange}, {ptr(0.25), green}}
}

func worstBudget() panel {
	return panel{
		kind: kindSeries, title: "Budget left", unit: "percentunit", width: 12, lines: true, max: ptr(1.0),
		description: "Error budget left over the SLO's window, of each SLO's worst group. Below zero it is overspent.",
		targets:     []target{{expr: "min by (slo) (" + seriesRemaining + chosen + ")", legend: "{{slo}}"}},
		thresholds:  []threshold{{nil, red}, {ptr(0.0), grey}},
	}
}

func worstBurn() panel {
	return panel{
		kind: kindSeries, title: "Burn rate over $window", unit: "suffix:×", width: 12, lines: true, min: ptr(0.0),
		description: "Error ratio divided by error budget over the chosen window, of each SLO's worst group. At 1 the budget lasts exactly as long as the SLO's window.",
		targets:     []target{{expr: `max by (slo) (slo_burn_rate{window="$window"}` + chosen + ")", legend: "{{slo}}"}},
		thresholds:  []threshold{{nil, grey}, {ptr(1.0), orange}},
	}
}

func states() panel {
	return panel{
		kind: kindTimeline, title: "States", unit: "none", width: gridWidth, mappings: statusMappings(),
		description: "The state of each SLO's worst group.",
		targets:     []target{{expr: "max by (slo) ((" + statusExpr("") + ")" + chosen + ")", legend: "{{slo}}"}},
		thresholds:  statusThresholds(),
	}
}

func statusThresholds() []threshold {
	var ts []threshold
	for _, r := range ranks() {
		t := threshold{ptr(float64(r.value)), r.colour}
		if r.value == 0 {
			t.from = nil
		}
		ts = append(ts, t)
	}
	return ts
}
