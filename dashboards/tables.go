package dashboards

import "fmt"

// sloTable lists every group of every SLO that is kept. Each query carries the labels
// of slo_status, so that Grafana can merge the rows.
func sloTable(o Options, only string) panel {
	status := statusExpr("")
	budget := "max without (window) (" + seriesRemaining + ")"
	burn := `max without (window) (slo_burn_rate{window="$window"})`
	objective := fmt.Sprintf("0 * (%s) + on (slo) group_left () max by (slo) (%s)", status, seriesObjective)
	var targets []target
	for _, expr := range []string{status, budget, burn, objective} {
		targets = append(targets, target{expr: "(" + expr + ")" + only, instant: true})
	}
	return panel{
		kind: kindTable, title: "SLOs", width: gridWidth, unit: "short", targets: targets, sortBy: "Burn rate",
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

func worstBudget(only string) panel {
	return panel{
		kind: kindSeries, title: "Budget left", unit: "percentunit", width: 12, lines: true, max: ptr(1.0),
		description: "Error budget left over the SLO's window, of each SLO's worst group. Below zero it is overspent.",
		targets:     []target{{expr: "min by (slo) (" + seriesRemaining + only + ")", legend: "{{slo}}"}},
		thresholds:  []threshold{{nil, red}, {ptr(0.0), grey}},
	}
}

func worstBurn(only string) panel {
	return panel{
		kind: kindSeries, title: "Burn rate over $window", unit: "suffix:×", width: 12, lines: true, min: ptr(0.0),
		description: "Error ratio divided by error budget over the chosen window, of each SLO's worst group. At 1 the budget lasts exactly as long as the SLO's window.",
		targets:     []target{{expr: `max by (slo) (slo_burn_rate{window="$window"}` + only + ")", legend: "{{slo}}"}},
		thresholds:  []threshold{{nil, grey}, {ptr(1.0), orange}},
	}
}

func states(only string) panel {
	return panel{
		kind: kindTimeline, title: "States", unit: "none", width: gridWidth, mappings: statusMappings(),
		description: "The state of each SLO's worst group.",
		targets:     []target{{expr: "max by (slo) ((" + statusExpr("") + ")" + only + ")", legend: "{{slo}}"}},
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

// changesTable lists what changed lately, the newest first.
func changesTable(selector string) panel {
	return panel{
		kind: kindTable, title: "Changes of the last six hours", unit: "short", width: gridWidth, sortBy: "When",
		description: "Deploys, flags and new versions that Burnline was told of or saw in telemetry.",
		targets:     []target{{expr: seriesChanges + braces(selector) + " * 1000", instant: true}},
		hidden:      []string{"Time", "change", "__name__"},
		columns: []column{
			{field: "Value", name: "When", unit: "dateTimeAsIso"},
			{field: "service", name: "Service"}, {field: "title", name: "What"},
			{field: "version", name: "Version"}, {field: "kind", name: "Kind"},
		},
	}
}
