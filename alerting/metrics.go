package alerting

import "github.com/prometheus/client_golang/prometheus"

// deliveryMetrics are the outbox's own metrics.
type deliveryMetrics struct {
	pending, oldest prometheus.Gauge
	attempts        *prometheus.CounterVec
	seconds         prometheus.Histogram
	storeErrors     prometheus.Counter
	templateErrors  prometheus.Counter
	deferred        *prometheus.CounterVec
}

// newDeliveryMetrics returns the metrics with every result at zero, so that a
// first refusal is seen as a rise.
func newDeliveryMetrics() *deliveryMetrics {
	m := &deliveryMetrics{
		pending: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "burnline_outbox_pending_rows",
			Help: "Messages that are committed and not yet delivered.",
		}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "burnline_outbox_oldest_pending_seconds",
			Help: "Age of the oldest message that is not yet delivered; 0 when none waits.",
		}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_outbox_attempts_total",
			Help: "Attempts to deliver a message by result: accepted, retry (tried again later), refused (for good, until the configuration changes), unconfigured (the receiver is no longer configured), shadowed (not sent, because its team is in shadow mode).",
		}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "burnline_outbox_delivery_seconds",
			Help:    "Time from the commit of a message until its receiver accepted it.",
			Buckets: []float64{0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800},
		}),
		storeErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "burnline_outbox_store_errors_total",
			Help: "Failures to read the outbox or to record an answer; the message is tried again.",
		}),
		templateErrors: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "burnline_outbox_template_errors_total",
			Help: "Users' templates that failed when a message was sent; the built-in text was sent in their place.",
		}),
		deferred: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_outbox_deferred_total",
			Help: "Messages that were due and had to wait, by reason: limit (what the destination takes in a minute), down (it fails or asked to wait).",
		}, []string{"reason"}),
	}
	for _, reason := range []string{"limit", "down"} {
		m.deferred.WithLabelValues(reason)
	}
	for _, result := range []string{string(VerdictAccepted), string(VerdictRetry), string(VerdictRefused), string(VerdictShadowed), "unconfigured"} {
		m.attempts.WithLabelValues(result)
	}
	return m
}

// collectors lists the metrics for registration.
func (m *deliveryMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.pending, m.oldest, m.attempts, m.seconds, m.storeErrors, m.templateErrors, m.deferred}
}

// alertMetrics count what outside alerts bring.
type alertMetrics struct{ news *prometheus.CounterVec }

func newAlertMetrics() alertMetrics {
	m := alertMetrics{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "burnline_alerting_alerts_total",
		Help: "Outside alerts by what became of them: began, ended, seen (it fires on, with a later end or another text), repeated (no news, nothing written), refused (the sender's mistake).",
	}, []string{"news"})}
	for _, news := range []string{string(newsBegan), string(newsEnded), string(newsSeen), "repeated", "refused"} {
		m.news.WithLabelValues(news)
	}
	return m
}

func (m alertMetrics) add(news string, n int) { m.news.WithLabelValues(news).Add(float64(n)) }

// count counts a batch that was committed.
func (m alertMetrics) count(b *alertBatch) {
	m.add(string(newsBegan), len(b.began))
	m.add(string(newsEnded), len(b.ended))
	m.add(string(newsSeen), len(b.alerts)-len(b.began)-len(b.ended))
}
