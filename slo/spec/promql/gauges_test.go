package promql_test

import (
	"testing"

	"burnline/slo/spec/promql"
)

func TestValidTakesWhatCanBeAsked(t *testing.T) {
	for expr, valid := range map[string]bool{
		`sum(rate(a_total{b="c"}[{{ .window }}]))`: true,
		`up == 1`:                     true,
		`time() - last_success > 300`: true,
		`a_total[5m]`:                 false,
		`"text"`:                      false,
		`sum:requests{*}.as_count()`:  false,
		``:                            false,
	} {
		if err := promql.Valid(expr); (err == nil) != valid {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

func TestSumsAddsSamplesUp(t *testing.T) {
	for expr, want := range map[string]string{
		`good{a="b"}`:                 `sum_over_time(good{a="b"}[$window])`,
		`sum by (x) (good) - (other)`: `sum by (x) (sum_over_time(good[$window])) - (sum_over_time(other[$window]))`,
		`max(good)`:                   "",
		`good * 2`:                    "",
		`rate(good[5m])`:              "",
		`good offset 5m`:              "",
	} {
		got, err := promql.Sums(expr, "$window")
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", expr, got, err)
		}
	}
}
