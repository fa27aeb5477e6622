package shadow

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// perSecond is how many requests the shop has.
const perSecond = 50

// Shop is a service with metrics, and the pager of those who own it. While it fails every
// request does. It is safe for concurrent use.
type Shop struct {
	// Failing says whether requests fail.
	Failing atomic.Bool
	// Pages counts what Burnline sent to the pager.
	Pages atomic.Int64

	requests *prometheus.CounterVec
	mux      *http.ServeMux
}

// NewShop returns a shop without customers; Serve brings them.
func NewShop() *Shop {
	s := &Shop{mux: http.NewServeMux(), requests: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "http_requests_total", Help: "Requests to the checkout by status code.",
	}, []string{"service", "code"})}
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.requests)
	for _, code := range []string{"200", "500"} {
		s.requests.WithLabelValues("checkout", code)
	}
	s.mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	s.mux.HandleFunc("/pager", func(http.ResponseWriter, *http.Request) { s.Pages.Add(1) })
	return s
}

// ServeHTTP implements http.Handler: the metrics and the pager.
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Serve serves customers until done is closed.
func (s *Shop) Serve(done <-chan struct{}) {
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			code := "200"
			if s.Failing.Load() {
				code = "500"
			}
			s.requests.WithLabelValues("checkout", code).Inc()
		}
	}
}
