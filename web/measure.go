package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// How requests ended, as far as Burnline is concerned.
const (
	requestAnswered = "answered"
	requestFailed   = "failed"
)

// newDurations measures how long requests take.
func newDurations(reg prometheus.Registerer) *prometheus.HistogramVec {
	h := promauto.With(reg).NewHistogramVec(prometheus.HistogramOpts{
		Name:    "burnline_web_request_seconds",
		Help:    "Seconds to answer a request to the pages and the API, by outcome: answered, failed (by a fault or overload here: status 5xx).",
		Buckets: []float64{0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10},
	}, []string{"outcome"})
	for _, outcome := range []string{requestAnswered, requestFailed} {
		h.WithLabelValues(outcome)
	}
	return h
}

// measure measures how long a request takes, panics included; it stands before what may turn it away.
// Live streams, which last as long as somebody looks, others' protocols, and what probes ask are left out.
func (s *server) measure(rt route) gin.HandlerFunc {
	if rt.streams() || rt.method == "" || rt.access == toAll && !rt.guessed {
		return func(*gin.Context) {}
	}
	return func(c *gin.Context) {
		began, outcome := s.Now(), requestFailed
		defer func() { s.durations.WithLabelValues(outcome).Observe(s.Now().Sub(began).Seconds()) }()
		c.Next()
		if c.Writer.Status() < http.StatusInternalServerError {
			outcome = requestAnswered
		}
	}
}
