package remote

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/internal/harness/backends"
	"burnline/storage/metrics"
	"burnline/storage/metrics/metricstest"
)

// openStore returns a store on a running backend.
func openStore(t *testing.T, b *backends.Backend) *Store {
	t.Helper()
	s, err := Open(Options{WriteURL: b.WriteURL, QueryURL: b.QueryURL, Now: time.Now, Registerer: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestContractOnPrometheus(t *testing.T) {
	b := backends.Run(t, backends.Prometheus)
	metricstest.Run(t, func(t *testing.T) metrics.Store { return openStore(t, b) }, metricstest.Capabilities{
		NativeHistograms: true, OutOfOrder: true, RefusesFuture: true, RefusesConflicts: true, NaN: true,
	})
}

// VictoriaMetrics 1.79 takes a second value for the same series and time, drops NaN
// and knows no native histograms.
func TestContractOnVictoriaMetrics(t *testing.T) {
	b := backends.Run(t, backends.VictoriaMetrics)
	metricstest.Run(t, func(t *testing.T) metrics.Store { return openStore(t, b) }, metricstest.Capabilities{
		OutOfOrder: true, RefusesFuture: true,
		Settle: func(t *testing.T) {
			t.Helper()
			if err := b.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
	})
}
