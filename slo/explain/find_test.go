package explain_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"burnline/slo"
	"burnline/slo/explain"
)

func TestOneRegionIsNamed(t *testing.T) {
	table := explain.Table{Attributes: []string{"region", "route"}}
	for _, region := range []string{"eu", "us", "ap"} {
		for _, route := range []string{"/pay", "/cart", "/"} {
			row := explain.Row{Values: []string{region, route}, Bad: 1, Total: 1000}
			if region == "eu" {
				row.Bad = 80
			}
			table.Rows = append(table.Rows, row)
		}
	}
	got := explain.Find(table, explain.Options{})
	if len(got.Explanations) != 1 {
		t.Fatalf("found %+v", got)
	}
	e := got.Explanations[0]
	if e.Labels.String() != slo.NewLabels("region", "eu").String() || e.Failed != 240 || e.Total != 3000 || e.Baseline != -1 {
		t.Errorf("the explanation is %+v", e)
	}
}

// named returns the explanations in one line.
func named(w slo.Where) string {
	var all []string
	for _, e := range w.Explanations {
		all = append(all, e.Labels.String())
	}
	switch {
	case len(all) > 0:
		return strings.Join(all, " ")
	case w.Everywhere:
		return "everywhere"
	}
	return "unknown"
}

// The example that docs/explain.md works by hand.
func TestTheExampleThatIsWorkedByHand(t *testing.T) {
	t.Parallel()
	got := explain.Find(explain.Table{Attributes: []string{"region", "route"}, Rows: []explain.Row{
		{Values: []string{"eu", "/pay"}, Bad: 40, Total: 200},
		{Values: []string{"eu", "/cart"}, Bad: 2, Total: 300},
		{Values: []string{"us", "/pay"}, Bad: 3, Total: 400},
		{Values: []string{"us", "/cart"}, Bad: 5, Total: 1100},
	}}, explain.Options{})
	if named(got) != `{region="eu", route="/pay"}` || math.Abs(got.Explanations[0].Score-(71.83-6.17)) > 0.01 {
		t.Errorf("got %+v", got)
	}
}

// cells makes a table of region × route × version with 200 events in each cell; bad says how many
// fail in it, and before how many did of 200.
func cells(bad, before func(region, route, version string) float64) explain.Table {
	t := explain.Table{Attributes: []string{"region", "route", "version"}}
	for _, region := range []string{"eu", "us", "ap"} {
		for _, route := range []string{"/pay", "/cart", "/", "/help"} {
			for _, version := range []string{"1", "2"} {
				row := explain.Row{Values: []string{region, route, version}, Bad: bad(region, route, version), Total: 200}
				if before != nil {
					row.BaselineBad, row.BaselineTotal = before(region, route, version), 200
				}
				t.Rows = append(t.Rows, row)
			}
		}
	}
	return t
}

func TestCausesAreNamed(t *testing.T) {
	t.Parallel()
	always := func(n float64) func(string, string, string) float64 {
		return func(string, string, string) float64 { return n }
	}
	usual := func(region, _, _ string) float64 {
		if region == "ap" {
			return 40
		}
		return 1
	}
	for _, c := range []struct {
		name        string
		bad, before func(region, route, version string) float64
		want        string
	}{
		{"one route", func(_, route, _ string) float64 { return map[bool]float64{true: 30, false: 1}[route == "/pay"] }, nil, `{route="/pay"}`},
		{"three attributes", func(region, route, version string) float64 {
			return map[bool]float64{true: 60, false: 1}[region == "eu" && route == "/pay" && version == "2"]
		}, nil, `{region="eu", route="/pay", version="2"}`},
		{"two causes that have nothing in common", func(region, route, version string) float64 {
			return map[bool]float64{true: 60, false: 1}[region == "eu" && route == "/pay" || region == "us" && version == "2"]
		}, nil, `{region="us", version="2"} {region="eu", route="/pay"}`},
		{"two causes within a third combination that scores more than each", func(region, route, _ string) float64 {
			return map[bool]float64{true: 60, false: 1}[region == "eu" && (route == "/pay" || route == "/cart")]
		}, nil, `{region="eu", route="/pay"} {region="eu", route="/cart"}`},
		{"nothing stands out", always(20), nil, "everywhere"},
		{"all fail", always(200), nil, "everywhere"},
		{"nothing fails", always(0), nil, "unknown"},
		{"one always failed as much and another one does now", func(region, route, v string) float64 {
			return usual(region, route, v) + map[bool]float64{true: 30}[route == "/pay"]
		}, usual, `{route="/pay"}`},
		{"one always failed as much, and nothing else happened", usual, usual, "everywhere"},
		{"one always failed, and now all fail as much more", func(region, route, v string) float64 { return usual(region, route, v) + 20 }, usual, "everywhere"},
		{"one always failed, and fails more now", func(region, route, v string) float64 {
			return map[bool]float64{true: 120, false: 1}[region == "ap"]
		}, usual, `{region="ap"}`},
		{"one always failed less, and now fails as the others do", func(region, _, _ string) float64 { return map[bool]float64{true: 38, false: 40}[region == "eu"] },
			func(region, _, _ string) float64 { return map[bool]float64{true: 1, false: 40}[region == "eu"] }, `{region="eu"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := explain.Find(cells(c.bad, c.before), explain.Options{}); named(got) != c.want {
				t.Errorf("got %s, want %s: %+v", named(got), c.want, got)
			}
		})
	}
}

func TestTheSimplestOfEquivalentCombinationsIsNamed(t *testing.T) {
	t.Parallel()
	// All traffic of /pay is in eu, whose pods serve nothing else; pod says the same as region.
	table := explain.Table{Attributes: []string{"region", "route", "pod"}}
	for _, r := range []struct {
		region, route string
		bad           float64
	}{{"eu", "/pay", 40}, {"us", "/cart", 2}, {"us", "/", 2}, {"ap", "/cart", 2}, {"ap", "/", 2}} {
		table.Rows = append(table.Rows, explain.Row{Values: []string{r.region, r.route, r.region + "-pod"}, Bad: r.bad, Total: 400})
	}
	if got := named(explain.Find(table, explain.Options{})); got != `{region="eu"}` {
		t.Errorf("got %s, want the one that stands first", got)
	}
	slices.Reverse(table.Attributes)
	for i := range table.Rows {
		slices.Reverse(table.Rows[i].Values)
	}
	if got := named(explain.Find(table, explain.Options{})); got != `{pod="eu-pod"}` {
		t.Errorf("got %s, want the one that stands first", got)
	}
}

func TestMissingValuesAreNeverNamed(t *testing.T) {
	t.Parallel()
	table := explain.Table{Attributes: []string{"tier", "region"}, Rows: []explain.Row{
		{Bad: 300, Total: 1000}, // a row without values
		{Values: []string{"", "eu"}, Bad: 300, Total: 1000},
		{Values: []string{"gold", "eu"}, Bad: 3, Total: 1000},
		{Values: []string{"gold"}, Bad: 3, Total: 1000},
	}}
	if got := explain.Find(table, explain.Options{}); named(got) != "everywhere" {
		t.Errorf("got %s", named(got))
	}
}

func TestWhatIsNotCompared(t *testing.T) {
	t.Parallel()
	table := explain.Table{Attributes: []string{"region", "service", "trace", "customer"}}
	for i := range 3000 {
		row := explain.Row{Values: []string{[]string{"eu", "us"}[i%2], "shop", fmt.Sprint(i), fmt.Sprint(i % 100)}, Total: 1}
		if i%2 == 0 && i%7 == 0 {
			row.Bad = 1
		}
		table.Rows = append(table.Rows, row)
	}
	got := explain.Find(table, explain.Options{})
	if !slices.Equal(got.Attributes, []string{"region", "customer"}) || named(got) != `{region="eu"}` {
		t.Errorf("compared %q: %s", got.Attributes, named(got))
	}
	if got := explain.Find(table, explain.Options{MaxValues: 50}); !slices.Equal(got.Attributes, []string{"region"}) {
		t.Errorf("with at most 50 values %q are compared", got.Attributes)
	}
	if got := explain.Find(table, explain.Options{MaxAttributes: 1}); !slices.Equal(got.Attributes, []string{"region"}) {
		t.Errorf("with at most one attribute %q are compared", got.Attributes)
	}
}

func TestFewFailuresTellNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		eu, us float64
		want   string
	}{{2, 2, "unknown"}, {3, 3, "unknown"}, {60, 60, "everywhere"}, {0, 60, `{region="us"}`}, {0, 4, "unknown"}} {
		got := explain.Find(explain.Table{Attributes: []string{"region"}, Rows: []explain.Row{
			{Values: []string{"eu"}, Bad: c.eu, Total: 5000}, {Values: []string{"us"}, Bad: c.us, Total: 5000},
		}}, explain.Options{})
		if named(got) != c.want {
			t.Errorf("%v and %v failures: got %s, want %s", c.eu, c.us, named(got), c.want)
		}
	}
}

func TestNumbersThatAreNoneDoNoHarm(t *testing.T) {
	t.Parallel()
	for _, bad := range []float64{math.NaN(), math.Inf(1), -1, 1e300} {
		for _, total := range []float64{math.NaN(), math.Inf(1), -1, 1e300, 0, 10} {
			got := explain.Find(explain.Table{Attributes: []string{"a"}, Rows: []explain.Row{
				{Values: []string{"x"}, Bad: bad, Total: total, BaselineBad: bad, BaselineTotal: total}, {Values: []string{"y"}, Bad: 5, Total: 10},
			}}, explain.Options{})
			for _, e := range got.Explanations {
				if math.IsNaN(e.Score) || math.IsNaN(e.Ratio) || e.Ratio > 1 {
					t.Errorf("%v of %v: %+v", bad, total, e)
				}
			}
		}
	}
}
