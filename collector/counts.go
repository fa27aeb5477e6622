package collector

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// counts are Burnline's own counters of what came in.
type counts struct {
	points   prometheus.Counter
	rejected *prometheus.CounterVec
	failed   prometheus.Counter
	refused  *prometheus.CounterVec
	spans    prometheus.Counter
	sampled  *prometheus.CounterVec
	hurried  prometheus.Counter
	kept     prometheus.Counter
	lost     prometheus.Counter
	reloads  *prometheus.CounterVec
}

func newCounts(reg prometheus.Registerer) *counts {
	f := promauto.With(reg)
	return &counts{
		points: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_collector_points_total",
			Help: "OTLP data points that were committed to the metric store, span metrics among them.",
		}),
		rejected: f.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_collector_rejected_points_total",
			Help: "OTLP data points that were not stored while the rest of their request was: by reason translation (they have no Prometheus form) or store (counted there by cause).",
		}, []string{"reason"}),
		failed: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_collector_failed_batches_total",
			Help: "Batches of metrics that the store could not take; nothing of them is stored and their senders were told to retry.",
		}),
		refused: f.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_collector_refused_requests_total",
			Help: "OTLP requests that were answered with an error, by transport (grpc, http) and reason (too_large, malformed, media_type, method, path, unauthorized, unavailable, other).",
		}, []string{"transport", "reason"}),
		spans: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_collector_spans_total",
			Help: "Spans that came in over OTLP and were passed to the pipeline, before any sampling.",
		}),
		sampled: f.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_collector_sampled_spans_total",
			Help: "Spans whose traces were judged, by decision: bad, error, slow and baseline are kept, dropped is not.",
		}, []string{"decision"}),
		hurried: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_collector_hurried_spans_total",
			Help: "Spans whose traces were judged before they had time to come, since more was held than may be.",
		}),
		kept: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_collector_kept_spans_total",
			Help: "Spans that were sampled and handed to the trace store.",
		}),
		lost: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_collector_lost_spans_total",
			Help: "Sampled spans that the trace store could not take. Their senders are not told, since sending them again would count them twice.",
		}),
		reloads: f.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_collector_reloads_total",
			Help: "Reloads of the pipeline by result: done, refused (bad configuration), reverted (it could not start; the old one runs on).",
		}, []string{"result"}),
	}
}
