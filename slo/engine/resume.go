package engine

import (
	"context"
	"math"
	"sync"
	"time"

	"burnline/slo"
)

// decoders is how many checkpoints are decoded at the same time.
const decoders = 4

// resumeSlack is how long a sample may be on its way from its commit to the
// engine without being missed.
const resumeSlack = time.Minute

// resumed is an SLO's counts of before the process ended, until what came since
// was read.
type resumed struct {
	acc        *accumulator
	at         int64 // when they were taken
	from       int64 // from when on what came since is read
	cumulative map[int]*cumulative
	late       map[*member]int64
}

// Resume reads the checkpoints of before the process ended. Call it before the
// first Update. What can't be read is left out: such an SLO reads its history.
func (e *Engine) Resume(ctx context.Context) {
	if e.opt.Checkpoints == nil {
		return
	}
	saved, notes := map[string][]byte{}, map[string][]slo.Note{}
	all, err := e.opt.Checkpoints.Notes(ctx)
	if err == nil {
		err = e.opt.Checkpoints.Load(ctx, func(c slo.Checkpoint) error {
			saved[c.SLO] = c.Data
			return nil
		})
	}
	if err != nil {
		e.opt.Logger.Warn("the checkpoints can't be read; all history is read from the metric store", "error", err)
		return
	}
	for _, n := range all {
		notes[n.SLO] = append(notes[n.SLO], n)
	}
	e.updating.Lock()
	defer e.updating.Unlock()
	e.saved, e.savedNotes = saved, notes
}

// pickUp gives SLOs what their checkpoints hold, and lets go of all checkpoints.
// The caller holds updating.
func (e *Engine) pickUp(some []*tracked, now time.Time) {
	if e.saved == nil {
		return
	}
	work := make(chan *tracked, len(some))
	for _, t := range some {
		work <- t
	}
	close(work)
	var done sync.WaitGroup
	for range decoders {
		done.Go(func() {
			for t := range work {
				e.pickUpOne(t, now)
			}
		})
	}
	done.Wait()
	known := map[string]bool{}
	for _, t := range some {
		known[t.id] = true
	}
	e.mu.Lock()
	for id := range e.saved {
		if !known[id] {
			e.unwanted = append(e.unwanted, id)
		}
	}
	e.mu.Unlock()
	e.saved, e.savedNotes = nil, nil
}

func (e *Engine) pickUpOne(t *tracked, now time.Time) {
	data := e.saved[t.id]
	if data == nil || t.ask != nil {
		return
	}
	r, err := decodeCheckpoint(data, t, e.opt.Lateness, now.UnixMilli())
	if err != nil {
		t.table.clear()
		e.metrics.checkpoints.WithLabelValues("dropped").Inc()
		e.opt.Logger.Warn("a checkpoint is of no use; the SLO's history is read from the metric store", "slo", t.id, "reason", err)
		return
	}
	r.from = r.at - (oldSample + resumeSlack).Milliseconds()
	for _, n := range e.savedNotes[t.id] {
		if len(n.Series) == 0 {
			r.from = min(r.from, max(n.T, t.acc.keep.begin(now.UnixMilli())))
			continue
		}
		if m := t.table.bind(slo.NewSeries(n.Series)); m != nil {
			if at, ok := r.late[m]; !ok || n.T < at {
				r.late[m] = n.T
			}
		}
	}
	e.metrics.checkpoints.WithLabelValues("resumed").Inc()
	t.resumed = r
}

// resume reads what came after the checkpoint was taken, and puts the counts in
// place. What was committed later and is older is noted, and repaired afterwards.
func (e *Engine) resume(ctx context.Context, t *tracked) error {
	t.mu.Lock()
	r := t.resumed
	if r.acc.fed {
		t.lose() // what was delivered since an attempt that came to nothing may be older than what that counted
	} else {
		t.logging, t.log, t.lost = true, nil, math.MaxInt64
	}
	t.mu.Unlock()
	// Until now everything that is older than what a series keeps was counted, or noted.
	r.acc.resuming = true
	err := e.read(ctx, t, r.acc, r.from)
	r.acc.resuming = false
	if err == nil {
		err = e.swap(ctx, t, r.acc, &rebuilding{})
	}
	if err != nil {
		t.mu.Lock()
		t.lose()
		t.logging = r.acc.fed
		t.mu.Unlock()
	}
	return err
}

// takeUp gives the SLO what else its checkpoint held. The caller holds mu.
func (t *tracked) takeUp(now int64) {
	if t.resumed == nil {
		return
	}
	for i, c := range t.resumed.cumulative {
		t.cumulative[i] = c
	}
	for m, at := range t.resumed.late {
		t.tooLate(m, at)
		t.tooLate(m, now) // the newest may be as young
	}
	t.resumed = nil
}
