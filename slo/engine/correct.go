package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// Recurring corrections are expanded so far ahead, and again when half of that
// has passed.
const correctAhead = 48 * time.Hour

// Correct replaces the set of corrections; their rules have to be compiled. The counts
// of SLOs for which that changes the past are taken again from storage in the
// background; until then the old ones stand, and no incident closes. The corrections are the
// engine's to keep.
func (e *Engine) Correct(corrections []slo.Correction) {
	e.updating.Lock()
	defer e.updating.Unlock()
	e.corrections = corrections
	now := e.opt.Now()
	for _, t := range e.list() {
		t.mu.Lock()
		t.correct(corrections, now)
		t.mu.Unlock()
	}
	e.version.Add(1)
}

// Corrections returns the corrections that concern the SLO in (from, to], each with its intervals there, in
// order of time; nil for an unknown SLO.
func (e *Engine) Corrections(id string, from, to time.Time) []slo.Applied {
	t := e.tracked(id)
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []slo.Applied
	for i := range t.corrections.all {
		c := &t.corrections.all[i]
		if in := c.Between(from, to); len(in) > 0 {
			all = append(all, slo.Applied{Correction: *c, Intervals: in})
		}
	}
	slices.SortStableFunc(all, func(a, b slo.Applied) int { return a.Intervals[0].From.Compare(b.Intervals[0].From) })
	return all
}

// correcting is what is known of an SLO's corrections.
type correcting struct {
	all []slo.Correction // that concern the SLO
	// spans are what the counts have to leave out, up to the horizon.
	spans   spans
	horizon time.Time
	// recount is the oldest moment at which the accumulator leaves out something else;
	// 0 when it doesn't.
	recount int64
}

// correct gives the SLO the corrections that concern it. The caller holds mu.
func (t *tracked) correct(corrections []slo.Correction, now time.Time) {
	t.corrections.all = nil
	for i := range corrections {
		if corrections[i].Applies(t.def) {
			t.corrections.all = append(t.corrections.all, corrections[i])
		}
	}
	t.corrections.horizon = time.Time{}
	t.expand(now)
	t.dirty.Store(true)
}

// expand sees to it that corrections are known well beyond now. The caller
// holds mu.
func (t *tracked) expand(now time.Time) {
	c := &t.corrections
	if left := c.horizon.Sub(now); left >= correctAhead/2 && left <= correctAhead {
		return
	}
	c.horizon = now.Add(correctAhead)
	c.spans = nil
	if len(c.all) > 0 {
		from := time.UnixMilli(t.acc.keep.begin(now.UnixMilli())).Add(-correctAhead)
		c.spans = spansOf(slo.Corrected(c.all, t.def, from, c.horizon))
	}
	t.compare(now.UnixMilli())
}

// compare finds out whether the counts leave out what they should. Where they
// differ only in what was not counted yet, they do from now on. The caller holds mu.
func (t *tracked) compare(now int64) {
	c := &t.corrections
	from, differ := differ(t.acc.corrected, c.spans, t.acc.keep.begin(now), t.acc.newest)
	c.recount = 0
	if !differ {
		t.acc.corrected = c.spans
		return
	}
	c.recount = from
}

// held returns the corrections that hold alerts back at a moment.
func (t *tracked) held(now time.Time) []slo.Held {
	var all []slo.Held
	for i := range t.corrections.all {
		c := &t.corrections.all[i]
		if c.Kind != slo.Maintenance {
			continue
		}
		for _, in := range c.Between(now, now.Add(time.Nanosecond)) {
			all = append(all, slo.Held{ID: c.ID, Reason: c.Reason, Until: in.To})
		}
	}
	return all
}

// holdBack marks in a status that alerts are held back: nothing fires. It returns why,
// "" where they are not.
func holdBack(s *slo.Status, held []slo.Held) string {
	s.Held = held
	if len(held) == 0 {
		return ""
	}
	last := slices.MaxFunc(held, func(a, b slo.Held) int { return a.Until.Compare(b.Until) })
	why := fmt.Sprintf("held: %s until %s", strings.TrimRight(last.Reason, ". "), clock(last.Until, s.At))
	for i := range s.Policies {
		if p := &s.Policies[i]; p.Firing {
			p.Firing, p.Reason = false, why
		}
	}
	return why
}

// touched reports whether corrections take time out of (from, to].
func (t *tracked) touched(from, to time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.corrections.spans.touch(from.UnixMilli(), to.UnixMilli())
}

// count counts events of a group: at the moment to, or, where they are spread, evenly
// over (from, to]. What lies in a corrected stretch is counted apart from the rest, and so is what
// happened between two samples around the edge of one: nobody knows when, and the last failures of
// a maintenance are not to page when it is over.
func (a *accumulator) count(g *group, from, to int64, total, bad float64, spread bool, now int64) {
	if len(a.corrected) == 0 {
		g.count(g.rings, from, to, total, bad, spread, now)
		return
	}
	if !spread {
		g.count(a.ringsFor(g, a.corrected.hold(to) || a.corrected.touch(from, to)), from, to, total, bad, false, now)
		return
	}
	length := float64(to - from)
	a.corrected.cut(from, to, func(low, high int64, in bool) {
		share := float64(high-low) / length
		g.count(a.ringsFor(g, in), low, high, total*share, bad*share, true, now)
	})
}

// ringsFor returns the rings for events of corrected time, or for others.
func (a *accumulator) ringsFor(g *group, corrected bool) *rings {
	if !corrected {
		return g.rings
	}
	if g.out == nil {
		g.out = newRings(a.keep)
		g.out.clip = a.clip
	}
	return g.out
}

// both returns the group's rings: of events that count and, where there are any, of
// those that corrections take out.
func (g *group) both() []*rings {
	if g.out == nil {
		return []*rings{g.rings}
	}
	return []*rings{g.rings, g.out}
}

// all returns everything that the group's rings hold, whether it counts or not.
func (g *group) all() slo.Counts {
	var sum slo.Counts
	for _, r := range g.both() {
		c := r.all()
		sum.Good, sum.Total = sum.Good+c.Good, sum.Total+c.Total
	}
	return sum
}

// finished returns everything that the group's rings hold, whether it counts or not, but
// for slices that still last.
func (g *group) finished(now time.Time) slo.Counts {
	var sum slo.Counts
	for _, r := range g.both() {
		c := r.finished(now)
		sum.Good, sum.Total = sum.Good+c.Good, sum.Total+c.Total
	}
	return sum
}
