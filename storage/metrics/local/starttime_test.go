package local_test

import (
	"fmt"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"burnline/slo"
	"burnline/storage/metrics/local"
)

// TestStartTimesSurvive follows start times through every form in which the
// TSDB keeps samples.
func TestStartTimesSurvive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, fixedClock)
	const hour = 3600
	counter := labels.FromStrings("__name__", "counter_total")
	write := func(seconds ...int) {
		app := s.AppenderV2(t.Context())
		for _, sec := range seconds {
			if _, err := app.Append(0, counter, at(-9*hour), at(sec), float64(10*hour+sec), nil, nil, storage.AOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		commit(t, app)
	}
	var all []int
	for sec := -8 * hour; sec <= 0; sec += 30 { // several chunks, so that some are mapped from disk
		all = append(all, sec)
	}
	write(all...)
	late := []int{-7*hour + 10, -5*hour + 10, -hour + 10, -hour + 20}
	write(late...)
	check := func(when string) {
		t.Helper()
		n := 0
		err := s.Select(t.Context(), slo.Selector{Name: "counter_total"}, at(-10*hour), at(hour), func(r slo.SeriesSamples) error {
			n = len(r.Samples)
			for _, x := range r.Samples {
				if x.ST != at(-9*hour) {
					return fmt.Errorf("sample at %d has start time %d", (x.T-at(0))/1000, x.ST)
				}
			}
			return nil
		})
		if err != nil || n != len(all)+len(late) {
			t.Errorf("%s: %d samples of %d, error %v", when, n, len(all)+len(late), err)
		}
	}
	reopen := func(opts ...func(*local.Options)) {
		t.Helper()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, dir, append(opts, fixedClock)...)
	}
	check("in memory")
	reopen()
	check("after the log was replayed")
	head := s.DB().Head()
	if err := s.DB().CompactHead(tsdb.NewRangeHead(head, head.MinTime(), at(-2*hour)-1)); err != nil {
		t.Fatal(err)
	}
	check("partly in a block")
	if err := s.DB().CompactOOOHead(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("late samples in blocks")
	if err := s.DB().Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("after compaction of the blocks")
	reopen()
	check("after reopening blocks")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
