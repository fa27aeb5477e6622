package rules

import (
	"fmt"
	"strings"
	"time"

	"burnline/slo"
)

// always is what no rule can do, for any SLO.
func always() []string {
	return []string{
		"Counts are those of increase(): extrapolated to the edges of a window, and without the first value of a new series.",
		"Counts of windows longer than " + slo.FormatDuration(rawLimit) + " rest on the scrape interval that the rules were written for.",
		"There is no low-traffic guard: a page may rest on a single bad event.",
		"Corrections (maintenance, exclusions) don't exist: their events count, and alerts are not held.",
		"An alert whose data ends is resolved; Burnline keeps an incident open until good events prove the recovery.",
		"Policies alert independently: a ticket is not closed by the page that it rises to, and groups are not gathered into one incident.",
		"The series slo_events_total and slo_status are not recorded; slo:events:increase5m has the events of each five minutes.",
		"History begins with the first evaluation: windows longer than " + slo.FormatDuration(rawLimit) + ", and the budget, are known from then on.",
	}
}

// limitsOf says what rules can't express of this SLO beyond that.
func limitsOf(d *slo.Definition, scrape time.Duration) []string {
	if d.SLI.Composite != nil {
		return []string{"it is an SLO of SLOs, which rules can't express; it is left out"}
	}
	var limits []string
	if d.Window.Calendar != nil {
		limits = append(limits, fmt.Sprintf("its window is one of the calendar (%s): slo_error_ratio and slo_burn_rate are over the last %s instead, "+
			"and the budget that is left is not recorded", d.Window, slo.FormatDuration(d.Window.Nominal())))
	}
	switch {
	case d.NoData == slo.NoDataAuto || d.NoData == "":
		limits = append(limits, "no_data: auto compares with the usual traffic; the rules don't alert on missing data")
	case d.NoData != slo.NoDataIgnore && (d.Counters() == nil || d.Budgeting.Sliced()):
		limits = append(limits, fmt.Sprintf("no_data: %s is only expressed for events; the rules don't alert on missing data", d.NoData))
	}
	if l := d.SLI.Latency; l != nil {
		limits = append(limits, fmt.Sprintf("a native histogram is interpolated at %s by Prometheus", slo.FormatDuration(l.Threshold)))
	}
	if d.SLI.Spans != nil {
		limits = append(limits, "spans are counted by Burnline's collector: the rules read the counters that it writes, "+slo.SpanEvents+", and need them where they are evaluated")
	}
	if d.SLI.Ratio != nil {
		limits = append(limits, "where its query answers with several series for one group, rules take their mean; for Burnline such an answer is unknown")
	}
	if s := d.SLI.Samples; s != nil {
		limits = append(limits, gaugeLimits(d, s)...)
	}
	if s := d.SLI.Samples; s == nil && d.SLI.Ratio == nil {
		for _, w := range d.PolicyWindows() {
			if w < 2*scrape {
				limits = append(limits, fmt.Sprintf("a window of %s holds fewer than two scrapes and is never known", slo.FormatDuration(w)))
			}
		}
	}
	if dotted(d) {
		limits = append(limits, "its metrics have names that Prometheus reads from version 3 on")
	}
	return limits
}

func gaugeLimits(d *slo.Definition, s *slo.SamplesSLI) []string {
	b := builder{def: d}
	expr, every := gauge(s)
	switch {
	case !d.Budgeting.Sliced() && s.Selector != nil:
		return []string{"samples are looked at once per evaluation, not each as it comes"}
	case d.Budgeting.Sliced() && (s.Selector == nil || d.Budgeting.Method != slo.Timeslices || d.Budgeting.Target < 1 || b.anyBad(s, expr, "1m") == ""):
		return []string{fmt.Sprintf("samples are looked at every %s, not each as it comes", slo.FormatDuration(min(every, d.Budgeting.Slice)))}
	}
	return nil
}

// dotted reports whether a counted metric or one of its labels has a name beyond
// letters, digits and underscores.
func dotted(d *slo.Definition) bool {
	for _, t := range d.Terms() {
		if strings.HasPrefix(selector(t.Selector), "{") {
			return true
		}
	}
	return false
}
