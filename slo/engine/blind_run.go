package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"burnline/slo"
)

// surveyEvery is how often all SLOs are looked at together, by the engine's clock.
const surveyEvery = time.Second

// darkWatch is the engine's watch over all SLOs. Only watchOnce uses it, and
// Restore before anything runs.
type darkWatch struct {
	blindness
	retry   *step // a proposal whose commit did not succeed yet
	retryAt time.Time
}

// watchLoop looks at all SLOs together until the context ends. It has a goroutine
// of its own, so that a commit that hangs holds up no judging.
func (e *Engine) watchLoop(ctx context.Context) {
	var last time.Time
	repeat(ctx, tick, func() {
		if now := e.opt.Now(); now.Sub(last) >= surveyEvery || now.Before(last) {
			last = now
			e.watchOnce(ctx, now)
		}
	})
}

// watchOnce commits what follows from how the data of all SLOs arrives now.
func (e *Engine) watchOnce(ctx context.Context, now time.Time) {
	w := &e.dark
	all := e.list()
	if len(all) == 0 && len(w.open) == 0 || e.generation.Load() == 0 {
		return
	}
	in := surveyOf(all, now)
	committed := false
	if w.retry != nil {
		if pausing(w.retryAt.UnixMilli(), now.UnixMilli()) || !e.tellBlind(ctx, w.retry, now) {
			return
		}
		committed = true
	}
	w.observe(in)
	for range maxSteps {
		st := w.next(in)
		if st == nil || !e.tellBlind(ctx, st, now) {
			break
		}
		committed = true
	}
	if committed || len(w.open) > 0 {
		w.show(all)
	}
}

// tellBlind commits a step, or keeps the very same for later.
func (e *Engine) tellBlind(ctx context.Context, st *step, now time.Time) bool {
	tried, err := e.put(ctx, st, e.dark.retry == nil)
	if !tried {
		return false
	}
	e.dark.retry = nil
	if err != nil {
		e.dark.retry, e.dark.retryAt = st, now.Add(activeEvery)
		return false
	}
	return true
}

// surveyOf collects how the data of each SLO arrives.
func surveyOf(all []*tracked, now time.Time) *survey {
	in := &survey{now: now, byID: make(map[string]*outlook, len(all))}
	for _, t := range all {
		l := t.outlook.Load()
		if l == nil {
			l = &outlook{id: t.id, of: t, def: t.definition(), filling: true}
		}
		in.looks = append(in.looks, l)
		in.byID[t.id] = l
	}
	return in
}

// show lists the open incidents in the statuses of the SLOs that they are about.
func (w *darkWatch) show(all []*tracked) {
	open := map[string][]slo.Incident{}
	for _, o := range w.open {
		for id, m := range o.members {
			if !m.recovered {
				open[id] = append(open[id], o.Incident)
			}
		}
	}
	for _, t := range all {
		old, is := t.blindness(), open[t.id]
		same := slices.EqualFunc(old, is, func(a, b slo.Incident) bool { return a.Key == b.Key && len(a.SLOs) == len(b.SLOs) })
		if same {
			continue
		}
		slices.SortFunc(is, func(a, b slo.Incident) int { return cmp.Compare(a.Key, b.Key) })
		t.blind.Store(&is)
		t.dirty.Store(true)
	}
}
