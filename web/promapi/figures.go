package promapi

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// figures count written requests.
type figures struct {
	requests  *prometheus.CounterVec
	exemplars prometheus.Counter
}

func newFigures(reg prometheus.Registerer) *figures {
	f := promauto.With(reg)
	return &figures{requests: f.NewCounterVec(prometheus.CounterOpts{
		Name: "burnline_promapi_write_requests_total",
		Help: "Requests to the remote write endpoint of the Prometheus API, by protocol and outcome: stored, partial (some samples refused), bad (nothing understood), failed (to be sent again).",
	}, []string{"protocol", "outcome"}),
		exemplars: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_promapi_lone_exemplars_total",
			Help: "Exemplars of remote write that were dropped because their request held no sample of their series.",
		})}
}

// The outcomes of a written request.
const (
	outcomeStored  = "stored"
	outcomePartial = "partial"
	outcomeBad     = "bad"
	outcomeFailed  = "failed"
)

func (f *figures) count(protocol, outcome string) {
	f.requests.WithLabelValues(protocol, outcome).Inc()
}
