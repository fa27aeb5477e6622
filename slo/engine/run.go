package engine

import (
	"context"
	"errors"
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
	sweepEvery  = 10 * time.Minute
	workers     = 8
	maxReads    = 2
	maxBackOff  = 30 * time.Second
)

// Run counts and judges until the context ends, and then returns nil after
// everything that it started has ended.
func (e *Engine) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() { e.worker(ctx) })
	}
	wg.Go(func() { e.recordLoop(ctx) })
	timer := time.NewTimer(0)
	defer timer.Stop()
	swept := e.opt.Now()
	for {
		select {
		case <-ctx.Done():
			wg.Wait()
			e.background.Wait()
			return nil
		case <-timer.C:
		}
		now := e.opt.Now()
		e.dispatch(ctx, now)
		if now.Sub(swept) >= sweepEvery {
			swept = now
			e.sweep(now)
		}
		timer.Reset(tick)
	}
}

func (e *Engine) worker(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-e.work:
			t.queued.Store(false)
			e.evaluate(ctx, t)
		}
	}
}

// dispatch hands every SLO that is due to the workers, and starts the
// background reads that are wanted.
func (e *Engine) dispatch(ctx context.Context, now time.Time) {
	for _, t := range e.list() {
		e.startRead(ctx, t, now)
		if t.dirty.Load() || t.due.Load() <= now.UnixMilli() {
			e.enqueue(t)
		}
	}
	for _, t := range e.leavers() {
		if t.due.Load() <= now.UnixMilli() {
			e.enqueue(t)
		}
	}
}

// enqueue never waits: what doesn't fit is due again at the next tick.
func (e *Engine) enqueue(t *tracked) {
	if !t.queued.CompareAndSwap(false, true) {
		return
	}
	select {
	case e.work <- t:
	default:
		t.queued.Store(false)
	}
}

// startRead starts the SLO's background read where one is wanted, at most one
// at a time for each SLO and maxReads in all.
func (e *Engine) startRead(ctx context.Context, t *tracked, now time.Time) {
	if t.busy.Load() || !t.wantsRead(now.UnixMilli()) {
		return
	}
	select {
	case e.reads <- struct{}{}:
	default:
		return
	}
	t.busy.Store(true)
	e.background.Go(func() {
		defer func() { t.busy.Store(false); <-e.reads }()
		e.readOnce(ctx, t)
	})
}

// readOnce reads history, repairs, or looks series up, and plans when the
// next read may start: repairs about once a second and never more than a third
// of the time, errors with growing pauses.
func (e *Engine) readOnce(ctx context.Context, t *tracked) {
	begin := e.opt.Now()
	t.mu.Lock()
	fill := !t.filled || len(t.late) > 0 && t.nextRepair <= begin.UnixMilli()
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
	if err == nil || errors.Is(err, errUndelivered) {
		t.readErr, t.failures = nil, 0
		return
	}
	if t.readErr == nil {
		e.opt.Logger.Warn("reading samples back from storage fails; the engine retries", "slo", t.id, "error", err)
	}
	e.metrics.readErrors.Inc()
	t.readErr = err
	t.nextRead = now.Add(min(maxBackOff, time.Second<<min(t.failures, 10))).UnixMilli()
	t.failures++
	t.dirty.Store(true)
}

// sweep frees what is older than every window.
func (e *Engine) sweep(now time.Time) {
	gone := map[*member]bool{}
	for _, t := range e.list() {
		t.mu.Lock()
		if t.filled && !t.logging {
			for _, m := range t.acc.sweep(now.UnixMilli()) {
				t.table.forget(m)
				gone[m] = true
			}
		}
		t.mu.Unlock()
	}
	if len(gone) > 0 {
		e.unbind(gone)
	}
}
