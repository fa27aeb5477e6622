package datacheck_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"burnline/internal/datacheck"
	"burnline/slo"
)

// now is when the checks look.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// held is data in memory: series with a sample every so often for an hour, and
// what PromQL gives.
type held struct {
	series []slo.SeriesSamples
	values map[string][]float64
	types  map[string]string
}

func (h *held) Select(_ context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error {
	m, err := sel.Compile()
	if err != nil {
		return err
	}
	for _, s := range h.series {
		var within []slo.Sample
		for _, sample := range s.Samples {
			if sample.T >= from && sample.T <= to {
				within = append(within, sample)
			}
		}
		if !m.Match(s.Series.Labels()) || len(within) == 0 {
			continue
		}
		if err := yield(slo.SeriesSamples{Series: s.Series, Samples: within}); err != nil {
			return err
		}
	}
	return nil
}

func (h *held) Values(_ context.Context, expr string, _ time.Time) ([]float64, error) {
	if expr == "broken" {
		return nil, errors.New("it is broken")
	}
	return h.values[expr], nil
}

func (h *held) Types(context.Context) (map[string]string, error) { return h.types, nil }

// add stores an hour of a series, with the value by number of sample.
func (h *held) add(every time.Duration, value func(i int) float64, pairs ...string) {
	s := slo.SeriesSamples{Series: slo.NewSeries(slo.NewLabels(pairs...))}
	for i, at := 0, now.Add(-time.Hour); !at.After(now); i, at = i+1, at.Add(every) {
		s.Samples = append(s.Samples, slo.Sample{T: at.UnixMilli(), V: value(i)})
	}
	h.series = append(h.series, s)
}

func counting(i int) float64 { return float64(10 * i) }

// shop is the data of the tests.
func shop() *held {
	h := &held{
		values: map[string][]float64{"percent": {99.2}, "share": {0.97}, "huge": {1e6}, "fine": {0.01}, "low": {0.2}},
		types:  map[string]string{"connections": "gauge", "requests": "counter"},
	}
	for _, code := range []string{"200", "404", "500"} {
		h.add(15*time.Second, counting, "__name__", "requests_total", "job", "shop", "code", code)
	}
	h.add(15*time.Second, counting, "__name__", "connections", "job", "shop")
	h.add(15*time.Second, func(i int) float64 { return float64(100 + i%5) }, "__name__", "depth", "job", "shop")
	h.add(15*time.Second, func(i int) float64 { return float64(i % 100) }, "__name__", "restarts_often_total", "job", "shop")
	h.add(5*time.Minute, counting, "__name__", "batches_total", "job", "shop")
	for _, le := range []string{"100.0", "250.0", "500.0", "+Inf"} {
		h.add(15*time.Second, counting, "__name__", "took_milliseconds_bucket", "le", le, "job", "shop")
	}
	h.add(15*time.Second, counting, "__name__", "took_milliseconds_count", "job", "shop")
	h.add(15*time.Second, counting, "__name__", "slo_span_events_total", "job", "checkout", "slo", "shop/a", "outcome", "good", "judged", spans("checkout").Spans.Conditions())
	h.add(15*time.Second, counting, "__name__", "traces_span_metrics_calls_total", "service_name", "cart")
	return h
}

func spans(service string) slo.SLI {
	return slo.SLI{Spans: &slo.SpansSLI{Service: service, Bad: "status.code == STATUS_CODE_ERROR"}}
}

func sum(selectors ...slo.Selector) slo.Sum {
	var s slo.Sum
	for _, one := range selectors {
		s = append(s, slo.Signed{Selector: one})
	}
	return s
}

func metric(name string, matchers ...slo.Matcher) slo.Selector {
	return slo.Selector{Name: name, Matchers: matchers}
}

func is(label string, op slo.MatchOp, value string) slo.Matcher {
	return slo.Matcher{Label: label, Op: op, Value: value}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	events := func(bad, total slo.Selector) slo.SLI {
		return slo.SLI{Events: &slo.EventsSLI{Bad: sum(bad), Total: sum(total)}}
	}
	failed, all := metric("requests_total", is("code", "=", "500")), metric("requests_total")
	latency := func(name string, threshold time.Duration) slo.SLI {
		return slo.SLI{Latency: &slo.LatencySLI{Histogram: metric(name), Threshold: threshold}}
	}
	for _, c := range []struct {
		name string
		sli  slo.SLI
		more func(*slo.Definition)
		want string // the findings, one a line; "" for none
	}{
		{"what fits has no findings", events(failed, all), nil, ""},
		{"a counter that starts anew is a counter", events(failed, metric("restarts_often_total")), nil, ""},
		{"no metric of that name", events(failed, metric("request_total")), nil,
			"spec.sli.events.total: there is no metric request_total in the last day; check the name, and that it is scraped"},
		{"no value of that label, which for failures may be good news", events(metric("requests_total", is("code", "=~", "5xx")), all), nil,
			`spec.sli.events.bad: note: code=~"5xx" matches no series of requests_total; the values of code are 200, 404, 500`},
		{"no such label", events(metric("requests_total", is("status", "=", "500")), all), nil,
			"spec.sli.events.bad: warning: no series of requests_total has the label status; its labels are code, job"},
		{"no series with all of it", events(failed, metric("requests_total", is("code", "=", "200"), is("code", "=", "404"))), nil,
			"spec.sli.events.total: no series of requests_total matches all of requests_total{code=\"200\",code=\"404\"} together; loosen one of the matchers\n" +
				`spec.sli.events.bad: warning: requests_total{code="500", job="shop"} is counted as bad but is not in total; make total match whatever bad matches`},
		{"a gauge by its type", events(failed, metric("connections")), nil,
			"spec.sli.events.total: connections is a gauge, not a counter; write a counter, whose name usually ends in _total, or use slices for a gauge"},
		{"a gauge by its values", events(failed, metric("depth")), nil,
			`spec.sli.events.total: depth{job="shop"} rises and falls (48 times within a day) without starting anew, as a gauge does; write a counter, whose name usually ends in _total, or use slices for a gauge`},
		{"bad events that the total lacks", events(failed, metric("requests_total", is("code", "!=", "500"))), nil,
			`spec.sli.events.bad: warning: requests_total{code="500", job="shop"} is counted as bad but is not in total; make total match whatever bad matches`},
		{"a group that no series has", events(failed, all), func(d *slo.Definition) { d.GroupBy = []string{"job", "region"} },
			"spec.group_by: warning: no series of events.total has the label region; group by one of code, job"},
		{"windows below two scrapes", events(metric("batches_total"), metric("batches_total")), nil,
			"spec.alerting.policies[0]: warning: the page over 1h looks at the last 5m, and samples come every 5m; write a short window of at least 10m, or scrape more often"},
		{"a threshold between two buckets", latency("took_milliseconds", 300*time.Millisecond), nil,
			"spec.sli.latency.threshold: the histogram took_milliseconds has no bucket that ends at 300ms, so good can't be told from bad; " +
				"write threshold: 250ms or 500ms, or give the histogram a bucket that ends there"},
		{"a threshold at a bucket", latency("took_milliseconds", 250*time.Millisecond), nil, ""},
		{"no histogram", latency("took_seconds", time.Second), nil,
			"spec.sli.latency.histogram: there is no metric took_seconds_count in the last day; check the name, and that it is scraped"},
		{"a ratio in percent", slo.SLI{Ratio: &slo.RatioSLI{Query: "percent"}}, nil,
			"spec.sli.ratio.query: the query gives 99.2, and an error ratio is from 0 to 1; divide by 100 if it is a percentage"},
		{"a ratio of good events", slo.SLI{Ratio: &slo.RatioSLI{Query: "share"}}, nil,
			"spec.sli.ratio.query: warning: the error ratio is 0.97 now; write 1 - (…) if it is the share of good events"},
		{"no ratio at all", slo.SLI{Ratio: &slo.RatioSLI{Query: "huge"}}, nil,
			"spec.sli.ratio.query: the query gives 1e+06, and an error ratio is from 0 to 1; divide bad events by all events"},
		{"a query without result", slo.SLI{Ratio: &slo.RatioSLI{Query: "nothing"}}, nil,
			"spec.sli.ratio.query: warning: the query gives nothing now; check the names of its metrics and labels"},
		{"a query that fails", slo.SLI{Ratio: &slo.RatioSLI{Query: "broken"}}, nil,
			"spec.sli.ratio.query: the query fails: it is broken; try it where you can run queries"},
		{"a ratio that fits", slo.SLI{Ratio: &slo.RatioSLI{Query: "fine"}}, nil, ""},
		{"a gauge that is bad all the time", slo.SLI{Samples: &slo.SamplesSLI{Query: "low", Op: slo.GTE, Value: 1}}, nil,
			"spec.sli.slices.query: warning: the query gives 0.2 now, and that counts as bad; check op: a sample is good when query op value holds"},
		{"a gauge that does not exist", slo.SLI{Samples: &slo.SamplesSLI{Selector: &slo.Selector{Name: "probe"}, Op: slo.GTE, Value: 1}}, nil,
			"spec.sli.slices.query: there is no metric probe in the last day; check the name, and that it is scraped"},
		{"spans that are counted", spans("checkout"), nil, ""},
		{"spans of which none is counted", spans("cart"), nil,
			"spec.sli.spans: warning: the service cart sends spans, and none of them was counted within a day: an SLO on spans counts from when the server has it; " +
				"look at where, if the server runs with this SLO already"},
		{"a service that sends no spans", spans("nobody"), nil,
			"spec.sli.spans: warning: no spans of the service nobody came within a day; " +
				"have the service send traces to Burnline's OTLP endpoint, or write the service.name that its spans have"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := slo.Definition{
				ID: "shop/a", Service: "shop", Name: "a", Dialect: slo.Native, SLI: c.sli,
				Policies: []slo.Policy{{Severity: slo.Page, Long: time.Hour, Short: 5 * time.Minute}},
			}
			if c.more != nil {
				c.more(&d)
			}
			findings, err := datacheck.Check(t.Context(), shop(), now, []slo.Definition{d})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range findings {
				got = append(got, strings.TrimPrefix(f.String(), ": "))
			}
			if strings.Join(got, "\n") != c.want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), c.want)
			}
		})
	}
}

func TestALabelThatNoSeriesHasIsToldAndAValueThatNeverOccurredIsNot(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		bad  slo.Selector
		want string
	}{
		"a label that no series has":        {metric("requests_total", is("job", slo.MatchEqual, "shop"), is("status", slo.MatchRegexp, "5..")), "no series of requests_total has the label status; its labels are code, job"},
		"a value that never occurred":       {metric("requests_total", is("code", slo.MatchEqual, "503")), ""},
		"a label that must not be there":    {metric("requests_total", is("error", slo.MatchNotEqual, "none")), ""},
		"a metric that is not there at all": {metric("failures_total", is("status", slo.MatchEqual, "500")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := slo.Definition{ID: "shop/mute", SLI: slo.SLI{Events: &slo.EventsSLI{Total: sum(metric("requests_total")), Bad: sum(tc.bad)}}}
			found, err := datacheck.Unlabelled(t.Context(), shop(), now, &d, []slo.Term{{Selector: tc.bad, Role: slo.RoleBad}})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, f := range found {
				got += f.Message + "; " + f.Instead
				if f.Level != slo.LevelWarning || f.Path != "spec.sli.events.bad" {
					t.Errorf("it is told as %+v", f)
				}
			}
			if got != tc.want {
				t.Errorf("told is %q, want %q", got, tc.want)
			}
		})
	}
}
