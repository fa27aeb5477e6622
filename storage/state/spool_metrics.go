package state

import (
	"fmt"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// spoolMetrics tell of the spool.
type spoolMetrics struct {
	away, age, waiting     prometheus.GaugeFunc
	departures, reconciled prometheus.Counter
}

func newSpoolMetrics(s *Spooled) *spoolMetrics {
	return &spoolMetrics{
		away: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "burnline_state_away",
			Help: "1 while PostgreSQL is away and pages go out by the local spool, else 0.",
		}, func() float64 {
			if s.isAway() {
				return 1
			}
			return 0
		}),
		age: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "burnline_state_copy_age_seconds",
			Help: "Age of the spool's copy of what is open; it grows while PostgreSQL is away. NaN without PostgreSQL, which alone has a spool.",
		}, func() float64 {
			if at := fromNanos(s.copier.at.Load()); !at.IsZero() {
				return time.Since(at).Seconds()
			}
			return math.NaN()
		}),
		waiting: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "burnline_state_unreconciled_incidents",
			Help: "Incidents that changed in the spool and that PostgreSQL has not been told yet.",
		}, func() float64 { return float64(s.waiting.Load()) }),
		departures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "burnline_state_departures_total", Help: "Times at which PostgreSQL was found to be away.",
		}),
		reconciled: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "burnline_state_reconciled_incidents_total", Help: "Incidents that PostgreSQL was told of after it had been away.",
		}),
	}
}

func (m *spoolMetrics) register(r prometheus.Registerer) error {
	if r == nil {
		return nil
	}
	for _, c := range []prometheus.Collector{m.away, m.age, m.waiting, m.departures, m.reconciled} {
		if err := r.Register(c); err != nil {
			return fmt.Errorf("register metrics of the state: %w", err)
		}
	}
	return nil
}
