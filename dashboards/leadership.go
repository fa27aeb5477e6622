package dashboards

import (
	"fmt"

	"burnline/slo"
)

// worst is what is left of each SLO's budget, of its worst group.
const worst = "min by (slo) (" + seriesRemaining + ")"

// leadership is the dashboard for those who decide what is worked on.
func leadership(defs []slo.Definition, o Options) board {
	variables := choices(defs, "team", "service", "tier")
	only := only(variables)
	return board{
		Board: Board{Name: "leadership", Kind: KindGeneral, UID: leadershipUID, Title: "Reliability: leadership"},
		from:  "now-7d", refresh: "5m",
		description: "Which promises are kept, who keeps them, and what is not known. Reports of closed periods, with corrections, are made by Burnline itself.",
		tags:        []string{"burnline", Mark},
		links:       append(others(leadershipUID), link{title: "Reports", url: o.ExternalURL + "/reports", newTab: true}),
		variables:   variables,
		marks:       marks("", only, changesBy(variables))[:1],
		sections: []section{
			row("", 4,
				number("Promises kept", "Share of SLOs that have error budget left, of those that can be judged.", "percentunit",
					kept("", only), threshold{nil, red}, threshold{ptr(0.9), orange}, threshold{ptr(0.99), green}).places(1).wide(5),
				number("Budget spent", "SLOs of which at least one group has spent its error budget.", "short",
					"sum(("+worst+" < bool 0)"+only+") or vector(0)", above(1, red)...).whole().wide(5),
				count("Can't be judged", "SLOs without data, or with data that makes no sense. They are not counted as kept.",
					only, orange, slo.StateMissing, slo.StateBroken, slo.StateUnseen).wide(5),
				number("Nobody owns", "SLOs without a team.", "short", `count(`+seriesInfo+`{team=""}`+only+`) or vector(0)`, above(1, orange)...).whole().wide(4),
				openNow("Pages open", "Incidents that somebody was paged for and that are not over.", slo.Page, only, red).wide(5),
			),
			row("Who keeps what", 8, healthMatrix(defs, only), keptByTeam(only)),
			row("Better or worse", 9, keptOverTime(only), averageBudget(only)),
			row("Where the budget goes", 9, topConsumers(only), pagesByTeam(only)),
			row("What is not known", 8, unknownOverTime(only).wide(gridWidth)),
		},
	}
}

// owned has the labels team and tier on a value by SLO; what is not set is named so.
func owned(expr, only string, labels string) string {
	return fmt.Sprintf(`((%s)%s) * on (slo) group_left (%s) %s`, expr, only, labels, named(labels))
}

// named is slo_info with labels that say when nothing is set.
func named(labels string) string {
	info := "max by (slo, " + labels + ") (" + seriesInfo + ")"
	return `label_replace(label_replace(` + info + `, "team", "nobody", "team", ""), "tier", "none", "tier", "")`
}

// kept is the share of SLOs with budget left, by labels of slo_info; "" is of all.
func kept(labels, only string) string {
	if labels == "" {
		return fmt.Sprintf("avg((%s >= bool 0)%s)", worst, only)
	}
	return fmt.Sprintf("avg by (%s) (%s)", labels, owned(worst+" >= bool 0", only, labels))
}

func healthMatrix(defs []slo.Definition, only string) panel {
	p := panel{
		kind: kindTable, title: "Promises kept, team by tier", unit: "percentunit", decimals: ptr(0.0), width: 12,
		description: "Share of SLOs with error budget left. Rows are teams, columns tiers; nothing stands where there is no SLO.",
		targets:     []target{{expr: kept("team, tier", only), instant: true}},
		matrix:      &matrix{row: "team", column: "tier"},
		thresholds:  []threshold{{nil, red}, {ptr(0.9), orange}, {ptr(0.99), green}},
	}
	if !has(defs, "tier") {
		p.title, p.description = "Promises kept by team", "Share of SLOs with error budget left, by team. No SLO has a tier."
	}
	return p
}

func keptByTeam(only string) panel {
	p := chart("Promises kept by team", "Share of a team's SLOs with error budget left.", "percentunit",
		target{expr: kept("team", only), legend: "{{team}}"})
	p.max = ptr(1.0)
	return p
}

func keptOverTime(only string) panel {
	p := chart("Promises kept", "Share of SLOs with error budget left, of those that can be judged.", "percentunit",
		target{expr: kept("", only), legend: "kept"})
	p.max = ptr(1.0)
	return p
}

func averageBudget(only string) panel {
	return panel{
		kind: kindSeries, title: "Budget left by service", unit: "percentunit", width: 12, lines: true, max: ptr(1.0),
		description: "Error budget left, of the service's worst SLO. Below zero it is overspent.",
		targets:     []target{{expr: "min by (service) (" + owned(worst, only, "service") + ")", legend: "{{service}}"}},
		thresholds:  []threshold{{nil, red}, {ptr(0.0), grey}},
	}
}

func topConsumers(only string) panel {
	return panel{
		kind: kindSeries, title: "The ten emptiest budgets", unit: "percentunit", width: 12, lines: true, max: ptr(1.0),
		description: "Error budget left of the ten SLOs with the least.",
		targets:     []target{{expr: "bottomk(10, " + worst + only + ")", legend: "{{slo}}"}},
		thresholds:  []threshold{{nil, red}, {ptr(0.0), grey}},
	}
}

func pagesByTeam(only string) panel {
	return chart("Pages open by team", "How many incidents were open that somebody was paged for.", "short",
		target{expr: "sum by (team) (" + owned("sum by (slo) ("+openOf(slo.Page)+")", only, "team") + ")", legend: "{{team}}"}).whole().pile()
}

func unknownOverTime(only string) panel {
	return chart("SLOs that can't be judged", "SLOs of which at least one group had no data, or data that made no sense.", "short",
		target{
			expr:   fmt.Sprintf("count(count by (slo) ((%s)%s)) or vector(0)", statusIs(slo.StateMissing, slo.StateBroken, slo.StateUnseen), only),
			legend: "SLOs",
		}).whole()
}
