package engine

import (
	"context"
	"fmt"
	"testing"
	"time"

	"burnline/slo"
)

// ledger keeps the totals of days in memory, as the state store does in its tables.
type ledger struct {
	days   map[string]slo.DayTotals
	writes int
}

var _ Totals = (*ledger)(nil)

func (l *ledger) SaveTotals(_ context.Context, some []slo.DayTotals) error {
	for _, d := range some {
		l.days[fmt.Sprint(d.SLO, d.Group, d.Day)] = d
		l.writes++
	}
	return nil
}

func (l *ledger) Totals(_ context.Context, id string, from, to time.Time, yield func(slo.DayTotals) error) error {
	for _, d := range l.days {
		if d.SLO == id && d.Day.Add(24*time.Hour).After(from) && d.Day.Before(to) {
			if err := yield(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// keeper is an engine with totals over a store that forgets.
type keeper struct {
	t     *testing.T
	store *memory
	days  *ledger
	now   time.Time
	value float64
	// shape changes the SLO before it is put in force.
	shape func(*slo.Definition)
	*Engine
}

func newKeeper(t *testing.T, now time.Time) *keeper {
	return &keeper{t: t, store: newMemory(), days: &ledger{days: map[string]slo.DayTotals{}}, now: now}
}

func (k *keeper) restart() *tracked {
	e, err := New(Options{
		Reader: k.store, Totals: k.days, Now: func() time.Time { return k.now },
		Commit: func(context.Context, slo.Transition) error { return nil },
	})
	if err != nil {
		k.t.Fatal(err)
	}
	k.Engine = e
	def := eventsSLO("shop/buy")
	if k.shape != nil {
		k.shape(&def)
	}
	if err := e.Update([]slo.Definition{def}); err != nil {
		k.t.Fatal(err)
	}
	one := e.tracked("shop/buy")
	readThrough(k.t.Context(), e, one)
	e.evaluate(k.t.Context(), one)
	return one
}

// pass lets time go by with a sample every five minutes, each of seven events, of which
// one failed.
func (k *keeper) pass(until time.Time) {
	for !k.now.After(until) {
		k.value++
		k.store.commit(reqSeries("200", 1).Labels(), slo.Sample{T: k.now.UnixMilli(), V: 6 * k.value})
		k.store.commit(reqSeries("500", 1).Labels(), slo.Sample{T: k.now.UnixMilli(), V: k.value})
		k.now = k.now.Add(5 * time.Minute)
	}
	k.now = until
}

// forget drops the samples before a moment.
func (k *keeper) forget(before time.Time) {
	for _, s := range k.store.series {
		for len(s.samples) > 0 && s.samples[0].T < before.UnixMilli() {
			s.samples = s.samples[1:]
		}
	}
}

func TestWindowsReachFartherBackThanTheStore(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	k := newKeeper(t, begin)
	for day := range 6 {
		k.pass(begin.Add(time.Duration(day)*24*time.Hour + 30*time.Hour))
		one := k.restart()
		k.saveTotals(t.Context(), one)
	}
	if len(k.days.days) != 6 || k.days.writes < 6 {
		t.Errorf("%d days were kept in %d writes, want 6", len(k.days.days), k.days.writes)
	}
	want := k.Status("shop/buy")[0].Budget
	k.forget(begin.Add(5 * 24 * time.Hour))
	k.restart()
	got := k.Status("shop/buy")[0].Budget
	if got.Counts != want.Counts || got.Elapsed != want.Elapsed || want.Counts.Total < 10_000 {
		t.Errorf("after the store forgot five days: %+v, before: %+v", got, want)
	}
}

// A window of six hours ends before the day does, and reports are made of days all the same.
func TestDaysOfAShortWindowAreKeptToo(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	k := newKeeper(t, begin)
	k.shape = func(d *slo.Definition) {
		d.Window.Rolling = 6 * time.Hour
		d.Policies = slo.DefaultPolicies(d.Window.Rolling)
	}
	k.pass(begin.Add(23 * time.Hour))
	k.restart()
	if held := k.Held("shop/buy", begin); len(held) != 1 || held[0].Total[8] != 21 {
		t.Errorf("in the evening the day holds %+v", held)
	}
	k.pass(begin.Add(26 * time.Hour))
	one := k.restart()
	k.saveTotals(t.Context(), one)
	if len(k.days.days) != 1 {
		t.Fatalf("%d days are kept, want the one that is over", len(k.days.days))
	}
	for _, d := range k.days.days {
		if d.Total[8] != 21 || d.Good[8] != 18 || d.Total[95] != 21 {
			t.Errorf("the day is kept as %v of %v", d.Good, d.Total)
		}
	}
}

func TestAClosedDayIsWrittenOnceAndAgainWhenItChanges(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	k := newKeeper(t, begin)
	k.pass(begin.Add(25 * time.Hour))
	one := k.restart()
	k.saveTotals(t.Context(), one)
	k.saveTotals(t.Context(), one)
	if k.days.writes != 1 {
		t.Fatalf("the day was written %d times", k.days.writes)
	}
	// A gap's samples come a day late: what was spread over it moves.
	late := slo.SeriesSample{Series: reqSeries("200", 2), Sample: slo.Sample{T: begin.Add(10 * time.Hour).UnixMilli(), V: 40}}
	k.store.commit(late.Series.Labels(), late.Sample)
	k.store.commit(late.Series.Labels(), slo.Sample{T: late.T - 60_000})
	k.Deliver([]slo.SeriesSample{late})
	for range 3 {
		k.evaluate(t.Context(), one)
		k.now = k.now.Add(time.Minute)
		readThrough(t.Context(), k.Engine, one)
	}
	k.saveTotals(t.Context(), one)
	if k.days.writes != 2 {
		t.Fatalf("the day was written %d times", k.days.writes)
	}
	for _, d := range k.days.days {
		if d.Total[39] != 3*7+40 || d.Good[39] != 3*6+40 || d.Total[40] != 3*7 {
			t.Errorf("the quarter before ten has %v of %v, the one after %v", d.Good[39], d.Total[39], d.Total[40])
		}
	}
}

func TestTodayIsHeldBeforeItIsOver(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	k := newKeeper(t, begin)
	k.pass(begin.Add(30 * time.Hour))
	k.restart()
	corrected := slo.Correction{ID: "move", SLOs: []string{"shop/buy"}, From: begin.Add(26 * time.Hour), To: begin.Add(27 * time.Hour)}
	k.Correct([]slo.Correction{corrected})
	one := k.tracked("shop/buy")
	for range 3 {
		k.evaluate(t.Context(), one)
		k.now = k.now.Add(time.Minute)
		readThrough(t.Context(), k.Engine, one)
	}
	days := k.Held("shop/buy", begin.Add(25*time.Hour))
	if len(days) != 1 || !days[0].Day.Equal(begin.Add(24*time.Hour)) {
		t.Fatalf("%d days", len(days))
	}
	d := &days[0]
	if d.Total[4] != 21 || d.Good[4] != 18 || d.Total[9] != 0 || d.OutTotal[9] != 21 || d.OutGood[9] != 18 || d.Total[30] != 0 {
		t.Errorf("quarter 4: %v of %v, quarter 9: %v, taken out %v of %v", d.Good[4], d.Total[4], d.Total[9], d.OutGood[9], d.OutTotal[9])
	}
	if n := len(k.Held("shop/buy", begin)); n != 2 {
		t.Errorf("%d days are held", n)
	}
	if k.Held("shop/none", begin) != nil {
		t.Error("an SLO that is not there has days")
	}
}
