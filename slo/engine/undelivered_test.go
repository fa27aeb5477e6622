package engine

import (
	"errors"
	"math/rand/v2"
	"testing"

	"burnline/slo"
)

// A repair reads a sample that is stored and will only be delivered after it. What the sample changes may
// begin before the hour from which on the repair counts: once it is delivered, that is mended too.
func TestASampleThatARepairReadsBeforeItsDeliveryCounts(t *testing.T) {
	t.Parallel()
	begin := floorDiv(1_700_000_000_000, hour) * hour
	for sentence, minute := range map[string]int64{
		"the sample lies after the hour's edge, the one before it does not": 80,
		"the sample is the last before the edge":                            55,
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newBothForms(t, begin)
			w.look()
			w.native("a", begin+30*60_000, 0, 1000)
			w.native("a", begin+90*60_000, 0, 1600)
			for i := range int64(40) {
				w.now = begin + (70+i)*60_000
				if i != 15 {
					w.native("b", w.now, 0, float64(10*i))
				}
			}
			if got := w.look(); got != 600+390 {
				t.Fatalf("counted %v requests, want 990", got)
			}
			between := slo.Sample{T: begin + minute*60_000, H: fakeHistogram{1100, 1100}}
			series := slo.NewSeries(slo.NewLabels(slo.MetricName, "lat", "instance", "a", "job", "shop"))
			w.store.during = func() { w.store.commit(series.Labels(), between) }
			w.native("b", begin+85*60_000, 0, 150)
			w.look()
			w.store.during = nil
			w.engine.Deliver([]slo.SeriesSample{{Series: series, Sample: between}})
			if got := w.look(); !near(got, 600+390) {
				t.Errorf("counted %v requests, want 990", got)
			}
		})
	}
}

// A series that was silent for hours reports while a repair that begins later is under way: what
// is delivered then counts whole.
func TestASilentSeriesThatReportsDuringARepairCounts(t *testing.T) {
	t.Parallel()
	begin := floorDiv(1_700_000_000_000, hour) * hour
	w := newBothForms(t, begin)
	w.look()
	w.native("a", begin+30*60_000, 0, 1000)
	for i := range int64(40) {
		w.now = begin + (270+i)*60_000
		if i != 15 {
			w.native("b", w.now, 0, float64(10*i))
		}
	}
	if got := w.look(); got != 390 {
		t.Fatalf("counted %v requests, want 390", got)
	}
	late := slo.Sample{T: begin + 309*60_000, H: fakeHistogram{1600, 1600}}
	series := slo.NewSeries(slo.NewLabels(slo.MetricName, "lat", "instance", "a", "job", "shop"))
	w.store.during = func() {
		w.store.during = nil
		w.engine.Deliver([]slo.SeriesSample{{Series: series, Sample: late}})
	}
	w.native("b", begin+285*60_000, 0, 150)
	if got := w.look(); !near(got, 600+390) {
		t.Errorf("counted %v requests, want 990", got)
	}
}

// undelivered is an engine that repairs counts for a late sample of pod "b". What pod "a" has stored during
// the repair is delivered after it.
type undelivered struct {
	*bothForms
	begin int64 // of an hour
}

func newUndelivered(t *testing.T) *undelivered {
	u := &undelivered{begin: floorDiv(1_700_000_000_000, hour) * hour}
	u.bothForms = newBothForms(t, u.begin)
	u.look()
	return u
}

// path stores and delivers a sample of one path of pod "a", which is a sibling of the others, so
// many seconds past the hour.
func (u *undelivered) path(path string, seconds, st int64, requests float64) {
	one := u.sample(path, seconds, st, requests)
	u.store.commit(one.Series.Labels(), one.Sample)
	u.engine.Deliver([]slo.SeriesSample{one})
}

func (u *undelivered) sample(path string, seconds, st int64, requests float64) slo.SeriesSample {
	return slo.SeriesSample{
		Series: slo.NewSeries(slo.NewLabels(slo.MetricName, "lat", "instance", "a", "job", "shop", "path", path)),
		Sample: slo.Sample{T: u.begin + seconds*1000, ST: st, H: fakeHistogram{requests, requests}},
	}
}

// others has pod "b" count 10 requests a minute from one minute to another, without a sample at one of them.
func (u *undelivered) others(from, to, without int64) {
	for minute := from; minute <= to; minute++ {
		if u.now = u.begin + minute*60_000; minute != without {
			u.native("b", u.now, 0, float64(10*(minute-from)))
		}
	}
}

// repair delivers the sample of "b" that is late. One of path is stored once the repair reads.
func (u *undelivered) repair(from, late int64, early slo.SeriesSample) {
	u.store.during = func() { u.store.commit(early.Series.Labels(), early.Sample) }
	u.native("b", u.begin+late*60_000, 0, float64(10*(late-from)))
	u.look()
	u.store.during = nil
}

// A path is born shortly after the hour. That its sibling reported once more before the hour is read by
// a repair of what comes after the hour, and delivered later.
func TestASiblingThatARepairReadsBeforeItsDeliveryMovesABirth(t *testing.T) {
	t.Parallel()
	for sentence, start := range map[string]int64{"without a start time": 0, "with a start time of long ago": 2 * hour} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			u := newUndelivered(t)
			if start > 0 {
				start = u.begin - start
			}
			u.path("/", 58*60, 0, 1000)
			u.path("/new", 61*60, start, 100)
			u.others(65, 110, 80)
			if got := u.look(); got != 100+450 {
				t.Fatalf("counted %v requests, want 550", got)
			}
			early := u.sample("/", 59*60+30, 0, 1000)
			u.repair(65, 80, early)
			u.engine.Deliver([]slo.SeriesSample{early})
			if got := u.look(); !near(got, 100+450) {
				t.Errorf("counted %v requests, want 550", got)
			}
		})
	}
}

// The sibling reported only after the hour, and until then the path's first value counted since its process began.
func TestAStartTimeThatASiblingOverridesBeforeItsDelivery(t *testing.T) {
	t.Parallel()
	u := newUndelivered(t)
	u.path("/new", 69*60, u.begin+30*60_000, 100)
	u.others(75, 120, 100)
	if got := u.look(); got != 100+450 {
		t.Fatalf("counted %v requests, want 550", got)
	}
	early := u.sample("/", 68*60, 0, 1000)
	u.repair(75, 100, early)
	u.engine.Deliver([]slo.SeriesSample{early})
	if got := u.look(); !near(got, 100+450) {
		t.Errorf("counted %v requests, want 550", got)
	}
}

// Between the repair that reads a sample and its delivery there is another repair, of a later time.
func TestASampleThatTwoRepairsReadBeforeItsDeliveryCounts(t *testing.T) {
	t.Parallel()
	u := newUndelivered(t)
	u.path("/", 30*60, 0, 1000)
	u.path("/", 90*60, 0, 1600)
	u.others(95, 260, 120)
	if got := u.look(); got != 600+1650 {
		t.Fatalf("counted %v requests, want 2250", got)
	}
	early := u.sample("/", 80*60, 0, 1100)
	u.repair(95, 100, early)
	u.repair(95, 120, early)
	u.native("b", u.begin+230*60_000+1, 0, 1350)
	u.look()
	u.engine.Deliver([]slo.SeriesSample{early})
	if got := u.look(); !near(got, 600+1650) {
		t.Errorf("counted %v requests, want 2250", got)
	}
}

// A repair begins after the birth of a path, and no longer holds it. A sample of its sibling, silent
// since, that comes then and lies nearer to the birth moves it all the same.
func TestABirthBeforeARepairIsMovedByALateSibling(t *testing.T) {
	t.Parallel()
	u := newUndelivered(t)
	u.path("/", 50*60, 0, 1000)
	u.path("/new", 55*60, 0, 100)
	u.others(65, 100, 80)
	u.look()
	u.native("b", u.begin+80*60_000, 0, 150)
	u.look()
	u.path("/", 53*60, 0, 1000)
	u.look()
	for range 20 {
		u.now += 60_000
		u.engine.evaluate(t.Context(), u.slo)
		u.world().compare(0)
	}
}

// What came since a checkpoint is read a second time after storage failed in the middle of it. A sample that is
// delivered between the two, older than what the first one left off at, counts as well.
func TestALateSampleBetweenTwoAttemptsToResumeCounts(t *testing.T) {
	t.Parallel()
	u := newUndelivered(t)
	kept := newShelf()
	u.start(kept)
	u.others(1, 60, 0)
	u.look()
	u.engine.saveCheckpoints(t.Context(), []*tracked{u.slo})
	for minute := int64(61); minute <= 75; minute++ {
		if u.now = u.begin + minute*60_000; minute != 65 {
			u.native("b", u.now, 0, float64(10*minute))
		}
	}
	u.path("/new", 70*60, 0, 100)
	u.start(kept)
	u.store.during = func() { // the new path's series is looked up once the rest was read up to it
		if u.slo.table.series.size > 1 && u.store.err == nil {
			u.store.err = errors.New("the disk is slow")
		}
	}
	u.engine.readOnce(t.Context(), u.slo)
	if u.slo.readErr == nil {
		t.Fatal("reading on from the checkpoint does not fail")
	}
	u.store.during, u.store.err = nil, nil
	u.native("b", u.begin+65*60_000, 0, 650)
	u.look()
	for range 20 {
		u.now += 60_000
		u.engine.evaluate(t.Context(), u.slo)
		u.world().compare(0)
	}
}

// world compares the counts of all windows with brute force.
func (u *undelivered) world() *world {
	return &world{t: u.t, rng: rand.New(rand.NewPCG(1, 1)), now: u.now, store: u.store, engine: u.engine, slo: u.slo, def: *u.slo.def}
}
