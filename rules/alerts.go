package rules

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"

	"burnline/slo"
)

// Alerts returns one alerting rule per policy of the SLO, in their order: it fires
// while the burn rates over both of its windows are above its factor. They rest on
// slo_burn_rate, which Burnline records as well as the rules of Groups do.
func Alerts(d *slo.Definition) []Rule {
	b := &builder{def: d}
	all := make([]Rule, len(d.Policies))
	for i, p := range d.Policies {
		factor := b.factor(p)
		long, short := slo.FormatDuration(p.Long), slo.FormatDuration(p.Short)
		all[i] = Rule{
			Alert: AlertName,
			Expr: fmt.Sprintf("%s > %s and ignoring (window) %s > %s",
				b.series(recordBurn, "window", long), factor, b.series(recordBurn, "window", short), factor),
			KeepFiringFor: d.ResolveAfter,
			Labels:        b.labels(p.Severity, "window", long, "short_window", short),
			Annotations: b.annotations(fmt.Sprintf(
				`%s burns its error budget {{ printf "%%.3g" $value }} times as fast as its objective of %s %% over %s allows; a %s begins at %s times, over %s and %s.`,
				b.subject(), strconv.FormatFloat(d.Objective, 'f', -1, 64), d.Window.Name(), p.Severity, factor, long, short)),
		}
	}
	return all
}

// alerts adds the alerts to the groups that count their windows.
func (b *builder) alerts() {
	for i, rule := range Alerts(b.def) {
		to := &b.slow
		if b.isFast(b.def.Policies[i]) {
			to = &b.fast
		}
		to.Rules = append(to.Rules, rule)
	}
	b.noData()
}

// factor writes a policy's factor without the rounding of its arithmetic.
func (b *builder) factor(p slo.Policy) string {
	short, err := strconv.ParseFloat(strconv.FormatFloat(p.Factor, 'g', 12, 64), 64)
	if err != nil {
		return number(p.Factor)
	}
	return number(short)
}

// noData writes the alert on a total that reported once and no longer does.
func (b *builder) noData() {
	severity := slo.Severity(b.def.NoData)
	if b.def.NoData != slo.NoDataPage && b.def.NoData != slo.NoDataTicket || b.def.Counters() == nil || b.oneRhythm {
		return
	}
	var absent []string
	for _, s := range b.def.Counters().Total {
		if !s.Minus {
			absent = append(absent, fmt.Sprintf("absent_over_time(%s[5m])", selector(s.Selector)))
		}
	}
	b.slow.Rules = append(b.slow.Rules, Rule{
		Alert: noDataName,
		Expr: fmt.Sprintf("sum(%s) and on () count(present_over_time(%s[%s]))", strings.Join(absent, " and on () "),
			b.series(recordTiles, "outcome", "total"), slo.FormatDuration(b.def.Window.Nominal())),
		Labels:      b.labels(severity),
		Annotations: b.annotations(b.def.ID + ": no series of its total has reported for five minutes."),
	})
}

// labels are those of an alert; the owners' own can't replace what routes rely on.
// Pairs say which of its policies alerts.
func (b *builder) labels(severity slo.Severity, pairs ...string) map[string]string {
	labels := map[string]string{}
	for name, value := range b.def.AlertLabels {
		if model.LegacyValidation.IsValidLabelName(name) && value != "" {
			labels[name] = escaped(value)
		}
	}
	for name, value := range map[string]string{
		"slo": b.def.ID, "service": b.def.Service, "team": b.def.Team, "severity": string(severity),
	} {
		delete(labels, name)
		if value != "" {
			labels[name] = escaped(value)
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		labels[pairs[i]] = pairs[i+1]
	}
	return labels
}

// annotations are the owners' own, with the summary, the promise and the runbook
// under the names that Prometheus' users know.
func (b *builder) annotations(summary string) map[string]string {
	all := map[string]string{"summary": summary}
	if b.def.Description != "" {
		all["description"] = escaped(b.def.Description)
	}
	for _, name := range slices.Sorted(maps.Keys(b.def.Annotations)) {
		value := escaped(b.def.Annotations[name])
		switch {
		case name == "runbook":
			all["runbook_url"] = value
		case model.LegacyValidation.IsValidLabelName(name) && all[name] == "":
			all[name] = value
		}
	}
	return all
}

// subject names the SLO, and the group that an alert is about.
func (b *builder) subject() string {
	name := escaped(b.def.ID)
	for _, label := range b.def.GroupBy {
		name += fmt.Sprintf(", %s {{ $labels.%s }}", label, label)
	}
	return name
}

// escaped keeps text from being taken for a template.
func escaped(text string) string { return strings.ReplaceAll(text, "{{", `{{ "{{" }}`) }

// facts writes the budget and what describes the SLO, as Burnline records them.
func (b *builder) facts() {
	if b.def.Window.Calendar == nil {
		b.slow.Rules = append(b.slow.Rules, b.record(recordRemaining, b.remaining()))
	}
	pairs := []string{
		"name", b.def.Name, "service", b.def.Service, "team", b.def.Team, "journey", b.def.Journey, "window", b.def.Window.Name(),
	}
	for _, name := range slices.Sorted(maps.Keys(b.def.Labels)) {
		if !slices.Contains(pairs, name) && name != "slo" && model.LegacyValidation.IsValidLabelName(name) {
			pairs = append(pairs, name, b.def.Labels[name])
		}
	}
	b.slow.Rules = append(b.slow.Rules,
		b.record(recordObjective, fmt.Sprintf("vector(%s)", number(b.def.Objective/100))),
		b.record(recordInfo, "vector(1)", pairs...))
}

// remaining is what is left of the budget: 1 − burn × the covered part of the
// window. (design, "Budget")
func (b *builder) remaining() string {
	counted, every := b.series(recordTiles, "outcome", "total"), tile
	if b.oneRhythm {
		counted, every = b.series(recordSlice), b.slow.Interval
		if b.def.SLI.Samples != nil && !b.def.Budgeting.Sliced() {
			counted = b.series(recordSamples, "outcome", "total")
		}
	}
	w := b.def.Window.Rolling
	name := slo.FormatDuration(w)
	return fmt.Sprintf("1 - %s * ignoring (window, outcome) clamp_max(count_over_time(%s[%s]) / %s, 1)",
		b.series(recordBurn, "window", name), counted, name, number(float64(w)/float64(every)))
}
