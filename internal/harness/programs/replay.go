package programs

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Replay serves a recording of what an exporter said, as one that lives: with each scrape everything that counts has grown by
// what was recorded. Gauges stay.
func Replay(t testing.TB, file string) *Program {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := grown(text, 1); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var scrapes atomic.Uint64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		now, err := grown(text, scrapes.Add(1))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write(now)
	}))
	t.Cleanup(server.Close)
	return &Program{Metrics: strings.TrimPrefix(server.URL, "http://")}
}

// grown is a recording in which everything that counts is n times as much.
func grown(text []byte, n uint64) ([]byte, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read the recording: %w", err)
	}
	var out bytes.Buffer
	for _, family := range families {
		for _, m := range family.Metric {
			grow(m, n)
		}
		if _, err := expfmt.MetricFamilyToText(&out, family); err != nil {
			return nil, fmt.Errorf("write the recording: %w", err)
		}
	}
	return out.Bytes(), nil
}

// grow multiplies what counts.
func grow(m *dto.Metric, n uint64) {
	times := func(v *float64) {
		if v != nil {
			*v *= float64(n)
		}
	}
	counts := func(v *uint64) {
		if v != nil {
			*v *= n
		}
	}
	switch {
	case m.Counter != nil:
		times(m.Counter.Value)
	case m.Untyped != nil: // of several exporters: what counts has no type
		times(m.Untyped.Value)
	case m.Summary != nil:
		counts(m.Summary.SampleCount)
		times(m.Summary.SampleSum)
	case m.Histogram != nil:
		counts(m.Histogram.SampleCount)
		times(m.Histogram.SampleSum)
		for _, b := range m.Histogram.Bucket {
			counts(b.CumulativeCount)
		}
	}
}
