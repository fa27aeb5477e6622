package local_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/storage/metrics/local"
)

// BenchmarkAppend writes batches of one sample for each of 10,000 known series,
// found by labels (as OTLP and remote write do) or by reference (as scraping does),
// straight into the TSDB and through the store's appender.
func BenchmarkAppend(b *testing.B) {
	for _, by := range []string{"labels", "reference"} {
		b.Run("by="+by+"/bare", func(b *testing.B) { benchAppend(b, by == "reference", nil, true) })
		b.Run("by="+by+"/store", func(b *testing.B) { benchAppend(b, by == "reference", nil, false) })
		b.Run("by="+by+"/store_tap_1in100", func(b *testing.B) { benchAppend(b, by == "reference", newSink(), false) })
	}
}

func benchAppend(b *testing.B, byRef bool, k *sink, bare bool) {
	s, err := local.Open(local.Options{Dir: b.TempDir(), Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
		Now: func() time.Time { return base.AddDate(10, 0, 0) }})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if k != nil {
		k.metric = "m7"
		s.Tap(k)
	}
	var to storage.AppendableV2 = s
	if bare {
		to = s.DB()
	}
	const n = 10_000
	series, refs := make([]labels.Labels, n), make([]storage.SeriesRef, n)
	for i := range series {
		series[i] = labels.FromStrings("__name__", fmt.Sprintf("m%d", i%100), "code", "200", "instance", fmt.Sprintf("10.0.0.%d:8080", i/100),
			"job", "shop", "method", "GET", "path", "/api/v1/checkout", "region", "eu")
	}
	b.ReportAllocs()
	b.ResetTimer()
	for batch := range b.N {
		app := to.AppenderV2(b.Context())
		ts := at(0) + int64(batch)*15_000
		for i := range series {
			ref := refs[i]
			if !byRef {
				ref = 0
			}
			if refs[i], err = app.Append(ref, series[i], at(0), ts, float64(batch), nil, nil, storage.AOptions{}); err != nil {
				b.Fatal(err)
			}
		}
		if err := app.Commit(); err != nil {
			b.Fatal(err)
		}
		if k != nil {
			k.batches = nil
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/sample")
}
