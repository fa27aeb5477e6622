package app

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// newRegistry returns the registry of this process' own metrics. The global one
// is never used: two servers in one process, as tests have them, would collide.
func newRegistry() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "burnline_build_info", Help: "Always 1; the version stands in the label.",
		ConstLabels: prometheus.Labels{"version": Version()},
	}, func() float64 { return 1 })
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build)
	return reg
}

// metricsHandler serves the registry as /metrics. What can't be gathered is
// left out and logged by the caller's error counter, not answered with 500.
func metricsHandler(reg *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{
		EnableOpenMetrics: true, Registry: reg, ErrorHandling: promhttp.ContinueOnError,
	})
}
