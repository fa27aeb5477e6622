package promql_test

import (
	"strings"
	"testing"

	"burnline/slo"
	"burnline/slo/spec/promql"
)

// text writes a sum as it may be written in a file.
func text(sum slo.Sum) string {
	var b strings.Builder
	for _, s := range sum {
		if s.Minus {
			b.WriteString(" -")
		} else {
			b.WriteString(" +")
		}
		b.WriteString(s.Selector.String())
	}
	return strings.TrimPrefix(b.String(), " ")
}

func TestSelectors(t *testing.T) {
	for expr, want := range map[string]string{
		`requests_total`: `+requests_total`,
		`requests_total{code=~"5..",path!="/healthz",a="b",c!~"d"}`: `+requests_total{code=~"5..",path!="/healthz",a="b",c!~"d"}`,
		`a + b - c`:                   `+a +b -c`,
		`a - (b - c)`:                 `+a -b +c`,
		`-(a - b)`:                    `-a +b`,
		`+a`:                          `+a`,
		`{__name__="a",b="c"}`:        `+a{b="c"}`,
		`{"http.requests",b="c"}`:     `+{"http.requests",b="c"}`,
		"a{\n  b=\"c\", # comment\n}": `+a{b="c"}`,
		`job:requests:total`:          `+job:requests:total`,
	} {
		sum, err := promql.Selectors(expr)
		if err != nil || text(sum) != want {
			t.Errorf("%s = %q (%v), want %q", expr, text(sum), err, want)
		}
	}
}

func TestSelectorsSaysWhatToWriteInstead(t *testing.T) {
	for expr, want := range map[string]string{
		`rate(a{b="c"}[5m])`:              "rate() is not needed: events are counted from the raw counters; write a{b=\"c\"}",
		`sum by (x) (rate(a[5m]))`:        "sum() is not needed: all series are added up, and group_by splits them; write a",
		`increase(a[1h]) + b`:             "increase() is not needed: events are counted from the raw counters; write a",
		`a[5m]`:                           "a range is not needed: events are counted over every window of the policies; write a",
		`a[5m:1m]`:                        "a range is not needed: events are counted over every window of the policies; write a",
		`a / b`:                           `selectors can only be added and taken away, not joined by "/"; give bad and total as selectors; Burnline divides them itself`,
		`a or vector(0)`:                  `selectors can only be added and taken away, not joined by "or"; write a`,
		`a > 5`:                           `selectors can only be added and taken away, not joined by ">"; write a`,
		`a + on (job) b`:                  "series are not matched with each other, all of them are added up; remove on, ignoring and group_…",
		`a + ignoring (job) group_left b`: "series are not matched with each other, all of them are added up; remove on, ignoring and group_…",
		`a offset 5m`:                     "events are counted when they happen; remove offset, @, anchored and smoothed",
		`a @ 100`:                         "events are counted when they happen; remove offset, @, anchored and smoothed",
		`a @ end()`:                       "events are counted when they happen; remove offset, @, anchored and smoothed",
		`a + 1`:                           `a number counts no events; write a selector such as requests_total{code=~"5.."}`,
		`"a"`:                             `this is no selector; write a selector such as requests_total{code=~"5.."}`,
		`{job="a"}`:                       `the selector has no metric name; write one, as in requests_total{code=~"5.."}`,
		`{__name__=~"a|b"}`:               "a selector has exactly one metric name; write one selector for each metric, joined by +",
		`-a`:                              "everything is taken away and nothing counted; write at least one selector without -",
		strings.Repeat("a", 10_001):       "the selector is longer than 10000 characters; use a shorter regular expression",
		`a{b="c"`:                         `this is no selector, at character 8: unexpected end of input inside braces`,
		`sum(rate(a[$window]))`:           "write the counter's selector alone, without rate(), [range] and variables",
		`a[5m] + b`:                       "write the counter's selector alone, without rate(), [range] and variables",
		`a{b=~"("}`:                       "this is no selector, at character",
		``:                                "this is no selector, at character 1",
	} {
		sum, err := promql.Selectors(expr)
		if err == nil {
			t.Errorf("%s was read as %q", expr, text(sum))
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n got %s\nwant %s", expr, err, want)
		}
	}
}

// FuzzSelectors requires that what is read can be matched, written and
// read again as the same.
func FuzzSelectors(f *testing.F) {
	for _, expr := range []string{
		`a{b="c"} + d - (e - f)`, `rate(a[5m])`, `a{b=~"x|y",c!~"\\d+"}`, `-(-(a))`, `{"é", "ü"="ß"}`, `a @ end() offset 1m`,
	} {
		f.Add(expr)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		sum, err := promql.Selectors(expr)
		if err != nil {
			return
		}
		if len(sum) == 0 {
			t.Errorf("%q is an empty sum", expr)
		}
		for _, s := range sum {
			if s.Selector.Name == "" {
				t.Errorf("%q has a selector without a name", expr)
			}
			m, err := s.Selector.Compile()
			if err != nil {
				t.Fatalf("%q: %v", expr, err)
			}
			m.Match(slo.NewLabels(slo.MetricName, s.Selector.Name, "a", "b"))
		}
	})
}
