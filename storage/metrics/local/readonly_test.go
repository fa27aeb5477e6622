package local_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
	"burnline/storage/metrics/local"
)

// TestAFolderIsReadBesideTheServerThatWritesIt compares what a reader shows with
// what the open store has, and that the folder is as before afterwards.
func TestAFolderIsReadBesideTheServerThatWritesIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, fixedClock)
	write := func(from, to int) {
		app := s.AppenderV2(t.Context())
		for sec := from; sec < to; sec += 15 {
			for _, code := range []string{"200", "500"} {
				series := labels.FromStrings("__name__", "requests_total", "code", code)
				if _, err := app.Append(0, series, 0, at(sec), float64(sec+9000), nil, nil, storage.AOptions{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		commit(t, app)
	}
	write(-7200, -600)
	r, err := local.OpenReader(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	write(-600, 0) // later than the reader looks
	n := 0
	err = r.Select(t.Context(), slo.Selector{Name: "requests_total"}, at(-3600), at(0), func(run slo.SeriesSamples) error {
		for _, sample := range run.Samples {
			if sample.T < at(-3600) || sample.V != float64((sample.T-at(0))/1000+9000) {
				t.Errorf("%s has %v", run.Series.Labels(), sample)
			}
			n++
		}
		return nil
	})
	if want := 2 * 3000 / 15; err != nil || n != want {
		t.Errorf("%d samples, want %d: %v", n, want, err)
	}
	before, found, err := r.Before(t.Context(), slo.NewLabels("__name__", "requests_total", "code", "500"), at(-600))
	if err != nil || !found || before.T != at(-615) {
		t.Errorf("the sample before is %v, %t: %v", before, found, err)
	}
	value, err := r.Query(t.Context(), "count(requests_total) + sum(rate(requests_total[5m]))", time.Time{}, time.UnixMilli(at(-900)), 0)
	if err != nil || !strings.HasPrefix(value.String(), "{} => 4 ") {
		t.Errorf("the query gives %v: %v", value, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "tmp_dbro*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q %v", left, err)
	}
	if written, err := local.Written(dir); err != nil || time.Since(written) > time.Hour {
		t.Errorf("written %s: %v", written, err)
	}
}

func TestAFolderWithoutMetricsIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := local.OpenReader(dir, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), dir+" holds no metrics") {
		t.Errorf("error = %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}
