package engine

import (
	"testing"

	"burnline/slo"
)

func TestSelectorsOfFailuresThatNothingMatchesAreTold(t *testing.T) {
	t.Parallel()
	sel := func(label, value string) slo.Selector {
		return slo.Selector{Name: "hits", Matchers: []slo.Matcher{{Label: label, Op: slo.MatchEqual, Value: value}}}
	}
	d := &slo.Definition{ID: "shop/availability", SLI: slo.SLI{Events: &slo.EventsSLI{
		Total: []slo.Signed{{Selector: slo.Selector{Name: "hits"}}},
		Bad:   []slo.Signed{{Selector: sel("status", "500")}, {Selector: sel("code", "500")}},
	}}}
	table, err := newTable(d)
	if err != nil {
		t.Fatal(err)
	}
	see := func(code string, want ...string) {
		t.Helper()
		table.bind(slo.NewSeries(slo.NewLabels(slo.MetricName, "hits", "code", code)))
		var got []string
		for _, term := range unmatched(d, table) {
			got = append(got, term.Selector.String())
		}
		if len(got) != len(want) || len(want) > 0 && got[len(got)-1] != want[len(want)-1] {
			t.Errorf("after a series of %s nothing matches %q, want %q", code, got, want)
		}
	}
	see("200", `hits{status="500"}`, `hits{code="500"}`)
	see("500", `hits{status="500"}`)
	see("200", `hits{status="500"}`)
}
