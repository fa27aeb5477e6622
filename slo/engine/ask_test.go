package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// oracle answers queries. What it says of a slice is provisional until the samples that
// came late are in; then it never changes.
type oracle struct {
	now   *int64
	final map[string]map[int64]float64 // by series and slice end
	ready map[int64]int64              // by slice end: from when on the final answer is given
	fails func() bool
}

func (o *oracle) QueryRange(_ context.Context, _ string, from, to time.Time, step time.Duration, yield func(slo.SeriesSamples) error) error {
	if o.fails != nil && o.fails() {
		return errors.New("the backend is away")
	}
	for region, values := range o.final {
		run := slo.SeriesSamples{Series: slo.NewSeries(slo.NewLabels("region", region))}
		for at := from.UnixMilli(); at <= to.UnixMilli(); at += step.Milliseconds() {
			v, ok := values[at]
			if *o.now < o.ready[at] {
				v, ok = 0.5, at%3 != 0
			}
			if ok {
				run.Samples = append(run.Samples, slo.Sample{T: at, V: v})
			}
		}
		if len(run.Samples) > 0 {
			if err := yield(run); err != nil {
				return err
			}
		}
	}
	return nil
}

// count is brute force: what the final answers of one series count in (start, end];
// those up to asked are known.
func (o *oracle) count(d *slo.Definition, region string, start, end, asked int64) slo.Counts {
	var all []bruteCount
	for at, v := range o.final[region] {
		c := bruteCount{from: at, to: at, total: 1, good: 1 - min(1, max(0, v))}
		if s := d.SLI.Samples; s != nil {
			c.good = 0
			if s.Op.Holds(v, s.Value) {
				c.good = 1
			}
		}
		if !math.IsNaN(v) && at <= asked {
			all = append(all, c)
		}
	}
	b := brute{events: all}
	if d.Budgeting.Sliced() {
		b.slices = bruteSlices(all, d.Budgeting)
	}
	return b.between(start, end)
}

// Whatever a query answers at first, whenever it fails and however long the past is,
// the counts of every window are those of its final answers.
func TestAnswersEqualBruteForce(t *testing.T) {
	first := uint64(time.Now().UnixNano())
	if *propertySeed != 0 {
		first = *propertySeed
	}
	for n := range uint64(40) {
		compareAnswers(t, first+n)
		if t.Failed() {
			t.Fatalf("run again with -property-seed=%d", first+n)
		}
	}
}

func askedSLO(rng *rand.Rand, now int64, every time.Duration) slo.Definition {
	d := slo.Definition{ID: "shop/buy", Objective: 99, ResolveAfter: 5 * time.Minute, MinBad: 2, GroupBy: []string{"region"}}
	d.Window = randomWindow(rng, now)
	d.Policies = slo.DefaultPolicies(d.Window.Nominal())
	if rng.IntN(2) == 0 {
		d.SLI.Ratio = &slo.RatioSLI{Query: "bad[$window]", Slice: every}
		return d
	}
	d.SLI.Samples = &slo.SamplesSLI{Query: "up * 1", Op: slo.LT, Value: 0.4, Every: every}
	if rng.IntN(2) == 0 {
		d.Budgeting = slo.Budgeting{Method: slo.Timeslices, Slice: 5 * every, Target: 1}
	}
	return d
}

func compareAnswers(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 7))
	now := 1_700_000_000_000 + rng.Int64N(7_200_000)
	every := []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute}[rng.IntN(3)]
	d := askedSLO(rng, now, every)
	if d.Window.Longest() > 100*24*time.Hour {
		// A year of short slices would take thousands of queries.
		every = 5 * time.Minute
		d = askedSLO(rng, now, every)
	}
	o := &oracle{now: &now, final: map[string]map[int64]float64{"eu": {}, "us": {}}, ready: map[int64]int64{}}
	step := every.Milliseconds()
	begin := floorDiv(now-rng.Int64N(80*hour), step) * step
	until := now + rng.Int64N(3*hour)
	for at := begin; at <= until+hour; at += step {
		if at < until {
			o.ready[at] = at + rng.Int64N(DefaultLateness.Milliseconds())
		}
		for _, values := range o.final {
			switch v := rng.Float64()*1.5 - 0.25; rng.IntN(8) {
			case 0:
			case 1:
				values[at] = math.NaN()
			default:
				values[at] = v
			}
		}
	}
	e, err := New(Options{
		Reader: newMemory(), Querier: o, Now: func() time.Time { return time.UnixMilli(now) },
		Commit: func(context.Context, slo.Transition) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Update([]slo.Definition{d}); err != nil {
		t.Fatal(err)
	}
	one := e.tracked(d.ID)
	ask := func() {
		for n := 0; one.wantsAsk(now) && n < 100; n++ {
			e.askOnce(t.Context(), one)
		}
		e.evaluate(t.Context(), one)
	}
	o.fails = func() bool { return rng.IntN(10) == 0 }
	for now < until {
		ask()
		now += rng.Int64N(min(step, DefaultLateness.Milliseconds()))
	}
	o.fails = nil
	for range 10 {
		now += max(step, maxBackOff.Milliseconds())
		ask()
	}
	for _, s := range e.Status(d.ID) {
		region := s.Group.Get("region")
		for _, b := range s.Burns {
			start := slo.Start(s.At, b.Window)
			if b.Name == s.Whole.Name {
				start, _ = d.Window.Bounds(s.At)
			}
			got, want := b.Counts, o.count(&d, region, start.UnixMilli(), (s.At.UnixMilli()+999)/1000*1000, one.acc.asked)
			if !near(got.Total, want.Total) || !near(got.Good, want.Good) {
				t.Errorf("%s over %s of %s: counted %v/%v (good/total), brute force %v/%v", region, b.Name, d.Window,
					got.Good, got.Total, want.Good, want.Total)
			}
		}
	}
	if len(e.Status(d.ID)) != 2 {
		t.Errorf("%d groups, want eu and us", len(e.Status(d.ID)))
	}
}

func TestAQueryThatCannotBeCountedIsNeverHealthy(t *testing.T) {
	now := int64(1_700_000_000_000)
	o := &oracle{now: &now, final: map[string]map[int64]float64{"eu": {}, "us": {}}}
	for at := now - hour; at <= now+2*hour; at += 1000 {
		o.final["eu"][at] = 0
	}
	start := func(q Querier, by ...string) (func(time.Duration) slo.Status, *Engine) {
		e, err := New(Options{
			Reader: newMemory(), Querier: q, Now: func() time.Time { return time.UnixMilli(now) },
			Commit: func(context.Context, slo.Transition) error { return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		d := slo.Definition{ID: "shop/buy", Objective: 99, Window: slo.Window{Rolling: time.Hour}, GroupBy: by}
		d.SLI.Ratio = &slo.RatioSLI{Query: "x", Slice: time.Minute}
		d.Policies = slo.DefaultPolicies(30 * 24 * time.Hour)[:1]
		if err := e.Update([]slo.Definition{d}); err != nil {
			t.Fatal(err)
		}
		one := e.tracked(d.ID)
		return func(pass time.Duration) slo.Status {
			for end := now + pass.Milliseconds(); now < end; now += 10_000 {
				if one.wantsAsk(now) {
					e.askOnce(t.Context(), one)
				}
				e.evaluate(t.Context(), one)
			}
			return e.Status(d.ID)[0]
		}, e
	}
	expect := func(s slo.Status, state slo.State, reason string) {
		t.Helper()
		if s.State != state || !strings.Contains(s.Reason, reason) {
			t.Errorf("state %s (%s), want %s (…%s)", s.State, s.Reason, state, reason)
		}
	}
	pass, _ := start(nil)
	expect(pass(time.Minute), slo.StateBroken, "nothing is there to ask")
	pass, _ = start(o)
	expect(pass(2*time.Minute), slo.StateOK, "")
	o.fails = func() bool { return true }
	expect(pass(time.Minute), slo.StateOK, "")
	expect(pass(4*time.Minute), slo.StateBroken, "The query can't be evaluated: evaluate x: the backend is away")
	o.fails = nil
	expect(pass(time.Minute), slo.StateOK, "")
	for at := range o.final["eu"] {
		o.final["us"][at] = 1
	}
	expect(pass(2*time.Minute), slo.StateBroken, fmt.Sprintf("more than one series for one group: %s", `{region="`))
	o.final["us"] = map[int64]float64{}
	expect(pass(2*time.Minute), slo.StateOK, "")
}

// What a query answers is asked of the past again in a replay, too, and so are the parts of
// a composite.
func TestReplayAsksQueries(t *testing.T) {
	s := newStory(t)
	for _, line := range []string{"slo objective=99 window=30d kind=ratio slice=1m", "answer - 0", "begin", "at 1h", "answer - 0.5", "at 90m"} {
		s.command(strings.Fields(line))
	}
	both := slo.Definition{
		ID: "shop/all", Objective: 99, Window: s.def.Window, Policies: s.def.Policies,
		SLI: slo.SLI{Composite: &slo.CompositeSLI{Method: slo.Worst, Parts: []slo.CompositePart{{SLO: s.def.ID, Weight: 1}}}},
	}
	opt := ReplayOptions{Definitions: []slo.Definition{both, s.def}, Reader: s.store, Querier: s, From: s.now.Add(-time.Hour), To: s.now}
	got, err := Replay(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	live := s.engine.Status(s.def.ID)[0].Budget
	for _, status := range got.Statuses {
		if b := status.Budget; math.Abs(b.Remaining-live.Remaining) > 1e-4 || b.Remaining > 0.99 {
			t.Errorf("of %s %v is left, live %v (%s)", status.ID, b.Remaining, live.Remaining, status.Reason)
		}
		if got.Count(status.ID, slo.Page) != 1 {
			t.Errorf("%s has %d pages, want one", status.ID, got.Count(status.ID, slo.Page))
		}
	}
	opt.Querier = nil
	if _, err := Replay(t.Context(), opt); err == nil || !strings.Contains(err.Error(), "nothing is there to ask") {
		t.Errorf("without a querier: %v", err)
	}
}

func TestASliceWithoutLengthIsRefused(t *testing.T) {
	for what, edit := range map[string]func(*slo.Definition){
		"a ratio":    func(d *slo.Definition) { d.SLI = slo.SLI{Ratio: &slo.RatioSLI{Query: "x"}} },
		"a query":    func(d *slo.Definition) { d.SLI = slo.SLI{Samples: &slo.SamplesSLI{Query: "x"}} },
		"timeslices": func(d *slo.Definition) { d.Budgeting.Method = slo.Timeslices },
	} {
		w := newTown(t)
		d := partSLO("pay", time.Hour)
		edit(&d)
		if err := w.engine.Update([]slo.Definition{d}); err == nil {
			t.Errorf("%s without a slice was taken", what)
		}
	}
}
