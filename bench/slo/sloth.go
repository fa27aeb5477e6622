package main

import (
	"fmt"
	"strings"
	"time"

	"burnline/bench/internal/fleet"
	"burnline/slo"
)

// slothRules writes Prometheus rules of the shape that Sloth generates for the
// fleet's SLOs: an error ratio for each window of the policies, the mean of
// the five-minute ratios over 30 days, the derived series, and two alerts.
func slothRules(f fleet.Fleet, every time.Duration) string {
	var b strings.Builder
	b.WriteString("groups:\n")
	for i := range f.Services {
		slothGroups(&b, fleet.Service(i), every)
	}
	return b.String()
}

// ratios are the windows that policies look at, besides the SLO's own.
func ratios() []string { return []string{"5m", "30m", "1h", "2h", "6h", "1d", "3d"} }

func slothGroups(b *strings.Builder, name string, every time.Duration) {
	id := fmt.Sprintf("sloth_id: %s-availability, sloth_service: %s, sloth_slo: availability", name, name)
	match := fmt.Sprintf("sloth_id=%q, sloth_service=%q, sloth_slo=\"availability\"", name+"-availability", name)
	group := func(kind string) {
		fmt.Fprintf(b, "- name: sloth-slo-%s-%s-availability\n  interval: %s\n  rules:\n", kind, name, slo.FormatDuration(every))
	}
	record := func(series, expr, more string) {
		fmt.Fprintf(b, "  - record: %s\n    expr: |\n      %s\n    labels: {%s%s}\n", series, expr, id, more)
	}
	group("sli-recordings")
	for _, w := range ratios() {
		record("slo:sli_error:ratio_rate"+w, fmt.Sprintf("(sum(rate(%[1]s{service=%[2]q,code=~\"5..\"}[%[3]s]))) / (sum(rate(%[1]s{service=%[2]q}[%[3]s])))",
			fleet.Metric, name, w), ", sloth_window: "+w)
	}
	record("slo:sli_error:ratio_rate30d", fmt.Sprintf(
		"sum_over_time(slo:sli_error:ratio_rate5m{%[1]s}[30d]) / ignoring (sloth_window) count_over_time(slo:sli_error:ratio_rate5m{%[1]s}[30d])", match),
		", sloth_window: 30d")
	group("meta-recordings")
	record("slo:objective:ratio", "vector(0.999)", "")
	record("slo:error_budget:ratio", "vector(1-0.999)", "")
	record("slo:time_period:days", "vector(30)", "")
	for _, pair := range [][2]string{{"current_burn_rate", "5m"}, {"period_burn_rate", "30d"}} {
		record("slo:"+pair[0]+":ratio", fmt.Sprintf("slo:sli_error:ratio_rate%s{%s} / on(sloth_id, sloth_slo, sloth_service) group_left slo:error_budget:ratio{%s}",
			pair[1], match, match), "")
	}
	record("slo:period_error_budget_remaining:ratio", fmt.Sprintf("1 - slo:period_burn_rate:ratio{%s}", match), "")
	record("sloth_slo_info", "vector(1)", "")
	group("alerts")
	for _, alert := range []struct {
		severity string
		pairs    [4]string
		factors  [2]float64
	}{
		{"page", [4]string{"5m", "1h", "30m", "6h"}, [2]float64{14.4, 6}},
		{"ticket", [4]string{"2h", "1d", "6h", "3d"}, [2]float64{3, 1}},
	} {
		above := func(w string, factor float64) string {
			return fmt.Sprintf("max(slo:sli_error:ratio_rate%s{%s} > (%g * 0.001)) without (sloth_window)", w, match, factor)
		}
		fmt.Fprintf(b, "  - alert: HighErrorRate\n    expr: |\n      (%s and %s) or (%s and %s)\n    labels: {severity: %s}\n",
			above(alert.pairs[0], alert.factors[0]), above(alert.pairs[1], alert.factors[0]),
			above(alert.pairs[2], alert.factors[1]), above(alert.pairs[3], alert.factors[1]), alert.severity)
	}
}
