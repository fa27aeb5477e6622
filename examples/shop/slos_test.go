package shop_test

import (
	"context"
	"testing"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	prw "github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"

	"burnline/examples/shop"
	"burnline/internal/harness/patience"
	"burnline/slo"
	"burnline/slo/spec"
)

// names collects the labels of every series that OTLP becomes in Prometheus.
type names struct{ series []slo.Labels }

// Append implements storage.AppenderV2.
func (n *names) Append(_ storage.SeriesRef, ls labels.Labels, _, _ int64, _ float64, _ *histogram.Histogram, _ *histogram.FloatHistogram, _ storage.AppendV2Options) (storage.SeriesRef, error) {
	var series slo.Labels
	ls.Range(func(l labels.Label) { series = append(series, slo.Label{Name: l.Name, Value: l.Value}) })
	n.series = append(n.series, series)
	return 1, nil
}

func (*names) Commit() error   { return nil }
func (*names) Rollback() error { return nil }

func TestEverySLOFindsItsSeriesInBothRegions(t *testing.T) {
	t.Parallel()
	set, findings, err := spec.Load([]string{"slos"})
	defs := set.Definitions
	if err != nil || len(findings) > 0 || len(defs) != 3 {
		t.Fatalf("%d SLOs, want 3 without findings: %v %v", len(defs), findings, err)
	}
	sink := newSink(t)
	s, _ := open(t, shop.Options{OTLPEndpoint: sink.addr})
	if err := s.Break("eu"); err != nil {
		t.Fatal(err)
	}
	patience.Until(t, "answers with 502 and 200", func() bool {
		failed, _ := sink.requests("checkout/eu", 502)
		eu, _ := sink.requests("checkout/eu", 200)
		us, _ := sink.requests("checkout/us", 200)
		browsed, _ := sink.requests("storefront/us", 200)
		return failed > 0 && eu > 0 && us > 0 && browsed > 10
	})
	var got names
	settings := prw.Settings{AddMetricSuffixes: true, LabelNameUnderscoreSanitization: true, LabelNamePreserveMultipleUnderscores: true}
	if _, err := prw.NewPrometheusConverter(&got).FromMetrics(context.Background(), sink.all(), settings); err != nil {
		t.Fatal(err)
	}
	for i := range defs {
		for _, term := range defs[i].Terms() {
			bad := term.Role == slo.RoleBad
			// Payment fails in eu alone, browsing fails nowhere, and the SDK sends
			// classic histograms: no other series can be found.
			if term.Role == slo.RoleNative || (bad && defs[i].Journey == "browse") {
				continue
			}
			regions := matched(t, term, got.series)
			if !regions["eu"] || regions["us"] == bad {
				t.Errorf("%s: %s %v finds series in %v", defs[i].ID, term.Selector.Name, term.Selector.Matchers, regions)
			}
		}
	}
}

// matched returns the regions in which a term finds series.
func matched(t *testing.T, term slo.Term, series []slo.Labels) map[string]bool {
	t.Helper()
	match, err := term.Compile()
	if err != nil {
		t.Fatal(err)
	}
	regions := map[string]bool{}
	for _, ls := range series {
		if match.Match(ls) {
			regions[ls.Get("region")] = true
		}
	}
	return regions
}
