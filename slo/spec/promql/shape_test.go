package promql_test

import (
	"strings"
	"testing"

	"burnline/slo"
	"burnline/slo/spec/promql"
)

func TestTheLabelsThatAQueryKeepsAreKnown(t *testing.T) {
	for expr, want := range map[string]string{
		`sum by (b, a) (rate(x[5m])) / sum(rate(y[5m]))`:   "a b",
		`1 - sum by (a) (x) / sum by (a) (y)`:              "a",
		`-max_over_time((count by (a) (x < 1))[$window:])`: "a",
		`clamp_max(avg(x) by (a), 1)`:                      "a",
		`sum without (a) (x)`:                              "",
		`histogram_quantile(0.9, sum by (le) (x)) > 1`:     "",
		`histogram_quantile(0.9, sum by (a, le) (x)) > 1`:  "a",
		`x / scalar(sum by (a) (x))`:                       "",
		`sum(x)`:                                           "",
		`x`:                                                "",
		`sum(`:                                             "",
	} {
		if got := strings.Join(promql.Keeps(expr), " "); got != want {
			t.Errorf("%s keeps %q, want %q", expr, got, want)
		}
	}
}

func TestABucketMatchesHoweverItsBoundIsWritten(t *testing.T) {
	bucket := func(op slo.MatchOp, le string) slo.Sum {
		return slo.Sum{{Selector: slo.Selector{Name: "a_bucket", Matchers: []slo.Matcher{{Label: "le", Op: op, Value: le}}}}}
	}
	for le, want := range map[string]string{
		"1":    `+a_bucket{le=~"1(\\.0)?"}`,
		"5.0":  `+a_bucket{le=~"5(\\.0)?"}`,
		"0.5":  `+a_bucket{le="0.5"}`,
		"+Inf": `+a_bucket{le="+Inf"}`,
		"x":    `+a_bucket{le="x"}`,
	} {
		got := promql.Buckets(bucket(slo.MatchEqual, le))
		if text(got) != want {
			t.Errorf("le=%q is %s, want %s", le, text(got), want)
		}
		if plain := promql.PlainBuckets(got); le != "5.0" && !promql.Same(plain, bucket(slo.MatchEqual, le)) {
			t.Errorf("le=%q came back as %s", le, text(plain))
		}
	}
	if got := promql.Buckets(bucket(slo.MatchRegexp, "1")); text(got) != `+a_bucket{le=~"1"}` {
		t.Errorf("a regular expression became %s", text(got))
	}
}

func TestASumIsWrittenAsAQuery(t *testing.T) {
	sum, err := promql.Selectors(`-a{b="%s"} + c - d`)
	if err != nil {
		t.Fatal(err)
	}
	got := promql.Text(sum, "sum(rate(%s[5m]))")
	if want := `-sum(rate(a{b="%s"}[5m])) + sum(rate(c[5m])) - sum(rate(d[5m]))`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
