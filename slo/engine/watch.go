package engine

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"burnline/slo"
)

// standstill is the longest pause between two looks at the clock after which
// Burnline has still been looking all the time.
const standstill = 30 * time.Second

// lookEvery is how often it is judged how an SLO's data arrives.
const lookEvery = 5 * time.Second

// watch knows since when Burnline has been looking without a break: a pause of
// the process and a jump of the clock begin it anew, since nobody knows what came
// meanwhile.
type watch struct {
	mu          sync.Mutex
	since, last time.Time
	// unstored says since when and why nothing is stored; nil: something always is.
	unstored func() (time.Time, error)
}

// tick notes that it is looking at this moment.
func (w *watch) tick(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last.IsZero() || now.Sub(w.last) > standstill || now.Before(w.last.Add(-time.Second)) {
		w.since = now
	}
	w.last = now
}

func (w *watch) begin() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.since
}

// arrives is what a tracked SLO keeps about how its data arrives.
type arrives struct {
	watch *watch // of the engine; nil where nobody watches
	last  *outlook
	// heldAt is when planned maintenance was last seen.
	heldAt time.Time
	// hour is the hour for which usual, the events of a week ago, was counted.
	hour  int64
	usual float64
}

// lookOut judges how the SLO's data arrives and puts it into its statuses. The
// caller holds judging and mu.
func (t *tracked) lookOut(now time.Time, statuses []slo.Status) {
	a := &t.arrives
	if a.watch == nil {
		return
	}
	if len(statuses[0].Held) > 0 {
		a.heldAt = now
	}
	l := a.last
	ready := t.complete() && t.acc.newestCount > 0
	if l == nil || l.ready != ready || l.filling == t.complete() || l.def != t.def || now.Sub(l.at) >= lookEvery || now.Before(l.at) {
		l = t.look(now, ready)
		l.held = len(statuses[0].Held) > 0
		a.last = l
		t.outlook.Store(l)
	}
	if why := t.withheld(now); why != "" {
		for i := range statuses {
			if s := &statuses[i]; s.State == slo.StateOK || s.State == slo.StateSpent || s.State == slo.StateIdle {
				s.State, s.Reason = slo.StateMissing, why
			}
		}
	}
	if l.dark == nil || !l.over {
		return
	}
	for i := range statuses {
		s := &statuses[i]
		s.Dark = l.dark
		// Without an event for that long nobody knows whether all is well.
		if l.without && (s.State == slo.StateOK || s.State == slo.StateSpent) {
			s.State, s.Reason = slo.StateIdle, l.dark.Reason
		}
	}
}

// look judges how the SLO's data arrives.
func (t *tracked) look(now time.Time, ready bool) *outlook {
	l := &outlook{id: t.id, of: t, def: t.def, at: now, ready: ready, filling: !t.complete()}
	a := &t.arrives
	o := &observer{def: t.def, acc: t.acc, now: now, since: slo.Latest(a.watch.begin(), a.heldAt)}
	if !ready {
		t.unreadable(l, o)
		return l
	}
	if hour := floorDiv(now.UnixMilli(), hour); hour != a.hour {
		a.hour, a.usual = hour, o.weekAgo()
	}
	o.usual = a.usual
	o.look(l)
	if why := t.withheld(now); why != "" && l.dark != nil && l.dark.Silent {
		// It is the store, whoever sends.
		l.storage, l.jobs, l.instances = true, nil, nil
		l.dark.Source, l.dark.Reason = nil, why
	}
	return l
}

// withheldAfter is by how much a sample may be later than usual before it is taken for one that was not stored.
const withheldAfter = 5 * time.Second

// withheld says that nothing is known of the SLO because its newest samples could not be stored; "" where
// something came since, is not due yet, or the store takes samples.
func (t *tracked) withheld(now time.Time) string {
	if t.arrives.watch.unstored == nil || t.acc.newestCount == 0 {
		return ""
	}
	since, err := t.arrives.watch.unstored()
	due := time.Duration(t.acc.interval)*time.Millisecond + withheldAfter
	if err == nil || now.Sub(time.UnixMilli(t.acc.newestCount)) <= due {
		return ""
	}
	return fmt.Sprintf("No sample can be stored since %s: %v.", clock(since.UTC(), now), err)
}

// unreadable says that the SLO can't be judged because its history can't be read.
func (t *tracked) unreadable(l *outlook, o *observer) {
	if t.complete() || t.readErr == nil || t.failingSince.IsZero() {
		return
	}
	l.storage = true
	l.dark = &slo.Darkness{
		Since: t.failingSince.UTC(), Severity: o.severity(true), Silent: true,
		Reason: fmt.Sprintf("The metric store can't be read since %s: %v.", clock(t.failingSince.UTC(), o.now), t.readErr),
	}
	l.over = o.now.Sub(slo.Latest(t.failingSince, o.since)) > missingAfter
}

// shares reports whether data that is missing to both came from one place.
func (l *outlook) shares(other *outlook) bool {
	if l.storage || other.storage {
		return l.storage && other.storage
	}
	return meet(l.jobs, other.jobs) || meet(l.instances, other.instances)
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(name string) bool { return slices.Contains(b, name) })
}

// blindness returns the open incidents without data that concern the SLO.
func (t *tracked) blindness() []slo.Incident {
	if open := t.blind.Load(); open != nil {
		return *open
	}
	return nil
}
