package local_test

import (
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"burnline/internal/harness/sizing"
	"burnline/storage/metrics/local"
)

// sampleKind is a kind of metric, and what its series say one after the other.
type sampleKind struct {
	name string
	// next is the value after last; nil for histograms.
	next func(r *rand.Rand, last float64) float64
	// starts is true where samples say when their counter began, as those of OpenTelemetry's SDKs do.
	starts bool
}

func sampleKinds() []sampleKind {
	counts := func(r *rand.Rand, last float64) float64 { return last + float64(r.IntN(300)) }
	return []sampleKind{
		{"a sample of a counter, scraped", counts, false},
		{"a sample of a counter, by OTLP", counts, true},
		{"a sample of a counter that stands still", func(_ *rand.Rand, last float64) float64 { return max(last, 1) }, false},
		{"a sample of a gauge", func(r *rand.Rand, last float64) float64 { return math.Round(1e6*(0.9*last+r.NormFloat64())) / 1e6 }, false},
		{"a sample of a native histogram", nil, true},
	}
}

// blockOf writes series of a kind at 15 s, with a jitter of milliseconds as senders have it, and returns what a sample takes in
// a block, the index included. bare writes as Prometheus does by default: without start times, in its older form of chunks.
func blockOf(t testing.TB, k sampleKind, series, samples int, bare bool) float64 {
	t.Helper()
	db, to := (*tsdb.DB)(nil), storage.AppendableV2(nil)
	if bare {
		var err error
		if db, err = tsdb.Open(t.TempDir(), nil, nil, tsdb.DefaultOptions(), nil); err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		to = db
	} else {
		s := sized(t)
		defer s.Close()
		db, to = s.DB(), s
	}
	db.DisableCompactions() // one block, as long as they become
	r := rand.New(rand.NewPCG(1, 2))
	names, last, phase := make([]labels.Labels, series), make([]float64, series), make([]int64, series)
	hists := make([]*histogram.Histogram, series)
	for i := range names {
		names[i] = seriesNamed(i)
		phase[i] = r.Int64N(15_000)
		hists[i] = &histogram.Histogram{Schema: 3, ZeroThreshold: 1e-9, PositiveSpans: []histogram.Span{{Offset: -20, Length: 40}}, PositiveBuckets: make([]int64, 40)}
	}
	for n := range samples {
		app := to.AppenderV2(t.Context())
		for i := range names {
			ts, st := at(0)+int64(n)*15_000+phase[i]+r.Int64N(5), int64(0)
			if k.starts && !bare {
				st = at(0)
			}
			var h *histogram.Histogram
			if k.next != nil {
				last[i] = k.next(r, last[i])
			} else {
				h = observed(r, hists[i])
				hists[i] = h.Copy()
			}
			if _, err := app.Append(0, names[i], st, ts, last[i], h, nil, storage.AOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := app.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.CompactHead(tsdb.NewRangeHead(db.Head(), db.Head().MinTime(), db.Head().MaxTime())); err != nil {
		t.Fatal(err)
	}
	if len(db.Blocks()) != 1 {
		t.Fatalf("there are %d blocks", len(db.Blocks()))
	}
	return float64(db.Blocks()[0].Size()) / float64(series*samples)
}

// observed is a histogram after some more requests: most of them about as long as ever, few of them long.
func observed(r *rand.Rand, before *histogram.Histogram) *histogram.Histogram {
	h := before.Copy()
	absolute, sum := make([]int64, len(h.PositiveBuckets)), int64(0)
	for i, d := range h.PositiveBuckets {
		sum += d
		absolute[i] = sum
	}
	for range r.IntN(100) {
		absolute[min(len(absolute)-1, max(0, int(15+4*r.NormFloat64())))]++
		h.Count++
		h.Sum += r.ExpFloat64()
	}
	prior := int64(0)
	for i, n := range absolute {
		h.PositiveBuckets[i], prior = n-prior, n
	}
	return h
}

// seriesNamed is a series as many services have them: eight labels.
func seriesNamed(i int) labels.Labels {
	return labels.FromStrings("__name__", fmt.Sprintf("http_requests_total_%d", i%20), "code", "200", "instance", fmt.Sprintf("10.0.%d.%d:8080", i/20/250, i/20%250),
		"job", "shop", "method", "GET", "path", "/api/v1/checkout", "region", "eu", "version", "1.42.7")
}

// sized opens a store that is as large as it wants.
func sized(t testing.TB) *local.Store {
	t.Helper()
	s, err := local.Open(local.Options{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
		Now: func() time.Time { return base.AddDate(10, 0, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// memoryOf is what a series takes in memory, an hour into its life.
func memoryOf(t testing.TB, series int) float64 {
	t.Helper()
	s := sized(t)
	defer s.Close()
	before := sizing.Heap()
	names := make([]labels.Labels, series)
	for i := range names {
		names[i] = seriesNamed(i)
	}
	for n := range 60 {
		app := s.AppenderV2(t.Context())
		for i := range names {
			if _, err := app.Append(0, names[i], 0, at(0)+int64(n)*60_000, float64(n*n+i), nil, nil, storage.AOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := app.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	clear(names) // what the store keeps of them stays
	return (sizing.Heap() - before) / float64(series)
}

func TestSamplesTakeWhatTheDocsSay(t *testing.T) {
	for _, k := range sampleKinds() {
		sizing.Holds(t, k.name, blockOf(t, k, 20, 480, false), 1.5)
	}
}

func TestASeriesTakesTheMemoryThatTheDocsSay(t *testing.T) {
	sizing.Holds(t, "an active series, live", memoryOf(t, 1500), 2)
}

// BenchmarkSizes prints what docs/sizing.md states, of more series over a longer time, beside the same library as Prometheus has it.
func BenchmarkSizes(b *testing.B) {
	for _, k := range sampleKinds() {
		for _, bare := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/bare=%t", k.name, bare), func(b *testing.B) {
				b.ReportMetric(blockOf(b, k, 200, 5760, bare), "B/sample")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
	b.Run("an active series", func(b *testing.B) {
		b.ReportMetric(memoryOf(b, 50_000), "B/series")
		b.ReportMetric(0, "ns/op")
	})
}
