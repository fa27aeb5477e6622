package app

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"burnline/slo"
)

// histograms answers the queries of a picture, and notes them.
type histograms struct {
	classic, native promql.Matrix
	asked           []string
	failure         error
}

func (h *histograms) Query(_ context.Context, expr string, _, _ time.Time, _ time.Duration) (parser.Value, error) {
	h.asked = append(h.asked, expr)
	if strings.Contains(expr, "_bucket") {
		return h.classic, h.failure
	}
	return h.native, h.failure
}

func TestHistogramsOfBothKindsAreRead(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_000_000, 0).UTC()
	le := func(bound string, n float64) promql.Series {
		return promql.Series{Metric: labels.FromStrings("le", bound), Floats: []promql.FPoint{{T: at.UnixMilli(), F: n}}}
	}
	group := slo.NewLabels("region", `e"u`)
	d := &slo.Definition{ID: "search/latency", SLI: slo.SLI{Latency: &slo.LatencySLI{Histogram: slo.Selector{Name: "took_milliseconds"}, Threshold: 300 * time.Millisecond}}}
	store := &histograms{classic: promql.Matrix{le("+Inf", 100), le("100", 80), le("300", 95)}}
	steps, err := heater{store}.heat(t.Context(), d, group, at.Add(-time.Hour), at, 60)
	if err != nil || len(steps) != 1 || !steps[0].T.Equal(at) {
		t.Fatalf("%+v, %v", steps, err)
	}
	for i, want := range []slo.HeatBucket{{Lower: 0, Upper: 0.1, Count: 80}, {Lower: 0.1, Upper: 0.3, Count: 15}} {
		if got := steps[0].Buckets[i]; got.Count != want.Count || got.Upper-want.Upper > 1e-9 || want.Upper-got.Upper > 1e-9 {
			t.Errorf("bucket %d is %+v, want %+v", i, got, want)
		}
	}
	if want := `sum by (le) (increase(took_milliseconds_bucket{region="e\"u"}[60s]))`; len(store.asked) != 1 || store.asked[0] != want {
		t.Errorf("asked %q, want %s", store.asked, want)
	}
	if _, err := parser.NewParser(parser.Options{}).ParseExpr(store.asked[0]); err != nil {
		t.Error(err)
	}
	native := &histograms{native: promql.Matrix{{Histograms: []promql.HPoint{{T: at.UnixMilli(), H: &histogram.FloatHistogram{
		Schema: 0, Count: 7, PositiveSpans: []histogram.Span{{Offset: 7, Length: 2}}, PositiveBuckets: []float64{4, 3},
	}}}}}}
	steps, err = heater{native}.heat(t.Context(), d, nil, at.Add(-time.Hour), at, 60)
	if err != nil || len(steps) != 1 || len(steps[0].Buckets) != 2 || steps[0].Buckets[0].Count != 4 || steps[0].Buckets[1].Upper != 0.256 {
		t.Errorf("%+v, %v", steps, err)
	}
	if steps, err := (heater{&histograms{}}).heat(t.Context(), d, nil, at.Add(-time.Hour), at, 60); err != nil || len(steps) != 0 {
		t.Errorf("without samples: %+v, %v", steps, err)
	}
	if _, err := (heater{&histograms{failure: errors.New("away")}}).heat(t.Context(), d, nil, at.Add(-time.Hour), at, 60); err == nil || !strings.Contains(err.Error(), "search/latency") {
		t.Errorf("a store that is away: %v", err)
	}
}
