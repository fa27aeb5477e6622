package judge

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are the package's own.
type metrics struct {
	judged     *prometheus.CounterVec
	duplicates prometheus.Counter
	late       prometheus.Counter
	future     prometheus.Counter
	uncounted  *prometheus.CounterVec
	overflow   prometheus.Counter
	refused    prometheus.Counter
	failed     prometheus.Counter
	behind     prometheus.Counter
	remembered prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	counter := func(name, help string) prometheus.Counter {
		return f.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	return &metrics{
		judged: f.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_spans_judged_total",
			Help: "Spans that SLOs counted, by outcome (good, bad), once for each SLO.",
		}, []string{"outcome"}),
		duplicates: counter("burnline_spans_duplicate_total", "Spans that came again and were not counted again."),
		late:       counter("burnline_spans_late_total", "Spans that came more than two minutes after they ended, and were counted in their own minutes."),
		future:     counter("burnline_spans_future_total", "Spans that ended more than ten seconds in the future by the local clock; they were counted when they came."),
		uncounted: f.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_spans_uncounted_total",
			Help: "Spans that an SLO would have counted and did not, by reason: too_old (they ended a day ago), unjudged (a condition could not be told of them).",
		}, []string{"reason"}),
		overflow:   counter("burnline_spans_overflow_total", "Spans of groups beyond the limit of groups of their SLO, counted in a group that says so."),
		refused:    counter("burnline_spans_refused_samples_total", "Samples of the counters of spans that the metric store dropped, as over its series limit."),
		failed:     counter("burnline_spans_failed_commits_total", "Commits of counts of spans that the metric store could not take; their senders were told to retry, and nothing was counted."),
		behind:     counter("burnline_spans_lost_behind_total", "Spans that were counted and then lost by what follows in the pipeline, such as sampling. Their senders are not told."),
		remembered: f.NewGauge(prometheus.GaugeOpts{Name: "burnline_spans_remembered", Help: "Ids of spans that are remembered, so that none is counted twice."}),
	}
}
