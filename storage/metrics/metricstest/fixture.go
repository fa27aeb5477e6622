package metricstest

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
	"burnline/storage/metrics"
)

// fixture is one test's store, metric name and clock.
type fixture struct {
	*testing.T
	store metrics.Store
	can   Capabilities
	// metric is a name that no other test uses.
	metric string
	// start is the time that T0 of the test is, in milliseconds.
	start int64
}

func newFixture(t *testing.T, s metrics.Store, can Capabilities) *fixture {
	h := fnv.New64a()
	_, _ = h.Write([]byte(t.Name()))
	now := time.Now()
	_, _ = fmt.Fprint(h, now.UnixNano())
	return &fixture{T: t, store: s, can: can, metric: fmt.Sprintf("contract_%x_total", h.Sum64()),
		start: now.Add(-span).Truncate(time.Minute).UnixMilli()}
}

// at returns the time s seconds after the test's start.
func (f *fixture) at(s float64) int64 { return f.start + int64(s*1000) }

// series returns the test's metric with further labels.
func (f *fixture) series(pairs ...string) slo.Labels {
	return slo.NewLabels(append([]string{slo.MetricName, f.metric}, pairs...)...)
}

// all selects every series of the test's metric.
func (f *fixture) all(ms ...slo.Matcher) slo.Selector {
	return slo.Selector{Name: f.metric, Matchers: ms}
}

// point is one sample to write; H or FH make it a histogram.
type point struct {
	series slo.Labels
	t, st  int64
	v      float64
	h      *histogram.Histogram
	fh     *histogram.FloatHistogram
}

// points returns samples of one series: pairs of seconds and value.
func (f *fixture) points(series slo.Labels, pairs ...float64) []point {
	var out []point
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, point{series: series, t: f.at(pairs[i]), v: pairs[i+1]})
	}
	return out
}

// append puts points into an open batch.
func (f *fixture) append(app storage.AppenderV2, points ...point) {
	f.Helper()
	for _, p := range points {
		if _, err := app.Append(0, metrics.ToLabels(p.series), p.st, p.t, p.v, p.h, p.fh, storage.AOptions{}); err != nil {
			f.Fatalf("append %s: %v", p.series, err)
		}
	}
}

// write commits one batch and returns how much of it was refused and why.
func (f *fixture) write(points ...point) (int, string) {
	f.Helper()
	app := f.store.AppenderV2(f.Context())
	f.append(app, points...)
	if err := app.Commit(); err != nil {
		f.Fatalf("commit: %v", err)
	}
	if f.can.Settle != nil {
		f.can.Settle(f.T)
	}
	rejecter, ok := app.(metrics.Rejecter)
	if !ok {
		f.Fatalf("%T does not implement metrics.Rejecter", app)
	}
	return rejecter.Rejected()
}

// mustWrite commits a batch of which nothing may be refused.
func (f *fixture) mustWrite(points ...point) {
	f.Helper()
	if n, why := f.write(points...); n != 0 {
		f.Fatalf("%d samples refused: %s", n, why)
	}
}

// sel returns what the selector finds in the range, by series.
func (f *fixture) sel(sel slo.Selector, from, to int64) map[string][]slo.Sample {
	f.Helper()
	out := map[string][]slo.Sample{}
	err := f.store.Select(f.Context(), sel, from, to, func(s slo.SeriesSamples) error {
		if _, twice := out[s.Series.Labels().String()]; twice {
			f.Errorf("series %s was yielded twice", s.Series.Labels())
		}
		out[s.Series.Labels().String()] = s.Samples
		return nil
	})
	if err != nil {
		f.Fatalf("select %s: %v", sel.Name, err)
	}
	return out
}

// want checks that the whole span holds exactly these samples of the test's metric.
func (f *fixture) want(points ...point) {
	f.Helper()
	f.wantIn(f.start, f.at(span.Seconds()), points...)
}

// wantIn checks what a range holds; times and values, not start times.
func (f *fixture) wantIn(from, to int64, points ...point) {
	f.Helper()
	want := map[string][]string{}
	for _, p := range points {
		want[p.series.String()] = append(want[p.series.String()], f.show(p.t, p.v))
	}
	got := map[string][]string{}
	for name, samples := range f.sel(f.all(), from, to) {
		for _, s := range samples {
			got[name] = append(got[name], f.show(s.T, s.V))
		}
	}
	f.same(got, want)
}

func (f *fixture) same(got, want map[string][]string) {
	f.Helper()
	names := map[string]bool{}
	for n := range got {
		names[n] = true
	}
	for n := range want {
		names[n] = true
	}
	for n := range names {
		if !slices.Equal(got[n], want[n]) {
			f.Errorf("%s\n  got  %s\n  want %s", n, strings.Join(got[n], " "), strings.Join(want[n], " "))
		}
	}
}

// show writes a sample as seconds=value.
func (f *fixture) show(t int64, v float64) string {
	if math.IsNaN(v) {
		return fmt.Sprintf("%g=NaN", float64(t-f.start)/1000)
	}
	return fmt.Sprintf("%g=%g", float64(t-f.start)/1000, v)
}

// cancelled returns a context that has ended.
func (f *fixture) cancelled() context.Context {
	ctx, cancel := context.WithCancel(f.Context())
	cancel()
	return ctx
}
