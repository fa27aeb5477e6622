package promapi

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// figures count written requests.
type figures struct {
	requests *prometheus.CounterVec
}

func newFigures(reg prometheus.Registerer) *figures {
	return &figures{requests: promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: "burnline_promapi_write_requests_total",
		Help: "Requests to the remote write and OTLP endpoints of the Prometheus API, by protocol and outcome: stored, partial (some samples refused), bad (nothing understood), failed (to be sent again).",
	}, []string{"protocol", "outcome"})}
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
