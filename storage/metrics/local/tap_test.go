package local_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"burnline/slo"
	"burnline/storage/metrics"
	"burnline/storage/metrics/local"
)

// sink stands for the engine: it wants the metric "wanted" and keeps what it is shown.
type sink struct {
	mu         sync.Mutex
	generation uint64
	metric     string
	asked      map[string]int
	batches    [][]slo.SeriesSample
	announced  int
	refuses    error // answers every announcement, where set
}

func newSink() *sink { return &sink{generation: 1, metric: "wanted", asked: map[string]int{}} }

func (s *sink) Generation() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.generation
}

func (s *sink) Wants(ls slo.Labels) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[ls.String()]++
	return ls.Get(slo.MetricName) == s.metric
}

func (s *sink) Selectors() []slo.Selector { return []slo.Selector{{Name: s.metric}} }

func (s *sink) Announce(_ context.Context, batch []slo.SeriesSample) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.announced += len(batch)
	return s.refuses
}

func (s *sink) Deliver(batch []slo.SeriesSample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batches = append(s.batches, slices.Clone(batch))
}

// shown returns every delivered sample as series, time and value.
func (s *sink) shown() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, batch := range s.batches {
		for _, x := range batch {
			out = append(out, fmt.Sprintf("%s %d=%g", x.Series.Labels(), x.T, x.V))
		}
	}
	return out
}

// base is a time in the middle of a day, so that no test depends on today's.
var base = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func at(seconds int) int64 { return base.Add(time.Duration(seconds) * time.Second).UnixMilli() }

func fixedClock(o *local.Options) { o.Now = func() time.Time { return base.Add(time.Hour) } }

func tapped(t *testing.T) (*local.Store, *sink) {
	t.Helper()
	s, k := closed(t, open(t, t.TempDir(), fixedClock)), newSink()
	s.Tap(k)
	return s, k
}

func add(t *testing.T, app storage.AppenderV2, ls labels.Labels, ts int64, v float64) {
	t.Helper()
	if _, err := app.Append(0, ls, 0, ts, v, nil, nil, storage.AOptions{}); err != nil {
		t.Fatalf("append: %v", err)
	}
}

func commit(t *testing.T, app storage.AppenderV2) {
	t.Helper()
	if err := app.Commit(); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

var (
	wantedA   = labels.FromStrings("__name__", "wanted", "i", "a")
	wantedB   = labels.FromStrings("__name__", "wanted", "i", "b")
	unrelated = labels.FromStrings("__name__", "unrelated")
)

func TestTapShowsWantedSamplesAfterTheCommit(t *testing.T) {
	t.Parallel()
	s, k := tapped(t)
	app := s.AppenderV2(t.Context())
	add(t, app, wantedA, at(0), 1)
	add(t, app, unrelated, at(0), 2)
	add(t, app, wantedB, at(0), 3)
	expect(t, k.shown())
	commit(t, app)
	expect(t, k.shown(), fmt.Sprintf(`wanted{i="a"} %d=1`, at(0)), fmt.Sprintf(`wanted{i="b"} %d=3`, at(0)))
	if k.announced != 2 {
		t.Errorf("%d samples were announced, want 2", k.announced)
	}
}

func TestWhatMayNotBeCommittedIsNotStored(t *testing.T) {
	t.Parallel()
	s, k := tapped(t)
	k.refuses = errors.New("the disk is full")
	app := s.AppenderV2(t.Context())
	add(t, app, wantedA, at(0), 1)
	if err := app.Commit(); !errors.Is(err, k.refuses) {
		t.Errorf("got %v, want %v", err, k.refuses)
	}
	expect(t, k.shown())
	expect(t, stored(t, s, wantedA))
	k.refuses = nil
	app = s.AppenderV2(t.Context())
	add(t, app, wantedA, at(0), 1)
	commit(t, app)
	expect(t, k.shown(), fmt.Sprintf(`wanted{i="a"} %d=1`, at(0)))
}

func TestTapForgetsARollback(t *testing.T) {
	t.Parallel()
	s, k := tapped(t)
	app := s.AppenderV2(t.Context())
	add(t, app, wantedA, at(0), 1)
	if err := app.Rollback(); err != nil {
		t.Fatal(err)
	}
	expect(t, k.shown())
}

func TestTapIgnoresWhatTheEngineRecords(t *testing.T) {
	t.Parallel()
	s, k := tapped(t)
	if err := s.Record(t.Context(), []slo.Recorded{{Labels: slo.NewLabels("__name__", "wanted"), T: at(0), V: 1}}); err != nil {
		t.Fatal(err)
	}
	expect(t, k.shown())
	if len(k.asked) != 0 {
		t.Errorf("the sink was asked about %v", k.asked)
	}
}

func TestTapAsksOncePerSeriesAndGeneration(t *testing.T) {
	t.Parallel()
	s, k := tapped(t)
	write := func(second int) {
		app := s.AppenderV2(t.Context())
		add(t, app, wantedA, at(second), float64(second))
		add(t, app, unrelated, at(second), 0)
		commit(t, app)
	}
	write(0)
	write(15)
	if k.asked[`wanted{i="a"}`] != 1 || k.asked["unrelated"] != 1 {
		t.Errorf("asked %v, want once each", k.asked)
	}
	k.mu.Lock()
	k.generation, k.metric = 2, "unrelated"
	k.mu.Unlock()
	write(30)
	write(45)
	if k.asked[`wanted{i="a"}`] != 2 || k.asked["unrelated"] != 2 {
		t.Errorf("asked %v, want twice each", k.asked)
	}
	expect(t, k.shown(), fmt.Sprintf(`wanted{i="a"} %d=0`, at(0)), fmt.Sprintf(`wanted{i="a"} %d=15`, at(15)),
		fmt.Sprintf(`unrelated %d=0`, at(30)), fmt.Sprintf(`unrelated %d=0`, at(45)))
	if k.batches[0][0].Series != k.batches[1][0].Series {
		t.Error("one series was shown under two pointers")
	}
}

func TestTapDoesNotShowStalenessMarkers(t *testing.T) {
	t.Parallel()
	s, k := tapped(t)
	app := s.AppenderV2(t.Context())
	add(t, app, wantedA, at(0), math.Float64frombits(value.StaleNaN))
	commit(t, app)
	expect(t, k.shown())
}

func TestTapShowsHistogramsInMemoryOfTheirOwn(t *testing.T) {
	t.Parallel()
	s, k := tapped(t)
	h := &histogram.Histogram{Count: 10, Sum: 26, PositiveSpans: []histogram.Span{{Offset: 1, Length: 2}}, PositiveBuckets: []int64{4, 2}}
	app := s.AppenderV2(t.Context())
	if _, err := app.Append(0, wantedA, at(-60), at(0), 0, h, nil, storage.AOptions{}); err != nil {
		t.Fatal(err)
	}
	commit(t, app)
	h.Count, h.PositiveBuckets[0] = 99, 99
	got := k.batches[0][0]
	if got.H == nil || got.H.Count() != 10 || got.H.CountBelow(2) != 4 {
		t.Errorf("got %+v, want the histogram as it was appended", got)
	}
	if got.ST != 0 {
		t.Errorf("start time %d: the store does not keep it for histograms, so the tap must not show it", got.ST)
	}
}

func TestOfTwoOpenBatchesOneValueIsStoredAndShown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		lastFirst bool
		second    int // of the conflicting sample
		v         float64
		shown     int
		rejected  int
	}{
		{"in the order of appends", false, 30, 2, 1, 1},
		{"in the other order", true, 30, 2, 1, 1},
		{"a late sample", false, 5, 2, 1, 1},
		{"a late sample in the other order", true, 5, 2, 1, 1},
		{"equal values are no conflict", false, 30, 1, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, k := tapped(t)
			before := s.AppenderV2(t.Context())
			add(t, before, wantedA, at(0), 0)
			add(t, before, wantedA, at(10), 0)
			commit(t, before)
			k.batches = nil
			batches := []storage.AppenderV2{s.AppenderV2(t.Context()), s.AppenderV2(t.Context())}
			add(t, batches[0], wantedA, at(c.second), 1)
			add(t, batches[1], wantedA, at(c.second), c.v)
			n, _ := batches[1].(metrics.Rejecter).Rejected()
			if c.lastFirst {
				batches[0], batches[1] = batches[1], batches[0]
			}
			commit(t, batches[0])
			commit(t, batches[1])
			got := k.shown()
			if len(got) != c.shown || !set(stored(t, s, wantedA))[got[0]] {
				t.Errorf("shown %q, stored %q", got, stored(t, s, wantedA))
			}
			if n != c.rejected {
				t.Errorf("rejected %d, want %d", n, c.rejected)
			}
		})
	}
}

// stored returns what the store holds of a series, in the form of shown.
func stored(t *testing.T, s *local.Store, ls labels.Labels) []string {
	t.Helper()
	var out []string
	sel := slo.Selector{Matchers: []slo.Matcher{{Label: "__name__", Op: slo.MatchEqual, Value: ls.Get("__name__")}, {Label: "i", Op: slo.MatchEqual, Value: ls.Get("i")}}}
	err := s.Select(t.Context(), sel, at(-86400), at(86400), func(r slo.SeriesSamples) error {
		for _, x := range r.Samples {
			out = append(out, fmt.Sprintf("%s %d=%g", r.Series.Labels(), x.T, x.V))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTapAgreesWithTheStore lets several batches write the same few series and
// times, in any order of appends and commits, and compares what was shown with what is stored.
func TestTapAgreesWithTheStore(t *testing.T) {
	t.Parallel()
	for range 30 {
		seed := rand.Uint64()
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0))
			s, k := tapped(t)
			var batches []storage.AppenderV2
			for range 200 {
				switch {
				case len(batches) < 4 && r.IntN(3) == 0:
					batches = append(batches, s.AppenderV2(t.Context()))
				case len(batches) > 0 && r.IntN(6) == 0:
					i := r.IntN(len(batches))
					if r.IntN(5) == 0 {
						if err := batches[i].Rollback(); err != nil {
							t.Fatal(err)
						}
					} else {
						commit(t, batches[i])
					}
					batches = append(batches[:i], batches[i+1:]...)
				case len(batches) > 0:
					add(t, batches[r.IntN(len(batches))], wantedA, at(r.IntN(60)), float64(r.IntN(3)))
				}
			}
			for _, b := range batches {
				commit(t, b)
			}
			want, got := set(stored(t, s, wantedA)), set(k.shown())
			for x := range want {
				if !got[x] {
					t.Errorf("stored and not shown: %s", x)
				}
			}
			for x := range got {
				if !want[x] {
					t.Errorf("shown and not stored: %s", x)
				}
			}
		})
	}
}

// TestTapAgreesWithTheStoreUnderConcurrency does the same from several
// goroutines, beginning with a series that nobody has written before.
func TestTapAgreesWithTheStoreUnderConcurrency(t *testing.T) {
	t.Parallel()
	for round := range 20 {
		s, k := tapped(t)
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range 20 {
					app := s.AppenderV2(t.Context())
					for _, second := range []int{i, i - 5, i + w} {
						if _, err := app.Append(0, wantedA, 0, at(second), float64(w), nil, nil, storage.AOptions{}); err != nil {
							t.Errorf("append: %v", err)
						}
					}
					if err := app.Commit(); err != nil {
						t.Errorf("commit: %v", err)
					}
				}
			})
		}
		wg.Wait()
		if want, got := set(stored(t, s, wantedA)), set(k.shown()); fmt.Sprint(want) != fmt.Sprint(got) {
			t.Errorf("round %d:\nstored %v\nshown  %v", round, want, got)
		}
	}
}

func set(xs []string) map[string]bool {
	out := map[string]bool{}
	for _, x := range xs {
		out[x] = true
	}
	return out
}

func TestTapKnowsASeriesThatCameBack(t *testing.T) {
	t.Parallel()
	s, k := tapped(t)
	write := func(ls labels.Labels, second int, v float64) {
		app := s.AppenderV2(t.Context())
		add(t, app, ls, at(second), v)
		commit(t, app)
	}
	const hour = 3600
	write(wantedA, -20*hour, 1)
	write(unrelated, 0, 1)
	truncate(t, s, at(-hour)) // drops the series, for its samples are in a block now
	for i := range 3 * 1024 { // and its page gets other series
		write(labels.FromStrings("__name__", "filler", "i", fmt.Sprint(i)), 0, 1)
	}
	write(wantedA, 60, 2)
	expect(t, k.shown(), fmt.Sprintf(`wanted{i="a"} %d=1`, at(-20*hour)), fmt.Sprintf(`wanted{i="a"} %d=2`, at(60)))
	if k.batches[0][0].Series != k.batches[1][0].Series {
		t.Error("within a generation the series was shown under two pointers")
	}
}

// truncate writes everything of the head that is older than t to a block and
// drops series that have nothing newer.
func truncate(t *testing.T, s *local.Store, until int64) {
	t.Helper()
	head := s.DB().Head()
	before := head.NumSeries()
	if err := s.DB().CompactHead(tsdb.NewRangeHead(head, head.MinTime(), until-1)); err != nil {
		t.Fatal(err)
	}
	if head.NumSeries() >= before {
		t.Fatalf("no series of %d was dropped", before)
	}
}
