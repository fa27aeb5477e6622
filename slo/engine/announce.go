package engine

import (
	"context"
	"fmt"
	"maps"
	"time"

	"burnline/slo"
)

// A note is written again after noteAgain, and a checkpoint covers only notes
// that are older than noteGrace: whoever commits what was announced has the time
// between to deliver it.
const (
	noteAgain = 5 * time.Minute
	noteGrace = 10 * time.Minute
)

// noted is the newest note of a series, or of an SLO.
type noted struct {
	t  int64 // the oldest sample
	at time.Time
}

// holds reports whether the note still says that a sample at t comes.
func (n noted) holds(t int64, now time.Time) bool {
	age := now.Sub(n.at)
	return n.t <= t && age >= 0 && age < noteAgain
}

// tardy is what of a batch a restart would miss without a note. A feed that fell behind
// brings old samples of all series, each going on where its series ended: of those one note
// for an SLO is enough, since reading on from the oldest finds them all.
type tardy struct {
	late   []slo.SeriesSample // older by more than lateness than others of their series
	behind map[*tracked]int64 // the oldest of those that are old and go on with their series
}

// Announce is told of samples right before they are committed. What comes so late
// that reading on from the last checkpoint would miss it is noted first, so that the
// end of the process at any moment loses nothing; after an error the batch may not be
// committed. The batch stays the caller's.
func (e *Engine) Announce(ctx context.Context, batch []slo.SeriesSample) error {
	if e.opt.Checkpoints == nil {
		return nil
	}
	now := e.opt.Now()
	some := e.tardyOf(batch, now.UnixMilli())
	if len(some.late) == 0 && len(some.behind) == 0 {
		return nil
	}
	e.noting.Lock()
	defer e.noting.Unlock()
	var notes []slo.Note
	fresh := map[*slo.Series]noted{}
	for i := range some.late {
		s := &some.late[i]
		have, ok := fresh[s.Series]
		if !ok {
			have = e.noted[s.Series]
		}
		if have.holds(s.T, now) {
			continue
		}
		fresh[s.Series] = noted{s.T, now}
		for m := range e.bindingOf(s.Series).members() {
			notes = append(notes, slo.Note{SLO: m.of.id, Series: s.Series.Labels(), T: s.T, Written: now})
		}
	}
	for t, at := range some.behind {
		if e.behind[t].holds(at, now) {
			delete(some.behind, t)
			continue
		}
		notes = append(notes, slo.Note{SLO: t.id, T: at, Written: now})
	}
	if len(notes) == 0 {
		return nil
	}
	if err := e.opt.Checkpoints.Note(ctx, notes); err != nil {
		e.metrics.notes.WithLabelValues("failed").Add(float64(len(notes)))
		return fmt.Errorf("note samples that come late: %w", err)
	}
	e.metrics.notes.WithLabelValues("written").Add(float64(len(notes)))
	maps.Copy(e.noted, fresh)
	for t, at := range some.behind {
		e.behind[t] = noted{at, now}
	}
	return nil
}

// tardyOf returns the samples that are old, or older by more than lateness than others
// of their series.
func (e *Engine) tardyOf(batch []slo.SeriesSample, now int64) tardy {
	some := tardy{behind: map[*tracked]int64{}}
	lateness, old := e.opt.Lateness.Milliseconds(), now-oldSample.Milliseconds()
	var strange []slo.SeriesSample
	take := func(b binding, s *slo.SeriesSample) {
		switch {
		case s.T < b.newest()-lateness:
			some.late = append(some.late, *s)
		case s.T < old:
			for m := range b.members() {
				if at, ok := some.behind[m.of]; !ok || s.T < at {
					some.behind[m.of] = s.T
				}
			}
		}
	}
	e.mu.RLock()
	for i := range batch {
		if b, ok := e.bindings[batch[i].Series]; ok {
			take(b, &batch[i])
		} else {
			strange = append(strange, batch[i])
		}
	}
	e.mu.RUnlock()
	for i := range strange {
		take(e.bindingOf(strange[i].Series), &strange[i])
	}
	return some
}

// newest returns the time of the newest sample of the series that is known.
func (b binding) newest() int64 {
	newest := int64(0)
	for m := range b.members() {
		newest = max(newest, m.newest.Load())
	}
	return newest
}

// forgetNotes forgets notes that would be written again anyway.
func (e *Engine) forgetNotes(now time.Time) {
	e.noting.Lock()
	defer e.noting.Unlock()
	maps.DeleteFunc(e.noted, func(_ *slo.Series, n noted) bool { return !n.holds(n.t, now) })
	maps.DeleteFunc(e.behind, func(_ *tracked, n noted) bool { return !n.holds(n.t, now) })
}
