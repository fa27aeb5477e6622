package engine

import (
	"context"
	"sort"
	"time"

	"burnline/slo"
)

// How checkpoints are written and read.
const (
	// checkpointEvery is within what time every SLO is written once.
	checkpointEvery = 5 * time.Minute
	// checkpointTick is the time between two writes of some SLOs.
	checkpointTick = time.Second
	// checkpointShare is how many of all SLOs have their turn at a tick.
	checkpointShare = float64(checkpointTick) / float64(checkpointEvery)
	// checkpointTimeout is how long one write may take, and all of those at the end.
	checkpointTimeout = 20 * time.Second
	// checkpointFresh is how many SLOs are written at a tick since their history was read.
	checkpointFresh = 50
	// checkpointBatch is how many SLOs are written in one transaction at the end.
	checkpointBatch = 200
)

// oldSample is the age from which a sample is announced in any case, so that
// after a restart no older ones have to be looked for.
const oldSample = 5 * time.Minute

// Checkpoints keeps what the engine counted, so that a restart does not read
// all history again. It may lose everything: what is missing is read from the
// metric store.
type Checkpoints interface {
	// Load yields every checkpoint that is stored.
	Load(ctx context.Context, yield func(slo.Checkpoint) error) error
	// Save stores checkpoints, each in place of the one before of its SLO, and
	// drops the notes of these SLOs that were written before Checkpoint.Notes. A
	// checkpoint without data is removed.
	Save(ctx context.Context, some []slo.Checkpoint) error
	// Note stores notes; of one series the oldest T and the newest Written stay. They
	// survive the end of the process once it returns.
	Note(ctx context.Context, some []slo.Note) error
	// Notes returns all notes.
	Notes(ctx context.Context) ([]slo.Note, error)
}

// checkpointLoop writes some checkpoints every second: each SLO's within
// checkpointEvery, and soon where its history was just read; and all of them at the end.
func (e *Engine) checkpointLoop(ctx context.Context) {
	if e.opt.Checkpoints == nil {
		return
	}
	var turn rotation
	last := "" // the SLO out of turn that was written last
	repeat(ctx, checkpointTick, func() {
		e.removeCheckpoints(ctx)
		all := e.list()
		fresh := unsaved(all, last)
		if len(fresh) > 0 {
			last = fresh[len(fresh)-1].id
		}
		e.saveCheckpoints(ctx, append(fresh, turn.next(all, checkpointShare)...))
	})
	e.checkpointAll(context.WithoutCancel(ctx))
}

// rotation knows whose turn it is.
type rotation struct {
	last string  // the ID of the SLO that was written last
	due  float64 // how many are to be written, with what is left of the ticks before
}

// unsaved returns some SLOs whose history was read and that have no checkpoint since, those behind an ID first,
// so that none waits for others that can't be written yet.
func unsaved(all []*tracked, last string) []*tracked {
	var some []*tracked
	first := sort.Search(len(all), func(i int) bool { return all[i].id > last })
	for i := range all {
		t := all[(first+i)%len(all)]
		if len(some) < checkpointFresh && t.unsaved.CompareAndSwap(true, false) {
			some = append(some, t)
		}
	}
	return some
}

// next returns the SLOs whose turn it is at this tick, the given share of all, which are in
// order of ID.
func (r *rotation) next(all []*tracked, share float64) []*tracked {
	var some []*tracked
	r.due += float64(len(all)) * share
	n := min(int(r.due), len(all))
	r.due -= float64(n)
	first := sort.Search(len(all), func(i int) bool { return all[i].id > r.last })
	for i := range n {
		t := all[(first+i)%len(all)]
		some = append(some, t)
		r.last = t.id
	}
	return some
}

// removeCheckpoints removes those of SLOs that are gone.
func (e *Engine) removeCheckpoints(ctx context.Context) {
	e.mu.Lock()
	var batch []slo.Checkpoint
	for _, id := range e.unwanted {
		if e.byID[id] == nil {
			batch = append(batch, slo.Checkpoint{SLO: id, Notes: e.opt.Now()})
		}
	}
	e.unwanted = nil
	e.mu.Unlock()
	if len(batch) > 0 {
		e.writeCheckpoints(ctx, batch)
	}
}

func (e *Engine) checkpointAll(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, checkpointTimeout)
	defer cancel()
	all := e.list()
	for len(all) > 0 && within.Err() == nil {
		n := min(checkpointBatch, len(all))
		e.saveCheckpoints(within, all[:n])
		all = all[n:]
	}
}

func (e *Engine) saveCheckpoints(ctx context.Context, some []*tracked) {
	now := e.opt.Now()
	batch := make([]slo.Checkpoint, 0, len(some))
	for _, t := range some {
		data, counts := t.checkpoint(now.UnixMilli())
		e.metrics.tally(counts)
		if data != nil {
			batch = append(batch, slo.Checkpoint{SLO: t.id, Data: data, Notes: now.Add(-noteGrace)})
		}
	}
	if len(batch) > 0 && e.writeCheckpoints(ctx, batch) {
		e.metrics.checkpoints.WithLabelValues("written").Add(float64(len(batch)))
	}
}

// writeCheckpoints reports whether the batch was stored.
func (e *Engine) writeCheckpoints(ctx context.Context, batch []slo.Checkpoint) bool {
	within, cancel := context.WithTimeout(ctx, checkpointTimeout)
	defer cancel()
	if err := e.opt.Checkpoints.Save(within, batch); err != nil {
		if ctx.Err() == nil {
			e.metrics.checkpoints.WithLabelValues("failed").Add(float64(len(batch)))
			e.opt.Logger.Warn("checkpoints could not be written", "slos", len(batch), "error", err)
		}
		return false
	}
	return true
}

// checkpoint returns the SLO's counts, encoded, after what was delivered is counted;
// nil while they are not whole. One that will be whole soon has its turn soon: a server that is killed
// meanwhile would read all its history again.
func (t *tracked) checkpoint(now int64) ([]byte, tally) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.complete() || t.ask != nil || t.def.SLI.Composite != nil {
		return nil, tally{}
	}
	if t.logging {
		t.unsaved.Store(true)
		return nil, tally{}
	}
	counts := t.drain(now)
	if len(t.waiting) > 0 || t.corrections.recount != 0 {
		t.unsaved.Store(true)
		return nil, counts
	}
	return encodeCheckpoint(t, now), counts
}
