package dashboards

import (
	"strconv"

	"burnline/slo"
)

// onCall is the dashboard for whoever is on call: what hurts now, since when, and what changed.
func onCall(defs []slo.Definition, o Options) board {
	variables := append(choices(defs, "team", "service"), windowVariable(defs))
	only := only(variables)
	return board{
		Board:       Board{Name: "oncall", Kind: KindGeneral, UID: onCallUID, Title: "On call: what hurts now"},
		from:        "now-6h",
		description: "What customers suffer now, how fast budgets go, and what changed before. Incidents are handled in Burnline itself.",
		tags:        []string{"burnline", Mark},
		links: append(others(onCallUID),
			link{title: "Incidents in Burnline", url: o.ExternalURL + "/incidents", newTab: true},
			link{title: "Changes", url: o.ExternalURL + "/changes", newTab: true},
			link{title: "Silences", url: o.ExternalURL + "/silences", newTab: true},
			link{title: "Failing traces", url: o.ExternalURL + "/traces?status=error", newTab: true}),
		variables: variables,
		marks:     marks("", only, changesBy(variables)),
		sections: []section{
			row("", 4,
				openNow("Pages open", "Incidents that somebody was paged for and that are not over.", slo.Page, only, red),
				openNow("Tickets open", "Incidents that need work but nobody at night.", slo.Ticket, only, orange),
				count("Burning", "SLOs of which at least one group burns its budget fast enough to tell somebody.", only, red, slo.StateBurning),
				count("Can't be judged", "SLOs of which at least one group has no data, or data that makes no sense. That is not health.",
					only, orange, slo.StateMissing, slo.StateBroken, slo.StateUnseen),
			),
			row("What hurts", 9, sloTable(o, only)),
			{title: "How fast", lines: []line{
				{height: 9, panels: []panel{worstBurn(only), failing(only)}},
				{height: 8, panels: []panel{states(only)}},
			}},
			{title: "Since when, and what changed", lines: []line{
				{height: 8, panels: []panel{openTime(only).wide(gridWidth)}},
				{height: 8, panels: []panel{changesTable(changesBy(variables)).mayLack("Nothing changed in the last six hours.")}},
			}},
		},
	}
}

// openOf selects open incidents of a severity.
func openOf(severity slo.Severity) string {
	return seriesIncidents + braces("severity="+strconv.Quote(string(severity)))
}

// openNow is how many incidents of a severity are open.
func openNow(title, description string, severity slo.Severity, only, colour string) panel {
	return number(title, description, "short", "sum("+openOf(severity)+only+") or vector(0)", above(1, colour)...).whole()
}

// failing is how many events a second are bad, by SLO.
func failing(only string) panel {
	return chart("Bad events", "Events a second that broke the promise, by SLO: requests that failed or were too slow, minutes that were down.", "eps",
		target{expr: "sum by (slo) (" + rate(seriesEvents+`{outcome="bad"}`) + only + ")", legend: "{{slo}}"}).pile()
}

// openTime is since when incidents are open.
func openTime(only string) panel {
	return chart("Incidents open", "Open incidents by SLO and severity; the line begins when the incident was opened.", "short",
		target{expr: seriesIncidents + " > 0" + only, legend: "{{severity}} {{slo}}"}).whole().mayLack("No incident was open.")
}
