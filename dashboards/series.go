package dashboards

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"burnline/slo"
)

// The series that Burnline records. Their names and labels are stable.
const (
	seriesEvents    = "slo_events_total"
	seriesErrors    = "slo_error_ratio"
	seriesBurn      = "slo_burn_rate"
	seriesRemaining = "slo_error_budget_remaining_ratio"
	seriesObjective = "slo_objective_ratio"
	seriesStatus    = "slo_status"
	seriesInfo      = "slo_info"
)

// rank is a status as a number, so that the worst of several is their maximum.
type rank struct {
	value  int
	states []slo.State
	text   string
	colour string
}

// ranks lists every state once. What is unknown is never green.
func ranks() []rank {
	return []rank{
		{0, []slo.State{slo.StateOK}, "ok", green},
		{1, []slo.State{slo.StateIdle}, "idle", blue},
		{2, []slo.State{slo.StateUnseen}, "no data yet", grey},
		{3, []slo.State{slo.StateMissing}, "data missing", orange},
		{4, []slo.State{slo.StateBroken}, "data broken", orange},
		{5, []slo.State{slo.StateSpent}, "budget spent", yellow},
		{6, []slo.State{slo.StateBurning}, "burning", red},
	}
}

// statusExpr gives each group's rank: slo_status is 1 for the state it is in
// and 0 for all others.
func statusExpr(selector string) string {
	var terms []string
	for _, r := range ranks() {
		for _, s := range r.states {
			terms = append(terms, fmt.Sprintf("(%s%s == 1) * %d", seriesStatus, braces(selector, `status=`+strconv.Quote(string(s))), r.value))
		}
	}
	return "max without (status) (" + strings.Join(terms, " or ") + ")"
}

// statusMappings show a rank as a word.
func statusMappings() []mapping {
	var ms []mapping
	for _, r := range ranks() {
		ms = append(ms, mapping{strconv.Itoa(r.value), r.text, r.colour})
	}
	return ms
}

// selector chooses one SLO and, by the variables of its group labels, groups.
func selector(d *slo.Definition) string {
	parts := []string{"slo=" + quoted(d.ID)}
	for _, label := range groupLabels(d) {
		parts = append(parts, chosenIs(label))
	}
	return strings.Join(parts, ",")
}

// chosenIs narrows a label to what is chosen in its variable.
func chosenIs(label string) string { return fmt.Sprintf(`%s=~"$%s"`, label, variableName(label)) }

// quoted writes a text as PromQL and TraceQL do.
func quoted(text string) string { return literal(strconv.Quote(text)) }

// literal keeps Grafana from putting the value of a variable into texts of a query: a dollar sign within quotes
// is written by its number.
func literal(query string) string { return strings.ReplaceAll(query, "$", `\x24`) }

// groupLabels returns the labels that split the SLO, sorted.
func groupLabels(d *slo.Definition) []string {
	labels := slices.Clone(d.GroupBy)
	slices.Sort(labels)
	return slices.Compact(labels)
}

// variableName names the variable of a group label; datasource is taken.
func variableName(label string) string {
	if label == datasourceVariable {
		return "group_" + label
	}
	return label
}

// legend names a group by its labels, or the SLO when it has one group only.
func legend(d *slo.Definition, single string) string {
	labels := groupLabels(d)
	if len(labels) == 0 {
		return single
	}
	parts := make([]string, len(labels))
	for i, l := range labels {
		parts[i] = "{{" + l + "}}"
	}
	return strings.Join(parts, " ")
}

func braces(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func windowIs(w string) string { return "window=" + strconv.Quote(w) }
