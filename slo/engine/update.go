package engine

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// Restore adopts the incidents of before the process ended. Call it before the
// first Update. Open ones keep their keys, their resolve clocks begin anew, and
// those of SLOs that no longer exist close. Closed ones (Incident.Closed is set)
// are remembered: a further incident starts after them, and so never under a key of
// theirs, and it goes on numbering their episode. Those that closed within the
// longest window of a policy suffice; the order doesn't matter.
func (e *Engine) Restore(incidents []slo.Incident) {
	e.updating.Lock()
	defer e.updating.Unlock()
	for _, inc := range incidents {
		switch inc.Cause {
		case slo.CauseNoData:
			e.dark.restore(inc)
		case slo.CauseBurn, "":
			if inc.Episode == inc.Key {
				continue // recorded when it was over: it is part of no episode
			}
			e.restored[inc.SLO] = append(e.restored[inc.SLO], inc)
		}
	}
	for _, all := range e.restored {
		slices.SortStableFunc(all, func(a, b slo.Incident) int { return a.Opened.Compare(b.Opened) })
	}
}

// Update replaces the set of SLOs. Unchanged ones keep their counts, new ones
// and those that count differently read their history in the background;
// open incidents stay, but those of removed SLOs close. An error leaves the
// old set in place.
func (e *Engine) Update(defs []slo.Definition) error {
	e.updating.Lock()
	defer e.updating.Unlock()
	now := e.opt.Now()
	var fresh []*tracked
	next, needed := map[string]*tracked{}, needs(defs)
	for i := range defs {
		d := defs[i]
		if next[d.ID] != nil {
			return fmt.Errorf("load the SLO %s: its ID is given twice", d.ID)
		}
		t := e.tracked(d.ID)
		if t == nil || !countsAlike(t.definition(), &d) || !t.keeps(needed[d.ID]) {
			var err error
			if t, err = newTracked(&d, needed[d.ID], e.opt.Lateness); err != nil {
				return fmt.Errorf("load the SLO %s: %w", d.ID, err)
			}
			t.arrives.watch = &e.watch
			t.due.Store(now.UnixMilli() + int64(spreadOf(d.ID)))
			fresh = append(fresh, t)
		}
		next[d.ID] = t
	}
	e.pickUp(fresh, now)
	for i := range defs {
		d := defs[i]
		e.take(next[d.ID], &d, now)
	}
	lookUp(next)
	left := e.leave(next, now)
	e.install(next, left)
	return nil
}

// take gives a tracked SLO its definition and the incidents that are open.
func (e *Engine) take(t *tracked, d *slo.Definition, now time.Time) {
	old := e.tracked(d.ID)
	var from *tracked
	if old != nil && old != t {
		from = old
	}
	for _, l := range e.leavers() {
		if l.id == d.ID {
			from = l
		}
	}
	t.judging.Lock()
	defer t.judging.Unlock()
	if from != nil {
		from.judging.Lock()
		t.machine, t.retry = from.machine, from.retry
		from.machine, from.retry, from.gone = &machine{closed: map[string]time.Time{}}, nil, true
		from.judging.Unlock()
	}
	for _, inc := range e.restored[d.ID] {
		t.machine.restore(inc, now)
	}
	delete(e.restored, d.ID)
	t.mu.Lock()
	t.def = d
	t.wording.Store(d)
	t.correct(e.corrections, now)
	t.mu.Unlock()
	t.dirty.Store(true)
}

// leave marks the SLOs that are no longer in the set and returns those with
// open incidents, and stand-ins for SLOs known only by restored incidents.
func (e *Engine) leave(next map[string]*tracked, now time.Time) []*tracked {
	var left []*tracked
	var gone []string
	for _, t := range e.list() {
		if next[t.id] == nil {
			gone = append(gone, t.id)
			t.judging.Lock()
			t.removed = true
			t.judging.Unlock()
			left = append(left, t)
		}
	}
	e.mu.Lock()
	if e.opt.Checkpoints != nil {
		e.unwanted = append(e.unwanted, gone...)
	}
	e.mu.Unlock()
	for _, t := range e.leavers() {
		if !t.isGone() {
			left = append(left, t)
		}
	}
	for id, incidents := range e.restored {
		if !slices.ContainsFunc(incidents, func(inc slo.Incident) bool { return inc.Closed.IsZero() }) {
			continue
		}
		service, name, _ := strings.Cut(id, "/")
		t, err := newTracked(&slo.Definition{ID: id, Service: service, Name: name}, keep{}, e.opt.Lateness)
		if err != nil {
			continue // a definition without terms compiles
		}
		for _, inc := range incidents {
			t.machine.restore(inc, now)
		}
		t.removed = true
		left = append(left, t)
	}
	clear(e.restored)
	return left
}

// install puts the new set in place.
func (e *Engine) install(next map[string]*tracked, left []*tracked) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.byID, e.leaving = next, left
	e.all = e.all[:0:0]
	for _, t := range next {
		e.all = append(e.all, t)
	}
	slices.SortFunc(e.all, func(a, b *tracked) int { return strings.Compare(a.id, b.id) })
	e.index = newIndex(e.all)
	e.bindings = map[*slo.Series]binding{}
	e.generation.Add(1)
	e.version.Add(1)
}

func (e *Engine) tracked(id string) *tracked {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.byID[id]
}

func (e *Engine) list() []*tracked {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.Clone(e.all)
}

func (e *Engine) leavers() []*tracked {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.Clone(e.leaving)
}

// keeps reports whether the SLO's counts serve for so long.
func (t *tracked) keeps(need keep) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.acc.keep.covers(need)
}

// countsAlike reports whether the counts of one definition serve the other.
func countsAlike(a, b *slo.Definition) bool {
	return reflect.DeepEqual(a.SLI, b.SLI) && slices.Equal(a.GroupBy, b.GroupBy) && a.Budgeting == b.Budgeting
}

// spreadOf gives every SLO its own moment within the quiet interval, so that
// not all are judged at once.
func spreadOf(id string) int64 {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int64(h.Sum32()) % quietEvery.Milliseconds()
}
