package local_test

import (
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/storage/metrics"
	"burnline/storage/metrics/local"
	"burnline/storage/metrics/metricstest"
)

// open opens a store; the changes may alter the options.
func open(t *testing.T, dir string, changes ...func(*local.Options)) *local.Store {
	t.Helper()
	o := local.Options{Dir: dir, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry()}
	for _, change := range changes {
		change(&o)
	}
	s, err := local.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// closed closes the store at the end of the test.
func closed(t *testing.T, s *local.Store) *local.Store {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	dirs := map[metrics.Store]string{}
	fresh := func(t *testing.T) metrics.Store {
		dir := t.TempDir()
		s := open(t, dir)
		dirs[s] = dir
		t.Cleanup(func() { _ = s.Close() }) // Reopen may have closed it
		return s
	}
	metricstest.Run(t, fresh, metricstest.Capabilities{
		StartTimes: true, NativeHistograms: true, OutOfOrder: true, RefusesFuture: true, RefusesConflicts: true, NaN: true,
		Reopen: func(t *testing.T, s metrics.Store) metrics.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return closed(t, open(t, dirs[s]))
		},
	})
}
