package local_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
	"burnline/storage/metrics"
	"burnline/storage/metrics/local"
)

func TestABadSampleIsCountedByReasonAndCostsNoOther(t *testing.T) {
	t.Parallel()
	bad := &histogram.Histogram{Count: 1, PositiveSpans: []histogram.Span{{Offset: 0, Length: 5}}, PositiveBuckets: []int64{1}}
	for _, c := range []struct {
		reason string
		ls     labels.Labels
		t      int64
		h      *histogram.Histogram
	}{
		{"future", wantedB, base.Add(time.Hour + 11*time.Minute).UnixMilli(), nil},
		{"too_old", wantedB, at(-25 * 3600), nil},
		{"duplicate", wantedA, at(0), nil},
		{"invalid_labels", labels.FromStrings("no", "name"), at(0), nil},
		{"invalid_labels", labels.FromStrings("__name__", "bad\xff"), at(0), nil},
		{"invalid_labels", labels.EmptyLabels(), at(0), nil},
		{"invalid_histogram", wantedB, at(0), bad},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			reg := prometheus.NewRegistry()
			s := closed(t, open(t, t.TempDir(), fixedClock, func(o *local.Options) { o.Registerer = reg }))
			app := s.AppenderV2(t.Context())
			add(t, app, wantedA, at(0), 1)
			commit(t, app)
			app = s.AppenderV2(t.Context())
			ref, err := app.Append(0, c.ls, 0, c.t, 2, c.h, nil, storage.AOptions{})
			if err != nil || ref != 0 {
				t.Errorf("append: reference %d, error %v; want 0 and none", ref, err)
			}
			add(t, app, wantedA, at(15), 3)
			commit(t, app)
			if n, why := app.(metrics.Rejecter).Rejected(); n != 1 || why == "" {
				t.Errorf("rejected %d %q, want 1 with a reason", n, why)
			}
			expect(t, stored(t, s, wantedA), fmt.Sprintf(`wanted{i="a"} %d=1`, at(0)), fmt.Sprintf(`wanted{i="a"} %d=3`, at(15)))
			wantMetric(t, reg, "burnline_ingest_samples_total", `burnline_ingest_samples_total 2`)
			wantMetric(t, reg, "burnline_ingest_refused_samples_total", fmt.Sprintf(`{reason=%q} 1`, c.reason))
		})
	}
}

// wantMetric checks that the registry shows a line that ends so.
func wantMetric(t *testing.T, reg *prometheus.Registry, name, line string) {
	t.Helper()
	text, err := testutil.CollectAndFormat(reg, expfmt.TypeTextPlain, name)
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(text)) {
		if strings.HasSuffix(strings.TrimSpace(l), line) {
			return
		}
	}
	t.Errorf("no line ends with %s:\n%s", line, text)
}

func TestAFineHistogramIsStoredCoarser(t *testing.T) {
	t.Parallel()
	s := closed(t, open(t, t.TempDir(), fixedClock))
	fine := &histogram.Histogram{Schema: 10, Count: 2, PositiveSpans: []histogram.Span{{Offset: 1, Length: 2}}, PositiveBuckets: []int64{1, 0}}
	app := s.AppenderV2(t.Context())
	if _, err := app.Append(0, wantedA, 0, at(0), 0, fine, nil, storage.AOptions{}); err != nil {
		t.Fatal(err)
	}
	commit(t, app)
	if n, why := app.(metrics.Rejecter).Rejected(); n != 0 {
		t.Fatalf("refused: %s", why)
	}
	if fine.Schema != 10 {
		t.Error("the caller's histogram was changed")
	}
	last, found, err := s.Before(t.Context(), metrics.FromLabels(wantedA), at(1))
	if err != nil || !found || last.H.Count() != 2 {
		t.Errorf("got %+v %v %v, want a histogram of 2", last, found, err)
	}
}

func TestNewSeriesBeyondTheLimitAreRefused(t *testing.T) {
	t.Parallel()
	dir, limited := t.TempDir(), func(o *local.Options) { o.MaxSeries = 2 }
	s := open(t, dir, fixedClock, limited)
	app := s.AppenderV2(t.Context())
	for i := range 5 {
		add(t, app, labels.FromStrings("__name__", "x", "i", fmt.Sprint(i)), at(0), 1)
	}
	commit(t, app)
	if n, why := app.(metrics.Rejecter).Rejected(); n != 3 || !strings.Contains(why, "series limit") {
		t.Errorf("rejected %d %q, want 3 for the series limit", n, why)
	}
	app = s.AppenderV2(t.Context())
	add(t, app, labels.FromStrings("__name__", "x", "i", "0"), at(15), 2)
	commit(t, app)
	if n, why := app.(metrics.Rejecter).Rejected(); n != 0 {
		t.Errorf("a known series was refused: %s", why)
	}
	if err := s.Record(t.Context(), []slo.Recorded{{Labels: slo.NewLabels("__name__", "slo_status"), T: at(15), V: 1}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = closed(t, open(t, dir, fixedClock, limited))
	for _, name := range []string{"x", "slo_status"} {
		n := 0
		err := s.Select(t.Context(), slo.Selector{Name: name}, at(0), at(60), func(slo.SeriesSamples) error { n++; return nil })
		if err != nil || n == 0 {
			t.Errorf("%s: %d series after reopening, error %v", name, n, err)
		}
	}
}

func TestMetadataIsKeptByFamily(t *testing.T) {
	t.Parallel()
	s := closed(t, open(t, t.TempDir(), fixedClock))
	app := s.AppenderV2(t.Context())
	o := storage.AOptions{MetricFamilyName: "wanted"}
	o.Metadata.Type, o.Metadata.Help = "counter", "What is wanted."
	if _, err := app.Append(0, wantedA, 0, at(0), 1, nil, nil, o); err != nil {
		t.Fatal(err)
	}
	commit(t, app)
	if got := s.Metadata()["wanted"]; got != o.Metadata {
		t.Errorf("got %+v, want %+v", got, o.Metadata)
	}
}
