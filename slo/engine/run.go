package engine

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"
)

// How often an SLO is judged. With new samples it is at the next tick, well
// within 200 ms. (design, "How the engine gets its samples")
const (
	tick        = 100 * time.Millisecond
	activeEvery = time.Second
	quietEvery  = 15 * time.Second
	recordEvery = 30 * time.Second
	recordTick  = time.Second
	sweepEvery  = 10 * time.Minute
	workers     = 8
	maxCommits  = workers / 2 // so that a store that hangs doesn't stop all judging
	maxReads    = 1024        // that wait for a reader
	minReaders  = 2           // so that one can wait for the disk
	maxBackOff  = 30 * time.Second
)

// Run counts and judges until the context ends, and then returns nil after
// everything that it started has ended.
func (e *Engine) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() { e.worker(ctx) })
	}
	for range max(minReaders, runtime.GOMAXPROCS(0)) {
		wg.Go(func() { e.reader(ctx) })
	}
	wg.Go(func() { e.recordLoop(ctx) })
	wg.Go(func() { e.checkpointLoop(ctx) })
	wg.Go(func() { e.totalsLoop(ctx) })
	wg.Go(func() { e.watchLoop(ctx) })
	timer := time.NewTimer(0)
	defer timer.Stop()
	swept := e.opt.Now()
	var next turns
	for {
		select {
		case <-ctx.Done():
			wg.Wait()
			e.background.Wait()
			return nil
		case <-timer.C:
		}
		now := e.opt.Now()
		e.watch.tick(now)
		e.dispatch(ctx, now, &next)
		if since := now.Sub(swept); since >= sweepEvery || since < 0 {
			swept = now
			e.sweep(now)
		}
		timer.Reset(tick)
	}
}

// repeat acts once in every interval until the context ends.
func repeat(ctx context.Context, every time.Duration, act func()) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			act()
		}
	}
}

func (e *Engine) worker(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-e.work:
			if !e.staysCalm(t) {
				e.evaluate(ctx, t)
			}
			// Only now, so that no second worker waits while a commit hangs.
			t.queued.Store(false)
		}
	}
}

// turns remembers whose turn it is, so that under overload SLOs are served in
// turn and not those first whose names come first.
type turns struct{ work, read, ask, slowAsk string }

// dispatch hands every SLO that is due to the workers, and starts the
// background reads that are wanted.
func (e *Engine) dispatch(ctx context.Context, now time.Time, next *turns) {
	all := e.list()
	for t := range startingAt(all, next.read) {
		if !e.startRead(t, now) {
			next.read = t.id
			break
		}
	}
	for t := range startingAt(all, next.ask) {
		if t.ask != nil && !e.startAsk(ctx, t, now, false) {
			next.ask = t.id
			break
		}
	}
	for t := range startingAt(all, next.slowAsk) {
		if t.ask != nil && !e.startAsk(ctx, t, now, true) {
			next.slowAsk = t.id
			break
		}
	}
	for t := range startingAt(append(all, e.leavers()...), next.work) {
		if (t.dirty.Load() || t.isDue(now)) && !e.enqueue(t) {
			next.work = t.id
			break
		}
	}
}

// startingAt yields the SLOs from the one with the given ID on, and then those before it.
func startingAt(all []*tracked, id string) iter.Seq[*tracked] {
	begin := max(0, slices.IndexFunc(all, func(t *tracked) bool { return t.id == id }))
	return func(yield func(*tracked) bool) {
		for i := range all {
			if !yield(all[(begin+i)%len(all)]) {
				return
			}
		}
	}
}

// isDue reports whether the SLO is to be judged without new samples. A moment
// farther off than anybody plans comes from a clock that was set back.
func (t *tracked) isDue(now time.Time) bool {
	due, at := t.due.Load(), now.UnixMilli()
	return due <= at || due > at+2*quietEvery.Milliseconds()
}

// enqueue hands the SLO to the workers unless it waits for them already. It
// never blocks; false means that there is no room.
func (e *Engine) enqueue(t *tracked) bool {
	if !t.queued.CompareAndSwap(false, true) {
		return true
	}
	select {
	case e.work <- t:
		return true
	default:
		t.queued.Store(false)
		return false
	}
}

// startRead hands the SLO to the readers where a read is wanted, at most one at a time
// for each SLO; false means that there is no room.
func (e *Engine) startRead(t *tracked, now time.Time) bool {
	if t.busy.Load() || !t.wantsRead(now.UnixMilli()) {
		return true
	}
	to := e.reads
	if t.wantsOnlyPast() {
		to = e.longReads
	}
	t.busy.Store(true)
	select {
	case to <- t:
		return true
	default:
		t.busy.Store(false)
		return false
	}
}

// reader reads for one SLO after another. What is needed to judge comes before the
// long past of any SLO.
func (e *Engine) reader(ctx context.Context) {
	for {
		var t *tracked
		select {
		case t = <-e.reads:
		default:
			select {
			case <-ctx.Done():
				return
			case t = <-e.reads:
			case t = <-e.longReads:
			}
		}
		if ctx.Err() != nil {
			return
		}
		e.readOnce(ctx, t)
		t.busy.Store(false)
	}
}

// readOnce reads history, repairs, or looks series up, and plans when the
// next read may start: repairs about once a second and never more than a third
// of the time, errors with growing pauses.
func (e *Engine) readOnce(ctx context.Context, t *tracked) {
	begin := e.opt.Now()
	t.mu.Lock()
	fill := !t.complete() || t.wantsRepair(begin.UnixMilli())
	look := t.filled && len(t.waiting) > 0
	t.mu.Unlock()
	var err error
	if look {
		// First, since a repair takes everything delivered for counted.
		err = e.resolve(ctx, t)
	}
	if fill && err == nil {
		e.metrics.reads.Inc()
		err = e.fill(ctx, t)
	}
	if ctx.Err() != nil {
		return
	}
	now := e.opt.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if fill {
		t.nextRepair = now.Add(min(maxBackOff, max(time.Second, 2*now.Sub(begin)))).UnixMilli()
	}
	if err == nil || errors.Is(err, errUndelivered) || errors.Is(err, errDoubled) {
		t.readErr, t.failures, t.failingSince = nil, 0, time.Time{}
		return
	}
	if e.backOff(t, now, err) {
		e.opt.Logger.Warn("reading samples back from storage fails; the engine retries", "slo", t.id, "error", err)
	}
	t.dirty.Store(true)
}

// backOff notes that an SLO's samples couldn't be had, and puts the next attempt off, longer
// with each failure. It reports whether that is news. Hold t.mu.
func (e *Engine) backOff(t *tracked, now time.Time, err error) (first bool) {
	if first = t.readErr == nil; first {
		t.failingSince = now
	}
	e.metrics.readErrors.Inc()
	t.readErr = err
	t.nextRead = now.Add(min(maxBackOff, time.Second<<min(t.failures, 10))).UnixMilli()
	t.failures++
	return first
}

// Hurry has what could not be had from storage asked for again now: who knows that it answers again need not wait for the next attempt.
func (e *Engine) Hurry() {
	for _, t := range e.list() {
		t.mu.Lock()
		if t.readErr != nil {
			t.nextRead, t.failures = 0, 0
		}
		t.mu.Unlock()
	}
}

// sweep frees what is older than every window, and bindings that were not used
// since the last sweep.
func (e *Engine) sweep(now time.Time) {
	for _, t := range e.list() {
		t.mu.Lock()
		// What is being read, or asked for, may be of series that are not counted yet.
		if t.filled && !t.logging && t.redo == nil && (t.ask == nil || !t.busy.Load()) {
			t.sweep(now.UnixMilli())
		}
		t.mu.Unlock()
	}
	e.unbind()
	e.forgetNotes(now)
}
