package dashboards

import (
	"fmt"
	"strings"

	"burnline/slo"
)

// choices are the variables by which dashboards over several SLOs are narrowed: those labels of
// slo_info that the definitions have.
func choices(defs []slo.Definition, with ...string) []variable {
	all := map[string]variable{
		"service": {title: "Service", description: "Whose promises are shown."},
		"team":    {title: "Team", description: "Whose SLOs are shown."},
		"tier":    {title: "Tier", description: "How important the SLOs are that are shown."},
		"slo":     {title: "SLO", description: "Which SLOs are shown."},
	}
	var out []variable
	for _, name := range with {
		if has(defs, name) {
			v := all[name]
			v.name, v.label, v.selector = name, name, seriesInfo
			out = append(out, v)
		}
	}
	return out
}

// has reports whether slo_info of any definition has a label; it has all of them where there is no
// definition.
func has(defs []slo.Definition, label string) bool {
	for i := range defs {
		d := &defs[i]
		if label == "slo" || label == "service" && d.Service != "" || label == "team" && d.Team != "" || d.Labels[label] != "" {
			return true
		}
	}
	return len(defs) == 0 && label != "tier"
}

// chosen is slo_info of the SLOs that the variables choose.
func chosen(variables []variable) string {
	var parts []string
	for _, v := range variables {
		if v.selector == seriesInfo {
			parts = append(parts, fmt.Sprintf(`%s=~"$%s"`, v.label, v.name))
		}
	}
	return seriesInfo + braces(parts...)
}

// only keeps the SLOs that the variables choose.
func only(variables []variable) string { return " and on (slo) " + chosen(variables) }

// overview is the dashboard over all SLOs.
func overview(defs []slo.Definition, o Options) board {
	variables := append(choices(defs, "service", "team", "tier", "slo"), windowVariable(defs))
	only := only(variables)
	return board{
		Board:       Board{Name: "overview", Kind: KindGeneral, UID: overviewUID, Title: "SLOs: overview"},
		from:        "now-24h",
		description: "What every service promised its customers, and whether it keeps it.",
		tags:        []string{"burnline", Mark},
		links: append(others(overviewUID),
			link{title: "SLO dashboards", tag: "burnline-slo"},
			link{title: "Service dashboards", tag: "burnline-service"},
			link{title: "Burnline", url: o.ExternalURL + "/", newTab: true}),
		variables: variables,
		marks:     marks("", only, changesBy(variables)),
		sections: []section{
			row("", 4,
				count("Burning", "SLOs of which at least one group burns its budget fast enough to tell somebody.", only, red, slo.StateBurning),
				count("Budget spent", "SLOs of which at least one group has nothing left of its error budget.", only, yellow, slo.StateSpent),
				count("Without data", "SLOs of which at least one group can't be judged: data is missing, broken or was never seen.",
					only, orange, slo.StateMissing, slo.StateBroken, slo.StateUnseen),
				number("SLOs watched", "All SLOs that are chosen above.", "short", "count("+chosen(variables)+") or vector(0)",
					threshold{nil, blue}).whole(),
			),
			row("Every SLO", 10, sloTable(o, only)),
			{title: "Over time", lines: []line{
				{height: 9, panels: []panel{worstBudget(only), worstBurn(only)}},
				{height: 8, panels: []panel{states(only)}},
			}},
		},
	}
}

// others links to the dashboards for all SLOs but one.
func others(but string) []link {
	var out []link
	for _, l := range []link{
		{title: "Overview", url: "/d/" + overviewUID}, {title: "On call", url: "/d/" + onCallUID},
		{title: "Leadership", url: "/d/" + leadershipUID}, {title: "Burnline itself", url: "/d/" + itselfUID},
	} {
		if l.url != "/d/"+but {
			out = append(out, l)
		}
	}
	return out
}

// changesBy narrows changes to the services chosen, and those that concern all.
func changesBy(variables []variable) string {
	for _, v := range variables {
		if v.name == "service" {
			return `service=~"$service|"`
		}
	}
	return ""
}

// windowVariable chooses the window of burn rates.
func windowVariable(defs []slo.Definition) variable {
	return variable{
		name: "window", title: "Burn window", description: "The window of the burn rates.",
		label: "window", selector: seriesBurn, chosen: burnWindow(defs),
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
	names := make([]string, len(states))
	for i, s := range states {
		names[i] = string(s)
	}
	return `slo_status{status=~"` + strings.Join(names, "|") + `"} == 1`
}

// count is how many SLOs are in one of the states, coloured when it is not zero.
func count(title, description, only, colour string, states ...slo.State) panel {
	return number(title, description, "short",
		fmt.Sprintf("count(count by (slo) ((%s)%s)) or vector(0)", statusIs(states...), only), above(1, colour)...).whole()
}
