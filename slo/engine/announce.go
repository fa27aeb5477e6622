package engine

import (
	"context"
	"fmt"
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

// noted is the newest note of a series.
type noted struct {
	t  int64 // the oldest sample
	at time.Time
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
	late := e.lateOf(batch, now.UnixMilli())
	if len(late) == 0 {
		return nil
	}
	e.noting.Lock()
	defer e.noting.Unlock()
	var notes []slo.Note
	fresh := map[*slo.Series]noted{}
	for i := range late {
		s := &late[i]
		have, ok := fresh[s.Series]
		if !ok {
			have, ok = e.noted[s.Series]
		}
		if age := now.Sub(have.at); ok && have.t <= s.T && age >= 0 && age < noteAgain {
			continue
		}
		fresh[s.Series] = noted{s.T, now}
		for m := range e.bindingOf(s.Series).members() {
			notes = append(notes, slo.Note{SLO: m.of.id, Series: s.Series.Labels(), T: s.T, Written: now})
		}
	}
	if len(notes) == 0 {
		return nil
	}
	if err := e.opt.Checkpoints.Note(ctx, notes); err != nil {
		e.metrics.notes.WithLabelValues("failed").Add(float64(len(notes)))
		return fmt.Errorf("note samples that come late: %w", err)
	}
	e.metrics.notes.WithLabelValues("written").Add(float64(len(notes)))
	for s, n := range fresh {
		e.noted[s] = n
	}
	return nil
}

// lateOf returns the samples that are old, or older by more than lateness than others
// of their series.
func (e *Engine) lateOf(batch []slo.SeriesSample, now int64) []slo.SeriesSample {
	lateness := e.opt.Lateness.Milliseconds()
	old := now - oldSample.Milliseconds()
	var late, strange []slo.SeriesSample
	e.mu.RLock()
	for i := range batch {
		s := &batch[i]
		if b, ok := e.bindings[s.Series]; !ok {
			strange = append(strange, *s)
		} else if s.T < max(old, b.newest()-lateness) {
			late = append(late, *s)
		}
	}
	e.mu.RUnlock()
	for i := range strange {
		if s := &strange[i]; s.T < max(old, e.bindingOf(s.Series).newest()-lateness) {
			late = append(late, *s)
		}
	}
	return late
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
	for s, n := range e.noted {
		if age := now.Sub(n.at); age < 0 || age >= noteAgain {
			delete(e.noted, s)
		}
	}
}
