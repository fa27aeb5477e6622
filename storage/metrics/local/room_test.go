package local_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
	"burnline/storage/metrics/local"
)

func TestWithoutRoomNothingIsWrittenAndWithRoomItGoesOn(t *testing.T) {
	t.Parallel()
	var full error
	reg, dir := prometheus.NewRegistry(), t.TempDir()
	s := open(t, dir, fixedClock, func(o *local.Options) {
		o.Registerer, o.Room = reg, func() error { return full }
	})
	app := s.AppenderV2(t.Context())
	add(t, app, wantedA, at(0), 1)
	commit(t, app)

	full = fmt.Errorf("the disk is full: %w", syscall.ENOSPC)
	s.Settle()
	app = s.AppenderV2(t.Context())
	if _, err := app.Append(0, wantedA, 0, at(15), 2, nil, nil, storage.AOptions{}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a sample is answered with %v", err)
	}
	if err := app.Commit(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("its batch is answered with %v", err)
	}
	if err := s.Record(t.Context(), []slo.Recorded{{Labels: slo.NewLabels(slo.MetricName, "slo_status"), T: at(15), V: 1}}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("the engine's own are answered with %v", err)
	}
	wantMetric(t, reg, "burnline_ingest_failed_batches_total", "burnline_ingest_failed_batches_total 1")
	wantMetric(t, reg, "burnline_ingest_roomless_batches_total", "burnline_ingest_roomless_batches_total 1")

	full = nil
	app = s.AppenderV2(t.Context())
	add(t, app, wantedA, at(15), 2)
	commit(t, app)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = closed(t, open(t, dir, fixedClock))
	expect(t, stored(t, s, wantedA), fmt.Sprintf(`wanted{i="a"} %d=1`, at(0)), fmt.Sprintf(`wanted{i="a"} %d=2`, at(15)))
}
