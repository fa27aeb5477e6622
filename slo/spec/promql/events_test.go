package promql_test

import (
	"slices"
	"strings"
	"testing"

	"burnline/slo"
	"burnline/slo/spec/promql"
)

func TestEventsAreReadFromSumsOfRates(t *testing.T) {
	for _, c := range []struct{ expr, sum, by, notes string }{
		{expr: `sum(rate(a[$window]))`, sum: "+a"},
		{expr: `sum(rate(a{b="c",d=~"5.."}[{{.window}}]))`, sum: `+a{b="c",d=~"5.."}`},
		{expr: "sum(\n  rate(a[{{ .window }}]) # comment [ with ' brackets\n)", sum: "+a"},
		{expr: `sum by (z, y) (increase(a{b="[$x]"}[1h]))`, sum: `+a{b="[$x]"}`, by: "y z"},
		{expr: `sum(increase(a[5m])) by (y)`, sum: "+a", by: "y"},
		{expr: `sum(rate(a[5m])) + sum(rate(b[5m])) - (sum(rate(c[5m])) - sum(rate(d[5m])))`, sum: "+a +b -c +d"},
		{expr: `sum(sum by (x) (rate(a[5m])))`, sum: "+a"},
		{expr: `sum by (x) (sum by (x, y) (rate(a[5m])))`, sum: "+a", by: "x"},
		{expr: `sum(rate(a[5m])) or vector(0)`, sum: "+a", notes: "or vector(0) is gone: without series nothing is counted"},
		{expr: `sum(rate(a[5m])) OR on() vector(0)`, sum: "+a", notes: "or vector(0) is gone: without series nothing is counted"},
		{expr: `(sum(rate(a[5m])) or vector(0)) + (sum(rate(b[5m])) or vector(0))`, sum: "+a +b", notes: "or vector(0) is gone: without series nothing is counted"},
		{expr: `sum(rate(a[5m])) or 0 * sum(rate(b[5m]))`, sum: "+a", notes: "or 0 * sum(rate(b[5m])) is gone: without series nothing is counted"},
		{expr: `sum(rate(a[5m])) > 0`, sum: "+a", notes: "> 0 is gone: a window without events needs no answer"},
		{expr: `sum(rate(a[5m])) != 0`, sum: "+a", notes: "!= 0 is gone: a window without events needs no answer"},
		{expr: `1 * sum(rate(a[5m])) * 1 / 1 + 0`, sum: "+a"},
		{expr: `+sum(rate(a[5m])) + -sum(rate(b[5m]))`, sum: "+a -b"},
		{expr: `sum(rate(a[5m])) - 0 * vector(7)`, sum: "+a"},
		{expr: `clamp_min(sum(rate(a[5m])), 0)`, sum: "+a"},
		{expr: `clamp_min(sum(rate(a[5m])) - sum(rate(b[5m])), 0)`, sum: "+a -b",
			notes: "clamp_min(…, 0) is gone: more taken away than counted would be shown as broken, not as 0"},
		{expr: `sum by (x) (rate(a[5m])) + on (x) sum by (x) (rate(b[5m]))`, sum: "+a +b", by: "x"},
		{expr: `sum(rate(a[5m])) + on () sum(rate(b[5m]))`, sum: "+a +b"},
		{expr: `sum(rate(a_count[5m]) - ignoring (le) rate(a_bucket{le="0.5"}[5m]))`, sum: `+a_count -a_bucket{le="0.5"}`,
			notes: "series are added up, with or without a partner on the other side"},
		{expr: `rate(a[5m])`, sum: "+a", notes: "without sum() the query gives one number for each series; here all of them are added up"},
		{expr: `sum(rate({__name__="a",b="c"}[$__rate_interval]))`, sum: `+a{b="c"}`},
	} {
		got, err := promql.Events(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		if text(got.Sum) != c.sum || strings.Join(got.By, " ") != c.by || strings.Join(got.Notes, "; ") != c.notes {
			t.Errorf("%s = %q by %q (%s), want %q by %q (%s)",
				c.expr, text(got.Sum), got.By, strings.Join(got.Notes, "; "), c.sum, c.by, c.notes)
		}
	}
}

func TestWhatIsNoCountOfEventsIsRefusedWithTheReason(t *testing.T) {
	for expr, want := range map[string]string{
		`sum without (a) (rate(a[5m]))`:                             "sum without (…) keeps labels that it does not name; write sum by (…) and the labels to keep",
		`avg(rate(a[5m]))`:                                          "avg() does not add events up",
		`count(a > 5)`:                                              "count() does not add events up",
		`sum(irate(a[5m]))`:                                         "irate() looks at the last two samples only, so most events are never counted",
		`sum(delta(a[5m]))`:                                         "delta() is for gauges",
		`sum(sum_over_time(a[5m]))`:                                 "sum_over_time() looks at samples of a gauge, not at events",
		`histogram_quantile(0.9, rate(a_bucket[5m]))`:               "histogram_quantile() estimates a duration",
		`histogram_count(sum(rate(a[5m])))`:                         "histogram_count() reads a native histogram, which is counted as a latency",
		`sum(round(rate(a[5m])))`:                                   "round() changes the count",
		`sum(rate(a[5m] offset 5m))`:                                "events are counted when they happen; remove offset, @, anchored and smoothed",
		`sum(rate(a[5m] @ 100))`:                                    "events are counted when they happen",
		`sum(rate(a[1h:5m]))`:                                       "rate() over a subquery looks at computed values, not at events",
		`sum(rate(a[5m])) + sum(rate(b[1h]))`:                       "the two sides of + measure differently: rate over 5m, and rate over 1h",
		`sum(rate(a[$window])) + sum(rate(b[5m]))`:                  "rate over $window, and rate over 5m",
		`sum(rate(a[5m])) + sum(increase(b[5m]))`:                   "rate over 5m, and increase over 5m",
		`sum(rate(a[5m])) * 60`:                                     "* 60 changes the count",
		`100 * sum(rate(a[5m]))`:                                    "100 * changes the count",
		`sum(rate(a[5m])) / 2`:                                      "/ 2 changes the count",
		`sum(rate(a[5m])) / sum(rate(b[5m]))`:                       "a quotient is no count",
		`sum(rate(a[5m])) * sum(rate(b[5m]))`:                       "a product is no count",
		`sum(rate(a[5m])) + 1`:                                      "the number 1 counts no events",
		`sum(rate(a[5m])) or sum(rate(b[5m]))`:                      `"or" takes the one side or the other`,
		`sum(rate(a[5m])) > 5`:                                      `counts can only be added and taken away, not joined by ">"`,
		`sum(rate(a[5m])) > bool 0`:                                 `not joined by ">"`,
		`sum(rate(a[5m])) and sum(rate(b[5m]))`:                     `not joined by "and"`,
		`sum by (x) (rate(a[5m])) + sum(rate(b[5m]))`:               "the two sides of + keep different labels: x, and no label",
		`sum(rate(a[5m])) + rate(b[5m])`:                            "keep different labels: no label, and every label",
		`sum by (x) (rate(a[5m])) + on () sum by (x) (rate(b[5m]))`: "matched by other labels than they keep",
		`sum by (x) (sum by (y) (rate(a[5m])))`:                     "the label x is gone already in the sum within",
		`sum(rate(a[5m]) * on (i) group_left rate(b[5m]))`:          "a product is no count",
		`sum(rate(a[5m]) + on (i) group_left rate(b[5m]))`:          "group_left and group_right count one series several times",
		`sum(a)`:                               "a is the counter's value since its start, not what happened in a window; write sum(rate(a[…]))",
		`a[5m]`:                                "a range stands without rate() or increase()",
		`-sum(rate(a[5m]))`:                    "everything is taken away and nothing counted",
		`sum(rate({job="x"}[5m]))`:             "the selector has no metric name",
		`clamp_min(sum(rate(a[5m])), 1)`:       "clamp_min() changes the count",
		`sum(rate(a[5m]`:                       "this is no PromQL, at character",
		`sum(rate(a[{{.service}}x]))`:          "this is no PromQL, at character",
		`sum(rate(a[5m])) + sum(irate(b[5m]))`: "irate() looks at the last two samples only",
		`sum by (x) (rate(a[5m])) + ignoring (x) sum by (x) (rate(b[5m]))`: "matched by other labels than they keep",
		`vector(0)`:                 "vector() changes the count",
		`"a"`:                       "counts no events",
		strings.Repeat("a", 10_001): "the query is longer than 10000 characters",
	} {
		got, err := promql.Events(expr)
		if err == nil {
			t.Errorf("%s was read as %q", expr, text(got.Sum))
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n got %s\nwant %s", expr, err, want)
		}
	}
}

func TestCountersStandWithoutRate(t *testing.T) {
	got, err := promql.Counters(`sum by (x) (a{b="c"}) - sum by (x) (d)`)
	if err != nil || text(got.Sum) != `+a{b="c"} -d` || !slices.Equal(got.By, []string{"x"}) {
		t.Errorf("got %q by %q (%v)", text(got.Sum), got.By, err)
	}
	if _, err := promql.Counters(`sum(rate(a[5m]))`); err == nil || !strings.Contains(err.Error(), "rate() has no place over a counter that is read as it stands") {
		t.Errorf("rate: %v", err)
	}
}

func TestARatioIsReadAsItsCounts(t *testing.T) {
	const clamp = "() is gone: a ratio of counts is from 0 to 1, and counts that contradict each other are shown as broken"
	for _, c := range []struct{ expr, bad, good, total, by, notes, fixed string }{
		{expr: `sum(rate(b[$w])) / sum(rate(t[$w]))`, bad: "+b", total: "+t"},
		{expr: `sum(rate(b[5m])) / sum(rate(t[5m]))`, bad: "+b", total: "+t", fixed: "5m"},
		{expr: `1 - sum(rate(g[$w])) / sum(rate(t[$w]))`, good: "+g", total: "+t"},
		{expr: `1 - (sum(rate(g[$w])) / sum(rate(t[$w])))`, good: "+g", total: "+t"},
		{expr: `1 - (1 - sum(rate(b[$w])) / sum(rate(t[$w])))`, bad: "+b", total: "+t"},
		{expr: `(sum(rate(t[$w])) - sum(rate(g[$w]))) / sum(rate(t[$w]))`, good: "+g", total: "+t"},
		{expr: `1 - (sum(rate(t[$w])) - sum(rate(b[$w]))) / sum(rate(t[$w]))`, bad: "+b", total: "+t"},
		{expr: `sum(rate(b[$w])) / (sum(rate(b[$w])) + sum(rate(g[$w])))`, bad: "+b", total: "+b +g"},
		{expr: `sum by (x) (rate(b[$w])) / sum by (x) (rate(t[$w]))`, bad: "+b", total: "+t", by: "x"},
		{expr: `sum by (x) (rate(b[$w])) / on (x) sum by (x) (rate(t[$w]))`, bad: "+b", total: "+t", by: "x"},
		{expr: `sum(rate(b[$w])) / sum(rate(t[$w])) or vector(0)`, bad: "+b", total: "+t", notes: "or vector(0) is gone: without series nothing is counted"},
		{expr: `1 - ((sum(rate(g[$w])) / (sum(rate(t[$w])) > 0)) OR on() vector(1))`, good: "+g", total: "+t",
			notes: "or vector(1) is gone: without series nothing is counted; > 0 is gone: a window without events needs no answer"},
		{expr: `clamp_max(sum(rate(b[$w])) / sum(rate(t[$w])), 1)`, bad: "+b", total: "+t", notes: "clamp_max" + clamp},
		{expr: `clamp_min(1 - sum(rate(g[$w])) / sum(rate(t[$w])), 0)`, good: "+g", total: "+t", notes: "clamp_min" + clamp},
		{expr: `clamp(sum(rate(b[$w])) / sum(rate(t[$w])), 0, 1)`, bad: "+b", total: "+t", notes: "clamp" + clamp},
		{expr: `sum(rate(b[$w])) / (sum(rate(t[$w])) > 0)`, bad: "+b", total: "+t", notes: "> 0 is gone: a window without events needs no answer"},
		{expr: `1 * (sum(increase(b[$w])) / sum(increase(t[$w])))`, bad: "+b", total: "+t"},
	} {
		got, err := promql.Ratio(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		want := [...]string{c.bad, c.good, c.total, c.by, c.notes, c.fixed}
		if have := [...]string{text(got.Bad), text(got.Good), text(got.Total), strings.Join(got.By, " "), strings.Join(got.Notes, "; "), got.Fixed}; have != want {
			t.Errorf("%s\n got %q\nwant %q", c.expr, have, want)
		}
	}
}

func TestWhatIsNoRatioOfCountsIsRefusedWithTheReason(t *testing.T) {
	for expr, want := range map[string]string{
		`sum(rate(a[5m]))`:                                    "sum() over ratios weighs each ratio the same, whatever its traffic",
		`avg(rate(a[5m]) / rate(b[5m]))`:                      "avg() over ratios weighs each ratio the same",
		`slo:sli_error:ratio_rate5m`:                          "a recorded ratio does not say how many events there were",
		`1 - avg_over_time(a[5m])`:                            "avg_over_time() is no quotient of counts",
		`sum(rate(a[5m])) / sum(rate(b[1h]))`:                 "the two sides of / measure differently",
		`sum by (x) (rate(a[5m])) / sum(rate(b[5m]))`:         "the two sides of / keep different labels: x, and no label",
		`sum(rate(a[5m])) / 100`:                              "a division by 100 is no quotient of counts",
		`clamp_min(sum(rate(a[5m])) / sum(rate(b[5m])), 0.1)`: "clamp_min() is no quotient of counts",
		`100 * sum(rate(a[5m])) / sum(rate(b[5m]))`:           "100 * changes the count",
		`0.5 - sum(rate(a[5m])) / sum(rate(b[5m]))`:           "a difference of ratios is no quotient of counts",
		`sum(rate(a[5m])) / clamp_min(sum(rate(b[5m])), 1)`:   "clamp_min() changes the count",
		`sum(rate(b[$w])) / sum(rate(t[$w])) or vector(1)`:    `joined by "or" it is no quotient of counts`,
		`sum(rate(a[5m])) / sum(irate(b[5m]))`:                "irate() looks at the last two samples only",
		`-sum(rate(a[5m])) / sum(rate(b[5m]))`:                "everything is taken away and nothing counted",
		`sum(rate(a[5m]`:                                      "this is no PromQL",
		`0.01`:                                                "this is no quotient of counts",
	} {
		if got, err := promql.Ratio(expr); err == nil {
			t.Errorf("%s was read as %v", expr, got)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n got %s\nwant %s", expr, err, want)
		}
	}
}

func TestTwoQueriesAreDividedOnlyWhenTheyMeasureTheSame(t *testing.T) {
	p, err := promql.Divide(`(sum(rate(t[$w])) - sum(rate(g[$w])))`, `sum(rate(t[$w]))`)
	if err != nil || text(p.Good) != "+g" || p.Bad != nil || text(p.Total) != "+t" {
		t.Errorf("got %v (%v)", p, err)
	}
	for _, c := range [][3]string{
		{`sum(rate(b[$w]))`, `sum(increase(t[$w]))`, "bad and total measure differently: rate over $w, and increase over $w"},
		{`sum by (x) (rate(b[$w]))`, `sum(rate(t[$w]))`, "bad and total keep different labels: x, and no label"},
		{`rate(b[$w])`, `sum(rate(t[$w]))`, "bad and total keep different labels: every label, and no label"},
		{`up`, `sum(rate(t[$w]))`, "up is the counter's value"},
		{`sum(rate(t[$w]))`, `vector(1)`, "vector() changes the count"},
	} {
		if _, err := promql.Divide(c[0], c[1]); err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s / %s: %v, want %s", c[0], c[1], err, c[2])
		}
	}
	if p, err := promql.DivideCounters(`b`, `t`); err != nil || text(p.Bad) != "+b" {
		t.Errorf("counters: %v (%v)", p, err)
	}
}

func TestRangesArePushedIntoAQuery(t *testing.T) {
	for _, c := range []struct{ expr, want, no string }{
		{expr: `sum(rate(a{b="[5m]"}[5m])) / sum(rate(b[{{.window}}] offset 1d))`,
			want: `sum(rate(a{b="[5m]"}[$window])) / sum(rate(b[$window] offset 1d))`},
		{expr: `sum(a{b="c"}) / sum(rate(d[5m]))`, want: `sum(increase(a{b="c"}[$window])) / sum(rate(d[$window]))`},
		{expr: `vector(1)`, no: "no counter stands in the query"},
		{expr: `max_over_time(rate(a[5m])[1h:1m])`, no: "a subquery has ranges of its own"},
		{expr: `a offset 5m`, no: "events are counted when they happen"},
		{expr: `sum(`, no: "this is no PromQL"},
	} {
		got, err := promql.Increases(c.expr, "$window")
		if got != c.want || c.no == "" && err != nil || c.no != "" && (err == nil || !strings.Contains(err.Error(), c.no)) {
			t.Errorf("%s: %q (%v), want %q (%s)", c.expr, got, err, c.want, c.no)
		}
	}
}

func TestPlaceholdersAreReplacedInRangesOnly(t *testing.T) {
	got := promql.Placeholders("sum(rate(a{b='[{{.window}}]',c=\"[$x\\\"]\"}[{{ .window }}:])) # [$y]\n+ b[${z}] + `[$q]`", "5m")
	if want := "sum(rate(a{b='[{{.window}}]',c=\"[$x\\\"]\"}[5m:])) # [$y]\n+ b[5m] + `[$q]`"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestValidSaysWhatIsNoQuery(t *testing.T) {
	if err := promql.Valid(`1 - avg_over_time(a[$window])`); err != nil {
		t.Error(err)
	}
	for expr, want := range map[string]string{
		`vector(1)[5m]`: "this is no PromQL",
		`a[$window]`:    "it ends with a range, which is many samples and not one number",
		`"a"`:           "a text is no number",
	} {
		if err := promql.Valid(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", expr, err, want)
		}
	}
}

// FuzzEvents requires that what is read as events can be counted, and that nothing
// crashes on what can't.
func FuzzEvents(f *testing.F) {
	for _, expr := range []string{
		`sum(rate(a{b="c"}[$window])) + sum(rate(d[{{.window}}]))`, `1 - sum(rate(g[5m])) / (sum(rate(t[5m])) > 0) or vector(0)`,
		`sum by (x) (increase(a[1h]) - ignoring (le) increase(b{le="1"}[1h]))`, `clamp_max(a / b, 1)`, `sum(a[5m:1m] @ end())`, "[{{", `"\`,
	} {
		f.Add(expr)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		var sums []slo.Sum
		if c, err := promql.Events(expr); err == nil {
			sums = append(sums, c.Sum)
		}
		if c, err := promql.Counters(expr); err == nil {
			sums = append(sums, c.Sum)
		}
		if p, err := promql.Ratio(expr); err == nil {
			sums = append(sums, p.Total)
			if (p.Bad == nil) == (p.Good == nil) {
				t.Errorf("%q is not one of bad and good", expr)
			}
		}
		for _, sum := range sums {
			if !slices.ContainsFunc(sum, func(s slo.Signed) bool { return !s.Minus }) {
				t.Errorf("%q counts nothing", expr)
			}
			for _, s := range sum {
				if _, err := s.Selector.Compile(); err != nil {
					t.Errorf("%q: %v", expr, err)
				}
			}
		}
		if pushed, err := promql.Increases(expr, "5m"); err == nil && promql.Valid(expr) == nil && promql.Valid(pushed) != nil {
			t.Errorf("%q became %q, which is no query", expr, pushed)
		}
	})
}
