package engine

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"burnline/slo"
)

var (
	propertyRuns = flag.Int("property-runs", 150, "random streams that are compared with brute force")
	propertyTime = flag.Duration("property-for", 0, "compare random streams for so long instead, however many they are")
	propertySeed = flag.Uint64("property-seed", 0, "run only this seed")
)

// arrival is one sample on its way into the store and on to the engine.
type arrival struct {
	at     int64
	series *slo.Series
	sample slo.Sample
}

// Whatever comes in whatever order, before, during and after history is read,
// the counts of every window are those of brute force over the raw samples.
func TestCountsEqualBruteForce(t *testing.T) {
	if *propertySeed != 0 {
		compareWithBruteForce(t, *propertySeed)
		return
	}
	first := uint64(time.Now().UnixNano())
	began, runs := time.Now(), 0
	for ; runs < *propertyRuns && *propertyTime == 0 || time.Since(began) < *propertyTime; runs++ {
		compareWithBruteForce(t, first+uint64(runs))
		if t.Failed() {
			return
		}
	}
	t.Logf("%d streams from seed %d on agree with brute force", runs, first)
}

func compareWithBruteForce(t *testing.T, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, rng)
	w.run()
	w.settle(seed)
	for n := range 4 {
		w.compare(seed)
		if t.Failed() {
			t.Logf("run again with -property-seed=%d (look %d)", seed, n)
			return
		}
		w.now += rng.Int64N(20 * 60_000)
		w.engine.evaluate(context.Background(), w.slo)
	}
}

// world is one random test run.
type world struct {
	t        *testing.T
	rng      *rand.Rand
	now      int64
	store    *memory
	engine   *Engine
	slo      *tracked
	def      slo.Definition
	arrivals []arrival
	pending  []slo.SeriesSample // committed, not delivered yet
	nested   bool
	shelf    *shelf // nil unless the process is killed now and then
	waits    int64  // since when samples wait for their delivery
	// corrections are those in force.
	corrections []slo.Correction
}

func newWorld(t *testing.T, rng *rand.Rand) *world {
	w := &world{t: t, rng: rng, store: newMemory(), now: 1_700_000_000_000 + rng.Int64N(7_200_000)}
	w.def = randomDefinition(rng, w.now)
	start := w.now
	length := []int64{10 * 60_000, 2 * hour, 8 * hour, 40 * hour, 100 * hour}[rng.IntN(5)]
	for i := range 2 + rng.IntN(6) {
		w.stream(i, start, length)
	}
	slices.SortStableFunc(w.arrivals, func(a, b arrival) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	e, err := New(Options{
		Reader: w.store, Now: func() time.Time { return time.UnixMilli(w.now) },
		Commit: func(context.Context, slo.Transition) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Update([]slo.Definition{w.def}); err != nil {
		t.Fatal(err)
	}
	w.engine, w.slo = e, e.tracked(w.def.ID)
	if rng.IntN(4) == 0 {
		w.slo.room = 5 + rng.IntN(100) // what doesn't fit is read from storage
	}
	w.store.during = w.interfere
	return w
}

// randomWindow is rolling, or one of the calendar that often begins in the middle of
// the samples, in some time zone.
func randomWindow(rng *rand.Rand, now int64) slo.Window {
	if rng.IntN(3) > 0 {
		return slo.Window{Rolling: []time.Duration{
			4 * time.Minute, time.Hour, 5 * time.Hour, 2 * 24 * time.Hour, 5 * 24 * time.Hour, 30 * 24 * time.Hour,
		}[rng.IntN(6)]}
	}
	unit := []slo.CalendarUnit{slo.Week, slo.Month, slo.Quarter, slo.Year}[rng.IntN(4)]
	zone := []string{"UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe"}[rng.IntN(5)]
	anchor := time.UnixMilli(now + rng.Int64N(30*hour)).UTC().Truncate(15 * time.Minute)
	c, err := slo.NewCalendar(unit, 1, zone, anchor)
	if err != nil {
		panic(err)
	}
	return slo.Window{Calendar: c}
}

func randomBudgeting(rng *rand.Rand) slo.Budgeting {
	b := slo.Budgeting{Slice: []time.Duration{30 * time.Second, time.Minute, 7 * time.Minute, time.Hour, 3 * time.Hour}[rng.IntN(5)]}
	switch rng.IntN(4) {
	case 0:
		b.Method, b.Target = slo.Timeslices, []float64{0.5, 0.9, 1}[rng.IntN(3)]
	case 1:
		b.Method = slo.RatioTimeslices
	default:
		return slo.Budgeting{}
	}
	return b
}

func randomDefinition(rng *rand.Rand, now int64) slo.Definition {
	sel := func(pairs ...string) slo.Selector {
		s := slo.Selector{Name: "req"}
		for i := 0; i < len(pairs); i += 2 {
			s.Matchers = append(s.Matchers, slo.Matcher{Label: pairs[i], Op: slo.MatchEqual, Value: pairs[i+1]})
		}
		return s
	}
	d := slo.Definition{ID: "shop/buy", Objective: 99.9, ResolveAfter: 5 * time.Minute, MinBad: 2}
	d.Window = randomWindow(rng, now)
	d.Policies = slo.DefaultPolicies(d.Window.Nominal())
	d.Budgeting = randomBudgeting(rng)
	if rng.IntN(2) == 0 {
		d.GroupBy = []string{"region"}
	}
	total := slo.Sum{{Selector: sel()}}
	switch rng.IntN(5) {
	case 0:
		d.SLI.Events = &slo.EventsSLI{Total: total, Bad: slo.Sum{{Selector: sel("code", "500")}}}
	case 1:
		d.SLI.Events = &slo.EventsSLI{Total: total, Good: slo.Sum{{Selector: sel("code", "200")}}}
	case 2:
		d.SLI.Events = &slo.EventsSLI{Total: append(total, slo.Signed{Selector: sel("code", "404"), Minus: true}), Bad: slo.Sum{{Selector: sel("code", "500")}}}
	case 3:
		d.SLI.Latency = &slo.LatencySLI{Histogram: slo.Selector{Name: "req"}, Threshold: 300 * time.Millisecond}
	case 4:
		one := sel()
		d.SLI.Samples = &slo.SamplesSLI{Selector: &one, Op: slo.LT, Value: float64(rng.IntN(2000))}
	}
	return d
}

// stream makes the samples of one series (of two for a classic histogram): with
// resets, gaps, a late birth, an early end, duplicates, and delays of seconds,
// minutes and hours. Merged buckets make a native histogram's good part jump.
func (w *world) stream(i int, start, length int64) {
	rng := w.rng
	labels := slo.NewLabels(slo.MetricName, "req", "job", "a", "instance", fmt.Sprint(rng.IntN(2)),
		"code", []string{"200", "500", "404"}[i%3], "region", []string{"", "eu", "us"}[rng.IntN(3)], "n", fmt.Sprint(i))
	carry := w.carriers(labels)
	step := []int64{1000, 5000, 15_000, 60_000, 400_000}[rng.IntN(5)]
	for length/step > 600 {
		step *= 3
	}
	begin, end := start+rng.Int64N(2000), start+length
	if rng.IntN(2) == 0 {
		begin += rng.Int64N(length)
	}
	if rng.IntN(3) == 0 {
		end = begin + rng.Int64N(length)
	}
	var st int64
	if rng.IntN(2) == 0 {
		st = begin - rng.Int64N(100*hour)
	}
	first, last := begin, end // of the native form beside a classic one
	if rng.IntN(2) == 0 {
		first += rng.Int64N(max(1, end-begin))
	}
	if rng.IntN(2) == 0 {
		last -= rng.Int64N(max(1, end-first))
	}
	v, good := float64(rng.IntN(1000)), 0.0
	good = math.Floor(v / 2)
	for at := begin; at < end; at += step {
		at += rng.Int64N(step)/10 - step/20
		more := float64(rng.IntN(20))
		v, good = v+more, good+float64(rng.IntN(int(more)+1))
		switch rng.IntN(60) {
		case 0: // the process begins anew
			v, good = float64(rng.IntN(5)), 0
			if st > 0 {
				st = at - rng.Int64N(step)
			}
		case 1:
			at += rng.Int64N(40 * 60_000)
		}
		below := good
		if rng.IntN(20) == 0 {
			below = math.Floor(v * rng.Float64())
		}
		for k, c := range carry {
			if k == 2 && (at < first || at > last) {
				continue
			}
			s := c.sample(v, good, below)
			s.T, s.ST = at, st
			w.arrivals = append(w.arrivals, arrival{at + w.delay(), c.series, s})
			if rng.IntN(20) == 0 {
				w.arrivals = append(w.arrivals, arrival{at + w.delay(), c.series, s})
			}
		}
	}
}

// carrier is one series of a stream; sample gives it its value from the count,
// the good ones, and what a native histogram takes for the good ones.
type carrier struct {
	series *slo.Series
	sample func(count, good, below float64) slo.Sample
}

// carriers returns the series that a stream has: a counter, or for a latency a
// native histogram, or a classic one's count and its bucket at the threshold.
func (w *world) carriers(labels slo.Labels) []carrier {
	count := func(count, _, _ float64) slo.Sample { return slo.Sample{V: count} }
	if w.def.SLI.Latency == nil {
		return []carrier{{slo.NewSeries(labels), count}}
	}
	native := carrier{slo.NewSeries(labels), func(count, _, below float64) slo.Sample {
		return slo.Sample{H: fakeHistogram{count, below}}
	}}
	form := w.rng.IntN(3)
	if form == 0 {
		return []carrier{native}
	}
	as := func(suffix string, pairs ...string) *slo.Series {
		for _, l := range labels {
			value := l.Value
			if l.Name == slo.MetricName {
				value += suffix
			}
			pairs = append(pairs, l.Name, value)
		}
		return slo.NewSeries(slo.NewLabels(pairs...))
	}
	both := []carrier{
		{as("_count"), count},
		{as("_bucket", "le", []string{"0.3", "0.30", "3e-1"}[w.rng.IntN(3)]), func(_, good, _ float64) slo.Sample { return slo.Sample{V: good} }},
	}
	if form == 1 {
		both = append(both, native)
	}
	return both
}

func (w *world) delay() int64 {
	switch n := w.rng.IntN(400); {
	case n < 300:
		return w.rng.Int64N(3000)
	case n < 380:
		return w.rng.Int64N(110_000)
	case n < 385:
		return w.rng.Int64N(2 * hour)
	case n < 390:
		return -w.rng.Int64N(9 * 60_000)
	}
	return 0
}

// arrive commits the next samples and delivers them now or later.
func (w *world) arrive(n int) {
	for ; n > 0 && len(w.arrivals) > 0; n-- {
		a := w.arrivals[0]
		w.arrivals = w.arrivals[1:]
		w.now = max(w.now, a.at)
		one := slo.SeriesSample{Series: a.series, Sample: a.sample}
		if w.shelf != nil && len(w.pending) > 0 && w.now-w.waits > 30_000 {
			w.engine.Deliver(w.pending)
			w.pending = nil
		}
		if err := w.engine.Announce(context.Background(), []slo.SeriesSample{one}); err != nil {
			w.t.Fatal(err)
		}
		if len(w.pending) == 0 {
			w.waits = w.now
		}
		w.store.commit(a.series.Labels(), a.sample)
		w.pending = append(w.pending, one)
	}
	if w.rng.IntN(3) > 0 {
		w.rng.Shuffle(len(w.pending), func(i, j int) { w.pending[i], w.pending[j] = w.pending[j], w.pending[i] })
		w.engine.Deliver(w.pending)
		w.pending = nil
	}
}

// interfere lets samples arrive, and be judged, in the middle of a read.
func (w *world) interfere() {
	if w.nested || w.rng.IntN(4) > 0 {
		return
	}
	w.nested = true
	defer func() { w.nested = false }()
	w.arrive(1 + w.rng.IntN(5))
	if w.rng.IntN(20) == 0 {
		w.correct()
	}
	if w.rng.IntN(2) == 0 {
		w.engine.evaluate(context.Background(), w.slo)
	}
}

func (w *world) run() {
	w.arrive(w.rng.IntN(len(w.arrivals) + 1)) // some of it is history before the engine begins
	w.pending = nil
	for len(w.arrivals) > 0 {
		w.arrive(1 + w.rng.IntN(30))
		if w.rng.IntN(2) == 0 {
			w.engine.evaluate(context.Background(), w.slo)
		}
		if w.rng.IntN(6) == 0 && w.slo.wantsRead(w.now) {
			w.engine.readOnce(context.Background(), w.slo)
		}
		if w.shelf != nil {
			w.killSometimes()
		}
		if len(w.pending) > 0 && w.rng.IntN(300) == 0 && !w.slo.filled {
			w.pending = w.pending[:0] // stored, but never delivered
		}
		if w.rng.IntN(200) == 0 {
			w.engine.sweep(time.UnixMilli(w.now))
		}
		if w.rng.IntN(60) == 0 {
			w.correct()
		}
	}
}

// correct replaces the corrections: some stay, others take out a stretch of the past, of
// now, or of the future; some concern another service.
func (w *world) correct() {
	rng := w.rng
	var all []slo.Correction
	for _, c := range w.corrections {
		if rng.IntN(3) > 0 {
			all = append(all, c)
		}
	}
	for range rng.IntN(3) {
		from := w.now + rng.Int64N(2*hour) - rng.Int64N([]int64{2 * hour, 100 * hour}[rng.IntN(2)])
		to := from + 1 + rng.Int64N([]int64{1000, 10 * 60_000, 20 * hour}[rng.IntN(3)])
		all = append(all, slo.Correction{
			Kind: slo.Exclusion, SLOs: []string{[]string{"shop/*", "shop/*", "shop/*", "other/*"}[rng.IntN(4)]},
			From: time.UnixMilli(from), To: time.UnixMilli(to),
		})
	}
	w.corrections, w.store.corrected = all, nil
	for _, c := range all {
		if c.SLOs[0] == "shop/*" {
			w.store.corrected = append(w.store.corrected, span{c.From.UnixMilli(), c.To.UnixMilli()})
		}
	}
	w.engine.Correct(all)
}

// settle lets everything come to rest.
func (w *world) settle(seed uint64) {
	w.store.during = nil
	w.engine.Deliver(w.pending)
	w.now += 10 * 60_000
	for n := 0; ; n++ {
		w.engine.evaluate(context.Background(), w.slo)
		w.now += maxBackOff.Milliseconds()
		if w.slo.mustRead() {
			w.engine.readOnce(context.Background(), w.slo)
		} else if n > 2 {
			return
		}
		if n > 50 {
			w.t.Fatalf("seed %d: reading never comes to rest: filled %v, %d late, %d waiting, error %v",
				seed, w.slo.filled, len(w.slo.late), len(w.slo.waiting), w.slo.readErr)
		}
	}
}

func (t *tracked) mustRead() bool { return t.wantsRead(math.MaxInt64) }

func (w *world) compare(seed uint64) {
	for _, s := range w.engine.Status(w.def.ID) {
		whole := bruteWhole(w.store, &w.def, s.Group.String(), s.At)
		if !near(s.Whole.Counts.Total, whole.Total) || !near(s.Whole.Counts.Good, whole.Good) {
			w.t.Errorf("seed %d: group %q the whole %s: counted %v/%v (good/total), brute force %v/%v", seed,
				s.Group, w.def.Window, s.Whole.Counts.Good, s.Whole.Counts.Total, whole.Good, whole.Total)
		}
		for _, b := range s.Burns {
			if b.Name == s.Whole.Name {
				continue
			}
			want := bruteWindow(w.store, &w.def, s.Group.String(), s.At, b.Window)
			if !near(b.Counts.Total, want.Total) || !near(b.Counts.Good, want.Good) {
				w.t.Errorf("seed %d: group %q window %s of %s: counted %v/%v (good/total), brute force %v/%v", seed,
					s.Group, b.Window, w.def.Window, b.Counts.Good, b.Counts.Total, want.Good, want.Total)
			}
		}
	}
	w.compareGroups()
}

// compareGroups makes sure that no group with events goes unseen.
func (w *world) compareGroups() {
	have := map[string]bool{}
	for _, s := range w.engine.Status(w.def.ID) {
		have[s.Group.String()] = true
	}
	for _, s := range brutePoints(w.store, &w.def) {
		key := s.labels.Keep(w.def.GroupBy).String()
		c := bruteWhole(w.store, &w.def, key, time.UnixMilli(w.now))
		if c.Total != 0 && !have[key] {
			w.t.Errorf("group %q has %v events and no status", key, c.Total)
		}
	}
}

func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b))
}
