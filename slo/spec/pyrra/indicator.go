package pyrra

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"burnline/slo"
	"burnline/slo/spec/promql"
)

// indicator reads what is counted.
func (r *reader) indicator(in indicator, d *slo.Definition) {
	const at = "spec.indicator"
	given := 0
	for _, there := range []bool{in.Ratio != nil, in.Latency != nil, in.LatencyNative != nil, in.BoolGauge != nil} {
		if there {
			given++
		}
	}
	switch {
	case given > 1:
		r.Wrong(at, "it gives several of ratio, latency, latencyNative and bool_gauge", "keep one")
	case in.Ratio != nil:
		r.ratio(*in.Ratio, d)
	case in.Latency != nil:
		r.latency(*in.Latency, d)
	case in.LatencyNative != nil:
		r.latencyNative(*in.LatencyNative, d)
	case in.BoolGauge != nil:
		r.boolGauge(*in.BoolGauge, d)
	default:
		r.Wrong(at, "it does not say what is counted", "write ratio, latency, latencyNative or bool_gauge")
	}
}

// selector reads a metric: one selector.
func (r *reader) selector(path, metric string) (slo.Selector, bool) {
	if r.Failed(path) {
		return slo.Selector{}, false
	}
	if strings.TrimSpace(metric) == "" {
		r.Wrong(path, "it is missing", `write a selector such as http_requests_total{job="checkout"}`)
		return slo.Selector{}, false
	}
	sum, err := promql.Selectors(metric)
	if err != nil {
		r.Refused(path, err)
		return slo.Selector{}, false
	}
	if len(sum) > 1 {
		r.Wrong(path, "Pyrra takes one selector", `write one, as in http_requests_total{job="checkout"}`)
		return slo.Selector{}, false
	}
	return promql.Buckets(sum)[0].Selector, true
}

func (r *reader) ratio(in ratio, d *slo.Definition) {
	const at = "spec.indicator.ratio"
	bad, okBad := r.selector(at+".errors.metric", in.Errors.Metric)
	total, okTotal := r.selector(at+".total.metric", in.Total.Metric)
	d.GroupBy = r.GroupBy(at+".grouping", in.Grouping, true)
	if !okBad || !okTotal {
		return
	}
	d.SLI.Events = &slo.EventsSLI{Bad: slo.Sum{{Selector: bad}}, Total: slo.Sum{{Selector: total}}}
	r.Inverted(at+".errors.metric", d.SLI.Events.Bad)
	if promql.Same(d.SLI.Events.Bad, d.SLI.Events.Total) {
		r.Wrong(at+".errors.metric", "errors and total count the same, so every event would be bad", `narrow errors, as in code=~"5.."`)
	}
}

func (r *reader) latency(in latency, d *slo.Definition) {
	const at = "spec.indicator.latency"
	good, okGood := r.selector(at+".success.metric", in.Success.Metric)
	total, okTotal := r.selector(at+".total.metric", in.Total.Metric)
	d.GroupBy = r.GroupBy(at+".grouping", in.Grouping, true)
	if okGood && !bounded(good) {
		r.Wrong(at+".success.metric", "no le says up to which duration a request is good", `write one that is a bucket's bound, as in le="0.5"`)
	}
	if okTotal && strings.HasSuffix(total.Name, "_bucket") && !slices.ContainsFunc(total.Matchers, isBound) {
		r.Wrong(at+".total.metric", total.Name+" without le counts every request once in each bucket", "write "+strings.TrimSuffix(total.Name, "_bucket")+"_count")
	}
	if !okGood || !okTotal {
		return
	}
	d.SLI.Events = &slo.EventsSLI{Good: slo.Sum{{Selector: good}}, Total: slo.Sum{{Selector: total}}}
	if promql.Same(d.SLI.Events.Good, d.SLI.Events.Total) {
		r.Wrong(at+".success.metric", "success and total count the same, so no event could be bad", `narrow success, as in le="0.5"`)
	}
}

func isBound(m slo.Matcher) bool { return m.Label == "le" }

// bounded reports whether a matcher of le picks one bucket.
func bounded(s slo.Selector) bool {
	i := slices.IndexFunc(s.Matchers, isBound)
	if i < 0 {
		return false
	}
	plain := promql.PlainBuckets(slo.Sum{{Selector: s}})[0].Selector.Matchers[i]
	_, err := strconv.ParseFloat(plain.Value, 64)
	return err == nil && plain.Op == slo.MatchEqual
}

func (r *reader) latencyNative(in latencyNative, d *slo.Definition) {
	const at = "spec.indicator.latencyNative"
	histogram, ok := r.selector(at+".total.metric", in.Total.Metric)
	d.GroupBy = r.GroupBy(at+".grouping", in.Grouping, true)
	if in.Latency <= 0 && !r.Failed(at+".latency") {
		r.Wrong(at+".latency", "the longest good duration is missing", "write one such as 200ms")
	}
	if !ok {
		return
	}
	d.SLI.Latency = &slo.LatencySLI{Histogram: histogram, Threshold: time.Duration(in.Latency)}
	if slo.HistogramUnit(histogram.Name) != time.Second {
		r.Warn(at+".total.metric", "its name says that it is in milliseconds, which Pyrra reads as seconds", "")
	}
}

func (r *reader) boolGauge(in boolGauge, d *slo.Definition) {
	const at = "spec.indicator.bool_gauge"
	gauge, ok := r.selector(at+".metric", in.Metric)
	d.GroupBy = r.GroupBy(at+".grouping", in.Grouping, true)
	if !ok {
		return
	}
	d.SLI.Samples = &slo.SamplesSLI{Selector: &gauge, Op: slo.GTE, Value: 1}
	r.Unneeded(r.unneeded, at+".metric", "each sample of a bool_gauge is an event, good from 1 on; a value between 0 and 1, which Pyrra counts in part, is bad",
		"let the gauge be 0 or 1")
}
