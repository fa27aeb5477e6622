package remote

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// instruments are the store's own metrics.
type instruments struct {
	written  prometheus.Counter
	rejected *prometheus.CounterVec
	failed   prometheus.Counter
	commits  prometheus.Histogram
	queries  prometheus.Histogram
	queryErr prometheus.Counter
}

// newInstruments registers the store's metrics; a nil registerer is fine.
func newInstruments(reg prometheus.Registerer) *instruments {
	f := promauto.With(reg)
	buckets := []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	return &instruments{
		written: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_remote_written_samples_total",
			Help: "Samples that the remote metric backend confirmed.",
		}),
		rejected: f.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_remote_rejected_samples_total",
			Help: "Samples that were dropped because the remote metric backend refused them or can't keep them, by reason.",
		}, []string{"reason"}),
		failed: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_remote_failed_commits_total",
			Help: "Batches that the remote metric backend did not confirm; their senders were told to send them again.",
		}),
		commits: f.NewHistogram(prometheus.HistogramOpts{
			Name:    "burnline_remote_commit_seconds",
			Help:    "Time that writing one batch to the remote metric backend took.",
			Buckets: buckets,
		}),
		queries: f.NewHistogram(prometheus.HistogramOpts{
			Name:    "burnline_remote_query_seconds",
			Help:    "Time that one query to the remote metric backend took.",
			Buckets: buckets,
		}),
		queryErr: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_remote_query_errors_total",
			Help: "Queries that the remote metric backend did not answer in full: errors, warnings and partial answers.",
		}),
	}
}
