package promql_test

import (
	"testing"

	"burnline/slo/spec/promql"
)

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
