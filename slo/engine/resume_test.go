package engine

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"burnline/slo"
)

// shelf keeps checkpoints in memory, as storage does in a file.
type shelf struct {
	mu    sync.Mutex
	saved map[string][]byte
	notes []slo.Note
	err   error
}

var _ Checkpoints = (*shelf)(nil)

func newShelf() *shelf { return &shelf{saved: map[string][]byte{}} }

func (s *shelf) Load(_ context.Context, yield func(slo.Checkpoint) error) error {
	for id, data := range s.saved {
		if err := yield(slo.Checkpoint{SLO: id, Data: data}); err != nil {
			return err
		}
	}
	return s.err
}

func (s *shelf) Save(_ context.Context, some []slo.Checkpoint) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range some {
		s.saved[c.SLO] = c.Data
		var left []slo.Note
		for _, n := range s.notes {
			if n.SLO != c.SLO || !n.Written.Before(c.Notes) {
				left = append(left, n)
			}
		}
		s.notes = left
	}
	return s.err
}

func (s *shelf) Note(_ context.Context, some []slo.Note) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, some...)
	return s.err
}

func (s *shelf) Notes(context.Context) ([]slo.Note, error) { return s.notes, s.err }

var restartSeed = flag.Uint64("restart-seed", 0, "run the restart test with only this seed")

// An engine that is killed again and again, at any moment, with checkpoints of any
// age, counts what brute force counts.
func TestRestartAtAnyMomentEqualsBruteForce(t *testing.T) {
	t.Parallel()
	eachWorld(t, *restartSeed, func(t *testing.T, seed uint64) {
		w := newWorld(t, rand.New(rand.NewPCG(seed, 2)))
		w.shelf = newShelf()
		w.restart()
		w.run()
		w.restart()
		w.settle(seed)
		w.compare(seed)
		if t.Failed() {
			t.Logf("run again with -restart-seed=%d", seed)
		}
	})
}

// restart ends the process without a word and begins another one.
func (w *world) restart() {
	if w.rng.IntN(4) == 0 {
		w.correct() // files may change while no process runs
	}
	e, err := New(Options{
		Reader: w.store, Now: func() time.Time { return time.UnixMilli(w.now) }, Checkpoints: w.shelf,
		Commit: func(context.Context, slo.Transition) error { return nil },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	e.Resume(context.Background())
	e.Correct(w.corrections)
	if err := e.Update([]slo.Definition{w.def}); err != nil {
		w.t.Fatal(err)
	}
	w.engine, w.slo, w.pending = e, e.tracked(w.def.ID), nil
}

// killSometimes ends the process, or has a checkpoint written.
func (w *world) killSometimes() {
	switch w.rng.IntN(40) {
	case 0:
		w.restart()
	case 1, 2, 3:
		w.engine.saveCheckpoints(context.Background(), []*tracked{w.slo})
	}
}

// snapshot returns an SLO's checkpoint after some history.
func snapshot(t testing.TB, d slo.Definition, now time.Time) (*tracked, []byte) {
	t.Helper()
	store := newMemory()
	for n, code := range []string{"200", "500", "404"} {
		for minute := range 300 {
			s := slo.Sample{T: now.Add(time.Duration(minute-299) * time.Minute).UnixMilli(), V: float64(minute * n * 700)}
			if minute > 200 {
				s.ST = now.Add(-time.Hour).UnixMilli()
			}
			store.commit(reqSeries(code, n).Labels(), s)
		}
	}
	e, err := New(Options{
		Reader: store, Now: func() time.Time { return now }, Checkpoints: newShelf(),
		Commit: func(context.Context, slo.Transition) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Update([]slo.Definition{d}); err != nil {
		t.Fatal(err)
	}
	one := e.tracked(d.ID)
	readThrough(context.Background(), e, one)
	data, _ := one.checkpoint(now.UnixMilli())
	return one, data
}

func TestCheckpointsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	one, data := snapshot(t, eventsSLO("shop/buy"), now)
	if again, _ := one.checkpoint(now.UnixMilli()); !bytes.Equal(data, again) {
		t.Error("the same counts give other bytes")
	}
	d := eventsSLO("shop/buy")
	d.Objective, d.Policies = 99, nil // what doesn't change the counts
	two, err := newTracked(&d, keepOf(&d), DefaultLateness)
	if err != nil {
		t.Fatal(err)
	}
	r, err := decodeCheckpoint(data, two, DefaultLateness, now.UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	two.acc, two.filled, two.cumulative = r.acc, true, r.cumulative
	if again, _ := two.checkpoint(now.UnixMilli()); !bytes.Equal(data, again) {
		t.Errorf("written again the checkpoint has %d bytes, not %d, or others", len(again), len(data))
	}
}

func TestCheckpointsThatDoNotFitAreDropped(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	_, data := snapshot(t, eventsSLO("shop/buy"), now)
	counting := eventsSLO("shop/buy")
	counting.GroupBy = []string{"code"}
	longer := eventsSLO("shop/buy")
	longer.Window.Rolling *= 2
	flipped := bytes.Clone(data)
	flipped[len(flipped)/2] ^= 1
	newer := bytes.Clone(data)
	newer[0]++
	for _, tt := range []struct {
		name string
		def  slo.Definition
		data []byte
		at   time.Time
		want error
	}{
		{"of another definition", counting, data, now, errCheckpointOther},
		{"of another window", longer, data, now, errCheckpointOther},
		{"with a bit that flipped", eventsSLO("shop/buy"), flipped, now, errCheckpointDamaged},
		{"cut short", eventsSLO("shop/buy"), data[:len(data)/2], now, errCheckpointDamaged},
		{"empty", eventsSLO("shop/buy"), nil, now, errCheckpointDamaged},
		{"of another version", eventsSLO("shop/buy"), newer, now, errCheckpointVersion},
		{"of the future", eventsSLO("shop/buy"), data, now.Add(-time.Hour), nil},
		{"older than the longest window", eventsSLO("shop/buy"), data, now.Add(31 * 24 * time.Hour), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			one, err := newTracked(&tt.def, keepOf(&tt.def), DefaultLateness)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := decodeCheckpoint(tt.data, one, DefaultLateness, tt.at.UnixMilli()); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestLateSamplesAreNotStoredWithoutTheirNote(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	kept := newShelf()
	e, err := New(Options{
		Reader: newMemory(), Now: func() time.Time { return now }, Checkpoints: kept,
		Commit: func(context.Context, slo.Transition) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Update([]slo.Definition{eventsSLO("shop/buy")}); err != nil {
		t.Fatal(err)
	}
	series := reqSeries("200", 1)
	at := func(ago time.Duration) []slo.SeriesSample {
		return []slo.SeriesSample{{Series: series, Sample: slo.Sample{T: now.Add(-ago).UnixMilli()}}}
	}
	for _, step := range []struct {
		ago   time.Duration
		notes int
	}{{0, 0}, {time.Hour, 1}, {30 * time.Minute, 1}, {2 * time.Hour, 2}, {time.Minute, 2}} {
		if err := e.Announce(t.Context(), at(step.ago)); err != nil || len(kept.notes) != step.notes {
			t.Fatalf("after a sample of %s ago there are %d notes (%v), want %d", step.ago, len(kept.notes), err, step.notes)
		}
	}
	kept.err = errors.New("the disk is full")
	if err := e.Announce(t.Context(), at(3*time.Hour)); !errors.Is(err, kept.err) {
		t.Errorf("got %v, want %v", err, kept.err)
	}
}

// A feed that fell minutes behind brings old samples of every series, again and again: they are
// noted once for all of an SLO, and the restart reads from the oldest on.
func TestAFeedThatFellBehindIsNotedOncePerSLO(t *testing.T) {
	t.Parallel()
	const lag, every, series = 20 * time.Minute, 15 * time.Second, 50
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	kept, store := newShelf(), newMemory()
	start := func() *Engine {
		e, err := New(Options{
			Reader: store, Now: func() time.Time { return now }, Checkpoints: kept,
			Commit: func(context.Context, slo.Transition) error { return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		e.Resume(t.Context())
		if err := e.Update([]slo.Definition{eventsSLO("shop/buy")}); err != nil {
			t.Fatal(err)
		}
		e.readOnce(t.Context(), e.tracked("shop/buy"))
		return e
	}
	all := make([]*slo.Series, series)
	for i := range all {
		all[i] = reqSeries("200", i)
	}
	e := start()
	feed := func(length time.Duration) {
		for end := now.Add(length); now.Before(end); now = now.Add(every) {
			var batch []slo.SeriesSample
			for _, s := range all {
				batch = append(batch, slo.SeriesSample{Series: s, Sample: slo.Sample{T: now.Add(-lag).UnixMilli(), V: float64(now.Unix())}})
			}
			if err := e.Announce(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
			for _, s := range batch {
				store.commit(s.Series.Labels(), s.Sample)
			}
			e.Deliver(batch)
		}
		e.evaluate(t.Context(), e.tracked("shop/buy"))
		if e.tracked("shop/buy").wantsRead(now.UnixMilli()) {
			e.readOnce(t.Context(), e.tracked("shop/buy")) // what waits for a look-up
		}
	}
	feed(4 * time.Minute)
	e.saveCheckpoints(t.Context(), e.list())
	feed(3 * time.Minute)
	if len(kept.notes) != 2 || len(kept.notes[0].Series) > 0 {
		t.Errorf("7 minutes of %d series left %d notes: %v", series, len(kept.notes), kept.notes)
	}
	before := e.tracked("shop/buy").acc.groups[0].all()
	e = start()
	after := e.tracked("shop/buy")
	if got := after.acc.groups[0].all(); got != before || len(after.late) > 0 || before.Total == 0 {
		t.Errorf("after a restart there are %v events (%d late), before %v", got, len(after.late), before)
	}
}

func FuzzDecodeCheckpoint(f *testing.F) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	d := eventsSLO("shop/buy")
	d.GroupBy = []string{"code"}
	_, data := snapshot(f, d, now)
	f.Add(data[1+hashSize : len(data)-4])
	f.Fuzz(func(t *testing.T, data []byte) {
		one, err := newTracked(&d, keepOf(&d), DefaultLateness)
		if err != nil {
			t.Fatal(err)
		}
		r, err := decodeCounts(data, one, DefaultLateness, now.UnixMilli())
		if err != nil {
			return
		}
		one.acc, one.filled = r.acc, true
		one.judge(now)
		if again, _ := one.checkpoint(now.UnixMilli()); again == nil {
			t.Error("what was read can't be written")
		}
	})
}

// readThrough reads for an SLO as the engine's readers do: what pages need, and then
// the rest.
func readThrough(ctx context.Context, e *Engine, t *tracked) {
	e.readOnce(ctx, t)
	if t.partial != 0 {
		e.readOnce(ctx, t)
	}
}

// Where more are to be written out of turn than one tick takes, and each has to be tried again, none waits for
// ever for those before it.
func TestNoCheckpointWaitsForOthersThatCannotBeWrittenYet(t *testing.T) {
	t.Parallel()
	var all []*tracked
	for i := range 3*checkpointFresh + 1 {
		all = append(all, &tracked{id: fmt.Sprintf("shop/%04d", i)})
		all[i].unsaved.Store(true)
	}
	tried, last := map[string]bool{}, ""
	for range 4 {
		some := unsaved(all, last)
		for _, one := range some {
			tried[one.id] = true
			one.unsaved.Store(true)
		}
		last = some[len(some)-1].id
	}
	if len(tried) != len(all) {
		t.Errorf("after 4 ticks %d of %d were tried", len(tried), len(all))
	}
}

// Samples of a series that is not known yet keep an SLO from being written for a moment; it is tried again at once,
// not when its turn comes.
func TestACheckpointThatCannotBeWrittenYetIsTriedAgain(t *testing.T) {
	t.Parallel()
	one := &tracked{id: "shop/up", filled: true, def: &slo.Definition{}, waiting: map[*member][]slo.Sample{{}: nil}, acc: &accumulator{}}
	if data, _ := one.checkpoint(0); data != nil || !one.unsaved.Load() {
		t.Errorf("it is written: %t, or is not tried again", data != nil)
	}
}

// Within five minutes everybody has had a turn, and nobody two.
func TestEveryCheckpointHasItsTurn(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 7, 300, 1000} {
		var all []*tracked
		for i := range n {
			all = append(all, &tracked{id: fmt.Sprintf("shop/%04d", i)})
		}
		all[0].unsaved.Store(true)
		if some := unsaved(all, ""); len(some) != 1 || len(unsaved(all, "")) != 0 {
			t.Errorf("of %d SLOs %d were to be written at once, want 1, once", n, len(some))
		}
		var turn rotation
		turns := map[string]int{}
		for range int(checkpointEvery/checkpointTick) + 1 {
			for _, one := range turn.next(all, checkpointShare) {
				turns[one.id]++
			}
		}
		for _, one := range all {
			if got := turns[one.id]; got < 1 || got > 2 {
				t.Fatalf("of %d SLOs %s had %d turns", n, one.id, got)
			}
		}
	}
}
