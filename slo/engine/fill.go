package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"time"

	"burnline/slo"
)

// Reading history: what lies before its start is read for base samples and
// siblings, and a chunk is as long as keeps it small in memory.
const (
	lookback    = int64(10 * time.Minute / time.Millisecond)
	hour        = int64(time.Hour / time.Millisecond)
	firstChunk  = 6 * hour
	longChunk   = 24 * hour
	chunkGoal   = 300_000 // samples
	maxWidening = 8
)

// maxLookup is how many samples of a series that were stored but not delivered
// are looked up one by one; if there are more, a repair reads them together.
const maxLookup = 1000

// errUndelivered puts a repair off: a sample is stored but not delivered yet, or is lost.
var errUndelivered = errors.New("a stored sample was not delivered yet")

// errReachesBack has a repair begin again, earlier.
var errReachesBack = errors.New("a sample that was not delivered yet matters to counts that were not repaired")

// errDoubled gives a repair up: the counts that it was to mend are of no use any more.
var errDoubled = errors.New("both forms of a histogram were counted; all history is read anew")

// fill reads an SLO's history from storage into a fresh accumulator and puts
// it in place: all of it when none was read yet, else from before the first
// sample that came too late. Counting goes on meanwhile with the old counts; what
// is delivered meanwhile is counted again at the end, which changes nothing
// where it was read.
func (e *Engine) fill(ctx context.Context, t *tracked) error {
	now := e.opt.Now().UnixMilli()
	t.mu.Lock()
	if t.complete() && len(t.late) == 0 && t.corrections.recount == 0 {
		t.mu.Unlock()
		return nil
	}
	if t.resumed != nil {
		t.mu.Unlock()
		return e.resume(ctx, t)
	}
	late, newest := t.late, t.newestLate
	again := t.startRebuilding(now)
	t.mu.Unlock()

	var err error
	if again.repair {
		again.from, err = e.repairFrom(ctx, late, again.keep, again.begin)
		if again.recount != 0 {
			again.from = min(again.from, max(again.begin, again.keep.edge(again.recount)))
		}
	}
	if err == nil {
		err = e.rebuild(ctx, t, &again)
	}
	if err == nil {
		return nil
	}
	t.mu.Lock()
	for m, at := range late {
		t.tooLate(m, at)
	}
	if len(late) > 0 {
		t.newestLate = max(t.newestLate, newest)
	}
	t.logging, t.log = false, nil
	t.mu.Unlock()
	return err
}

// rebuilding is what is to be counted again.
type rebuilding struct {
	keep   keep
	repair bool
	// quick says that what pages need is read first, and the rest later.
	quick bool
	// begin is where history begins, and from where what is counted again does.
	begin, from, floor int64
	watch              [2]int64
	corrected          spans
	recount            int64
	// natives are the native histograms that are known, and known those that were so at
	// the beginning; see twins.go.
	natives, known map[uint64]reign
}

// startRebuilding says what is to be counted again, and from now on logs what is delivered. Where
// a repair begins is still to be read. The caller holds mu.
func (t *tracked) startRebuilding(now int64) rebuilding {
	kept := t.acc.keep
	again := rebuilding{
		keep: kept, repair: t.complete(), quick: t.quickens(now),
		begin: kept.begin(now), floor: t.acc.floor, watch: [2]int64{math.MaxInt64, t.newestLate + spreadSpan},
		corrected: t.corrections.spans, recount: t.corrections.recount, natives: maps.Clone(t.acc.natives),
	}
	if len(t.late) > 0 {
		again.corrected, again.recount = t.acc.corrected, 0 // one after the other
	}
	again.known = again.natives // a rebuilt accumulator's is another one
	again.from = again.begin
	if again.repair {
		for _, at := range t.late {
			again.watch[0] = min(again.watch[0], at)
		}
	} else {
		if again.quick {
			again.from = t.quickFrom(now)
		}
		again.floor = again.from - lookback
	}
	t.late = map[*member]int64{}
	t.logging, t.log, t.lost = true, nil, math.MaxInt64
	t.reached.Store(0)
	return again
}

// rebuild counts into a fresh accumulator and puts it in place. It begins again, earlier,
// where the birth of a series reaches farther back, and later, where storage no longer
// holds what corrections are to be applied to.
func (e *Engine) rebuild(ctx context.Context, t *tracked, r *rebuilding) error {
	moved := false
	for n := 0; ; n++ {
		b := newAccumulator(r.keep, e.opt.Lateness)
		b.clip, b.floor, b.watch, b.corrected, b.moved = r.from, r.floor, r.watch, r.corrected, moved
		b.natives = maps.Clone(r.natives)
		if r.repair {
			b.surplus = newSurplus(r.known)
		}
		if err := e.read(ctx, t, b, r.from-lookback); err != nil {
			return err
		}
		if b.doubled && n < maxWidening {
			r.natives = b.natives
			continue
		}
		if r.quick {
			b.coverFrom(r.from)
		} else if oldest := min(b.oldestStart, t.surplusSince(b)); oldest < r.from && r.from > r.begin && n < maxWidening {
			r.from = max(r.begin, r.keep.edge(oldest))
			continue
		}
		if r.recount != 0 && r.repair && !moved {
			since, lost, err := e.lost(ctx, t, b, r)
			if err != nil {
				return err
			}
			if lost {
				r.from, moved = since, true
				continue
			}
		}
		if !r.repair && !r.quick {
			if err := e.addTotals(ctx, t, b); err != nil {
				return fmt.Errorf("read the totals of earlier days: %w", err)
			}
		}
		if err := e.swap(ctx, t, b, r); !errors.Is(err, errReachesBack) {
			return err
		}
		if n >= maxWidening {
			r.from = r.begin
		}
	}
}

// repairFrom returns the full hour before everything that the late samples
// can change: the sample before each of them, and births shortly after.
func (e *Engine) repairFrom(ctx context.Context, late map[*member]int64, kept keep, begin int64) (int64, error) {
	from := int64(math.MaxInt64)
	for m, at := range inOrder(late) {
		from = min(from, at-spreadSpan)
		s, ok, err := e.opt.Reader.Before(ctx, m.labels(), at)
		if err != nil {
			return 0, fmt.Errorf("read the sample before a late one: %w", err)
		}
		if ok {
			from = min(from, s.T)
		}
	}
	return max(begin, kept.edge(from)), nil
}

// read feeds the accumulator with all samples since from, in order of time.
func (e *Engine) read(ctx context.Context, t *tracked, b *accumulator, from int64) error {
	length := firstChunk
	for {
		end := e.opt.Now().UnixMilli() + ahead
		to := min(from+length, end)
		n, err := e.readChunk(ctx, t, b, from, to)
		if err != nil {
			return err
		}
		e.metrics.filled.Add(float64(n))
		if to == end {
			return nil
		}
		from = to + 1
		t.reached.Store(to)
		t.dirty.Store(true)
		switch {
		case n > 2*chunkGoal:
			length = max(length/2, hour/12)
		case n < chunkGoal/2:
			length = min(length*2, longChunk)
		}
	}
}

// readChunk feeds the samples of [from, to] and returns how many there were.
func (e *Engine) readChunk(ctx context.Context, t *tracked, b *accumulator, from, to int64) (int, error) {
	seen := map[*member]bool{}
	var runs []run
	n := 0
	for _, sel := range t.table.selectors() {
		first := len(runs)
		err := e.opt.Reader.Select(ctx, sel, from, to, func(got slo.SeriesSamples) error {
			m := t.table.bind(got.Series)
			if m != nil && !seen[m] {
				runs = append(runs, run{m, got.Samples})
				n += len(got.Samples)
			}
			return nil
		})
		if err != nil {
			return 0, fmt.Errorf("read the history of %s: %w", sel, err)
		}
		for _, r := range runs[first:] {
			seen[r.m] = true
		}
	}
	if err := e.precede(ctx, t, b, runs); err != nil {
		return 0, err
	}
	return n, e.feed(ctx, b, runs, e.opt.Now().UnixMilli())
}

// meet makes a series known by the first of its samples that was read.
// Earlier ones after the clip were stored since, and count as well.
func (e *Engine) meet(ctx context.Context, b *accumulator, one entry, now int64) error {
	if one.T <= b.clip {
		p, _ := one.m.point(one.Sample)
		b.start(one.m, p)
		return nil
	}
	found, err := e.lookup(ctx, one.m, one.T, max(b.floor, b.clip+1), math.MaxInt)
	if err != nil {
		return err
	}
	all := append(found.samples, one)
	sortByTime(all)
	for _, each := range all {
		p, kind := each.m.point(each.Sample)
		var done outcome
		if kind == readable && !b.knows(each.m) {
			done = b.adopt(each.m, found.base, p, now)
		} else {
			done = b.add(each.m, each.Sample, now)
		}
		if done == tooLate {
			b.unfit = append(b.unfit, each)
		}
	}
	return nil
}

// swap puts a rebuilt accumulator in place, after the samples that were
// delivered while it was built. A repair that began too late for samples that were not delivered yet
// is to begin earlier, and answers errReachesBack.
func (e *Engine) swap(ctx context.Context, t *tracked, b *accumulator, r *rebuilding) error {
	t.mu.Lock()
	t.drain(e.opt.Now().UnixMilli())
	for t.lost != math.MaxInt64 {
		// More was delivered than could be held: read it from storage instead.
		again := min(t.lost, b.newest-b.lateness)
		t.log, t.lost = nil, math.MaxInt64
		t.mu.Unlock()
		if err := e.read(ctx, t, b, again); err != nil {
			return err
		}
		t.mu.Lock()
		t.drain(e.opt.Now().UnixMilli())
	}
	defer t.mu.Unlock()
	now := e.opt.Now().UnixMilli()
	if r.repair && !t.filled {
		return errDoubled
	}
	if r.repair {
		if since := t.acc.undeliveredSince(b); since < r.from && r.from > r.begin && !b.moved {
			r.from = max(r.begin, r.keep.edge(since))
			return errReachesBack
		}
		b.inherit(t.acc, r.from, now)
		if b.moved {
			e.move(t, b, r.from, now)
		}
	}
	log := t.log
	t.logging, t.log = false, nil
	t.acc, t.filled, t.partial = b, true, 0
	if r.quick {
		t.partial = r.from
		t.reached.Store(0)
	}
	if r.repair {
		t.reread(b.watch)
	}
	clear(t.waiting)
	if !r.repair {
		// What came too late for the old counts during a repair stays noted:
		// it may change counts before the point from which they were rebuilt.
		clear(t.late)
		clear(t.cumulative)
		t.takeUp(now)
		t.unsaved.Store(true)
	}
	t.undelivered = 0
	sortByTime(log)
	var n tally
	t.count(log, now, &n)
	for _, one := range b.unfit {
		t.tooLate(one.m, one.T)
	}
	b.unclip()
	t.compare(now)
	t.dirty.Store(true)
	return nil
}

// reread notes the samples that a repair read while they waited for a look-up: where
// it did not watch for births that they move, the next one does. The caller holds mu.
func (t *tracked) reread(watched [2]int64) {
	for m, samples := range t.waiting {
		for _, s := range samples {
			if s.T < watched[0] || s.T+spreadSpan > watched[1] {
				t.tooLate(m, s.T)
			}
		}
	}
}
