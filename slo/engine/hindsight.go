package engine

import (
	"context"
	"fmt"
	"time"

	"burnline/slo"
)

const (
	// lateAge is the age from which on a sample tells of the past.
	lateAge = 5 * time.Minute
	// hindsightAfter is for how long no such sample may have come before the time that
	// they tell of is looked at.
	hindsightAfter = time.Minute
	// hindsightSteps bounds the moments of the past that are judged.
	hindsightSteps = 400
)

// hindsight is the time of which samples came late.
type hindsight struct {
	// from and to bound the samples' times, and came is when the newest was counted; all
	// are milliseconds, 0 where none came.
	from, to, came int64
}

// note takes a sample that was counted at now.
func (h *hindsight) note(at, now int64) {
	if now-at < lateAge.Milliseconds() {
		return
	}
	if h.came == 0 {
		h.from, h.to = at, at
	}
	h.from, h.to, h.came = min(h.from, at), max(h.to, at), now
}

// due reports whether a backlog has ended.
func (h *hindsight) due(now time.Time) bool {
	return h.came != 0 && now.UnixMilli()-h.came >= hindsightAfter.Milliseconds()
}

// bygone is a breach that was over when its data came.
type bygone struct {
	group       slo.Labels
	first, last time.Time
	policy      slo.PolicyStatus
	step        time.Duration // between the moments that were judged
}

// lookBack records the breaches in the time of which samples came late: live they
// would have opened an incident. They are over, so nobody is told.
func (e *Engine) lookBack(ctx context.Context, t *tracked, in *sight) {
	t.mu.Lock()
	h := t.hindsight
	var found []bygone
	due := h.due(in.now) && !in.catchingUp
	if due {
		found = t.breaches(in)
	}
	t.mu.Unlock()
	if !due {
		return
	}
	for _, p := range found {
		if t.machine.covers(p) {
			continue
		}
		if !e.commit(ctx, t, in.record(p, t.countsSince), in.now) {
			return // the rest is found again
		}
	}
	t.mu.Lock()
	if t.hindsight == h {
		t.hindsight = hindsight{}
	}
	t.mu.Unlock()
}

// breaches returns the most urgent breach of each group in the late time that goes on no
// longer. The caller holds mu.
func (t *tracked) breaches(in *sight) []bygone {
	if t.composite() {
		return nil // its parts tell
	}
	span := time.Duration(t.hindsight.to-t.hindsight.from) * time.Millisecond
	step := max(time.Minute, span/hindsightSteps).Truncate(time.Minute)
	var all []bygone
	for i := range in.groups {
		s := &in.groups[i]
		g := t.groupOf(s.Group)
		if _, fires := breach(s); g == nil || fires != nil {
			continue
		}
		var worst *bygone
		end := slo.Earliest(time.UnixMilli(t.hindsight.to).Add(step), in.now)
		for at := time.UnixMilli(t.hindsight.from).Truncate(step).Add(step); !at.After(end); at = at.Add(step) {
			worst = worst.extend(s.Group, at, firedAt(g.rings, t.def, at, in.now))
		}
		if worst != nil {
			worst.step = step
			all = append(all, *worst)
		}
	}
	return all
}

// extend takes a moment at which a policy fired, nil for none, into the breach.
func (p *bygone) extend(group slo.Labels, at time.Time, fired *slo.PolicyStatus) *bygone {
	switch {
	case fired == nil, p != nil && p.policy.Severity == slo.Page && fired.Severity != slo.Page:
		return p
	case p == nil, p.policy.Severity != fired.Severity:
		return &bygone{group: group, first: at.UTC(), last: at.UTC(), policy: *fired}
	}
	p.last = at.UTC()
	return p
}

// firedAt returns the most urgent policy that would have fired at a moment of the past, as
// finely as its counts are still held; nil when none would.
func firedAt(h history, d *slo.Definition, at, now time.Time) *slo.PolicyStatus {
	var ticket *slo.PolicyStatus
	for _, p := range d.Policies {
		long, okLong := burnAt(h, d, p.Long, at, now)
		short, okShort := burnAt(h, d, p.Short, at, now)
		if !okLong || !okShort {
			continue
		}
		s := slo.Judge(p, long, short, d.Guard())
		if s.Firing && s.Severity == slo.Page {
			return &s
		}
		if s.Firing && ticket == nil {
			ticket = &s
		}
	}
	return ticket
}

// burnAt returns the burn over a window that ended in the past; false where its counts
// are held too coarsely.
func burnAt(h history, d *slo.Definition, window time.Duration, at, now time.Time) (slo.Burn, bool) {
	step := h.finest(now.Sub(at.Add(-window)))
	if step > window {
		return slo.Burn{}, false
	}
	end := at.Truncate(step)
	return slo.NewBurn(window, h.sum(step, end.Add(-window).Truncate(step).UnixMilli(), end.UnixMilli()), d.Budget()), true
}

// covers reports whether an incident of the group told of the breach: one that is open, or
// the newest that closed after it began.
func (m *machine) covers(p bygone) bool {
	group := p.group.String()
	for _, ep := range m.episodes {
		for _, o := range ep.incidents() {
			if o.has(group) && !o.Started.After(p.last) {
				return true
			}
		}
	}
	return m.closed[group+string(slo.Page)].After(p.first) ||
		p.policy.Severity == slo.Ticket && m.closed[group+string(slo.Ticket)].After(p.first)
}

// record proposes to keep a breach that is over. Its incident stands at the time of which
// its data tells.
func (in *sight) record(p bygone, since func([]slo.Labels, time.Time, time.Time) slo.Counts) *step {
	began := p.first.Add(-p.step)
	inc := slo.Incident{
		SLO: in.def.ID, Severity: p.policy.Severity, Group: p.group, Groups: []slo.Labels{p.group},
		Started: began, Opened: p.first, Closed: p.last, Number: 1,
	}
	inc.Key = key(inc.SLO, inc.Group, inc.Started, "recorded "+string(inc.Severity))
	inc.Episode, inc.EpisodeStarted = inc.Key, began
	reason := fmt.Sprintf("happened while blind: %s, from %s to %s; its data came at %s, when it was over",
		p.policy.Reason, clock(p.first, in.now), clock(p.last, in.now), clock(in.now.UTC(), in.now))
	st := in.step(slo.IncidentRecorded, inc, reason, in.status(p.group), &p.policy)
	before, after := since(inc.Groups, began, in.now), since(inc.Groups, p.last, in.now)
	st.Since = slo.Counts{Good: max(0, before.Good-after.Good), Total: max(0, before.Total-after.Total)}
	st.apply = func() {}
	return st
}
