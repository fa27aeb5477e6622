package traces

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// register adds the gauges of what is kept.
func (s *Store) register(reg prometheus.Registerer) error {
	return errors.Join(
		reg.Register(s.unreadable),
		reg.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "burnline_traces_kept",
			Help: "Traces that are kept.",
		}, func() float64 {
			s.mu.RLock()
			defer s.mu.RUnlock()
			return float64(len(s.index))
		})),
		reg.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "burnline_traces_bytes",
			Help: "Size of the trace files.",
		}, func() float64 {
			s.mu.RLock()
			defer s.mu.RUnlock()
			return float64(s.bytes())
		})),
	)
}
