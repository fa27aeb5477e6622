package engine

import (
	"context"
	"slices"
	"time"

	"burnline/slo"
)

// commitTimeout is how long one commit may take; after it the same transition
// is proposed again.
const commitTimeout = 15 * time.Second

// commitPatience is how long a commit waits for its turn before all commits are
// taken to hang.
const commitPatience = 250 * time.Millisecond

// maxSteps bounds the transitions of one judging.
const maxSteps = 100

// removedReason closes the incidents of an SLO that no longer exists.
const removedReason = "the SLO was removed from the configuration"

// evaluate counts what was delivered, judges every group at this moment, and
// commits the transitions that follow.
func (e *Engine) evaluate(ctx context.Context, t *tracked) {
	t.judging.Lock()
	defer t.judging.Unlock()
	if t.gone {
		return
	}
	now := e.opt.Now()
	t.dirty.Store(false)
	if t.removed {
		e.dismiss(ctx, t, now)
		return
	}
	t.mu.Lock()
	t.expand(now)
	counts := t.drain(now.UnixMilli())
	t.lockParts()
	statuses, catchingUp := t.judge(now)
	t.unlockParts()
	def, filled := t.def, t.filled
	t.mu.Unlock()
	e.metrics.tally(counts)

	committed := 0
	if filled {
		in := &sight{now: now, def: def, groups: statuses, catchingUp: catchingUp}
		in.since = func(groups []slo.Labels, from time.Time) slo.Counts { return t.countsSince(groups, from, now) }
		in.raise = e.opt.Raise
		in.corrected = func(long time.Duration) bool { return t.touched(now.Add(-long), now) }
		in.reported = func(long time.Duration) bool { return t.reported(now.Add(-long)) }
		in.started = func(g slo.Labels, p slo.Policy) time.Time { return t.startedAt(g, p, now) }
		committed = e.advance(ctx, t, in)
		e.lookBack(ctx, t, in)
	}
	if committed > 0 {
		t.mu.Lock()
		t.lockParts()
		statuses, _ = t.judge(now)
		t.unlockParts()
		t.mu.Unlock()
	}
	t.mu.Lock()
	t.settleDown(now, statuses)
	t.mu.Unlock()
	e.publish(t, statuses, counts.counted > 0 || committed > 0)
	t.notify()
	t.plan(now, statuses)
	e.metrics.judged(e.opt.Now().Sub(now))
	if committed > 0 {
		e.recordSoon(t)
	}
}

// reported tells whether a sample of the total came after a moment of data time; of a composite, one of each part.
func (t *tracked) reported(since time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lockParts()
	defer t.unlockParts()
	for _, p := range t.parts {
		if p.counts() && p.t.acc.newestCount <= since.UnixMilli() {
			return false
		}
	}
	return len(t.parts) > 0 || t.acc.newestCount > since.UnixMilli()
}

// judge returns the status of every group. The caller holds judging, mu, and the
// locks of a composite's parts.
func (t *tracked) judge(now time.Time) (statuses []slo.Status, catchingUp bool) {
	j := &judged{
		def: t.def, table: t.table, acc: t.acc, filled: t.filled, partial: t.partial, part: t.part(now.UnixMilli()), readErr: t.lastingErr(now),
		open: map[string][]slo.Incident{}, held: t.held(now),
	}
	for _, inc := range t.machine.open() {
		for _, g := range inc.Groups {
			j.open[g.String()] = append(j.open[g.String()], inc)
		}
	}
	catchingUp = t.catchingUp()
	if t.composite() {
		filling, behind := t.unready()
		t.filled, j.filled, catchingUp = !filling, !filling, behind
		from := t.mixed()
		j.mixed, j.unguarded = &from, t.unguarded()
		j.trouble, j.why = t.trouble()
	}
	labels := t.table.groupLabels()
	for number, g := range labels {
		if number < len(t.acc.groups) && t.acc.groups[number] != nil {
			statuses = append(statuses, j.judge(number, g, now))
		}
	}
	if len(statuses) == 0 {
		statuses = append(statuses, j.judge(-1, nil, now))
	}
	sortByGroup(statuses)
	t.lookOut(now, statuses)
	see := &sight{now: now, def: t.def, groups: statuses, catchingUp: catchingUp}
	(&holder{sight: see, judged: j, place: t.place, doubtful: catchingUp || see.held()}).hold(t.machine.episodes)
	for i := range statuses {
		s := &statuses[i]
		s.Open = append(s.Open, t.blindness()...)
		k := s.Group.String()
		if t.since[k].state != s.State {
			t.since[k] = stateSince{s.State, now}
		}
		s.Since = t.since[k].at
	}
	return statuses, catchingUp
}

// catchingUp reports whether the counts are not final yet. The caller holds mu.
func (t *tracked) catchingUp() bool {
	return !t.complete() || t.readErr != nil || len(t.late) > 0 || t.logging || t.corrections.recount != 0
}

// with calls f with the counts of a group; not where it has none.
func (t *tracked) with(group slo.Labels, f func(source)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.composite() {
		t.lockParts()
		defer t.unlockParts()
		f(t.mixed())
		return
	}
	if g := t.groupOf(group); g != nil {
		f(g.source())
	}
}

// advance commits what the machine proposes and returns how much was committed.
func (e *Engine) advance(ctx context.Context, t *tracked, in *sight) int {
	if t.retry != nil {
		if pausing(t.retryAt.UnixMilli(), in.now.UnixMilli()) || !e.commit(ctx, t, t.retry, in.now) {
			return 0
		}
	}
	t.machine.observe(in)
	n := 0
	for ; n < maxSteps; n++ {
		st := t.machine.next(in)
		if st == nil || !e.commit(ctx, t, st, in.now) {
			break
		}
	}
	return n
}

// commit hands a step to whoever stores it; only after that the machine
// advances. On an error the very same step is kept, since it may have been stored
// all the same.
func (e *Engine) commit(ctx context.Context, t *tracked, st *step, now time.Time) bool {
	tried, err := e.put(ctx, st, t.retry == nil)
	if !tried {
		return false // it is proposed anew when the SLO is judged next
	}
	if err != nil {
		t.retry, t.retryAt = st, now.Add(activeEvery)
		return false
	}
	t.retry = nil
	return true
}

// put commits a step and, after that, makes it true. It is not tried while there
// is no turn for it; an error is logged where it is the step's first.
func (e *Engine) put(ctx context.Context, st *step, first bool) (tried bool, _ error) {
	if !e.mayCommit(ctx) {
		return false, nil
	}
	defer func() { <-e.commits }()
	within, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	if err := e.opt.Commit(within, st.Transition); err != nil {
		if ctx.Err() == nil {
			e.metrics.commitFailures.Inc()
			if first {
				e.opt.Logger.Error("a transition could not be committed; it is proposed again every second",
					"slo", st.Incident.SLO, "kind", st.Kind, "incident", st.Incident.Key, "error", err)
			}
		}
		return true, err
	}
	e.stalled.Store(false)
	st.apply()
	e.metrics.transitions.WithLabelValues(string(st.Kind), string(st.Incident.Severity)).Inc()
	return true, nil
}

// mayCommit takes a token for a commit. It waits a moment for one, but not while
// commits hang: then the other workers go on judging.
func (e *Engine) mayCommit(ctx context.Context) bool {
	select {
	case e.commits <- struct{}{}:
		return true
	default:
	}
	if e.stalled.Load() {
		return false
	}
	timer := time.NewTimer(commitPatience)
	defer timer.Stop()
	select {
	case e.commits <- struct{}{}:
		return true
	case <-timer.C:
		e.stalled.Store(true)
	case <-ctx.Done():
	}
	return false
}

// dismiss closes the incidents of a removed SLO, and then lets go of it.
func (e *Engine) dismiss(ctx context.Context, t *tracked, now time.Time) {
	t.due.Store(now.Add(activeEvery).UnixMilli())
	in := &sight{now: now, def: t.definition()}
	in.since = func(groups []slo.Labels, from time.Time) slo.Counts { return t.countsSince(groups, from, now) }
	if t.retry != nil && !e.commit(ctx, t, t.retry, now) {
		return
	}
	for {
		st := t.machine.closeAny(in, removedReason)
		if st == nil {
			break
		}
		if !e.commit(ctx, t, st, now) {
			return
		}
	}
	t.gone = true
	e.mu.Lock()
	for i, l := range e.leaving {
		if l == t {
			e.leaving = append(e.leaving[:i:i], e.leaving[i+1:]...)
			break
		}
	}
	e.mu.Unlock()
	e.version.Add(1)
}

// publish puts statuses where views read them.
func (e *Engine) publish(t *tracked, statuses []slo.Status, changed bool) {
	old := t.view.Swap(&statuses)
	changed = changed || old == nil || len(*old) != len(statuses)
	for i := range statuses {
		if changed {
			break
		}
		a, b := (*old)[i], statuses[i]
		changed = a.State != b.State || a.Filling != b.Filling || a.Filled != b.Filled || a.Reason != b.Reason || len(a.Open) != len(b.Open) ||
			(a.Dark == nil) != (b.Dark == nil) || !slices.EqualFunc(a.Holds, b.Holds, sameHolding)
	}
	if changed {
		e.version.Add(1)
	}
}

// sameHolding reports whether two tell people the same.
func sameHolding(a, b slo.Holding) bool {
	return a.Incident == b.Incident && a.Stopped.Equal(b.Stopped) && a.Until.Equal(b.Until)
}

// plan sets when the SLO is judged next if no samples arrive.
func (t *tracked) plan(now time.Time, statuses []slo.Status) {
	every := quietEvery
	if t.retry != nil || !t.quiet(statuses) {
		every = activeEvery
	}
	t.due.Store(now.Add(every).UnixMilli())
}

// quiet reports whether nothing can change soon without samples: no incident
// is open and no policy window holds bad events.
func (t *tracked) quiet(statuses []slo.Status) bool {
	if len(t.machine.episodes) > 0 || len(t.blindness()) > 0 {
		return false
	}
	for i := range statuses {
		for _, p := range statuses[i].Policies {
			if p.Long.Counts.Bad() > 0 || p.Short.Counts.Bad() > 0 {
				return false
			}
		}
	}
	return true
}

// startedAt finds the data time of a breach.
func (t *tracked) startedAt(group slo.Labels, p slo.Policy, now time.Time) time.Time {
	at := now
	t.with(group, func(from source) { at = started(from, p, t.def.Budget(), now) })
	if slice := t.def.Slice().Milliseconds(); slice > 0 {
		at = time.UnixMilli(floorDiv(at.UnixMilli(), slice) * slice).UTC() // a slice counts at its end
	}
	return at
}

// countsSince returns the events of (from, now] over several groups.
func (t *tracked) countsSince(groups []slo.Labels, from, now time.Time) slo.Counts {
	var sum slo.Counts
	for _, labels := range groups {
		t.with(labels, func(counts source) {
			c := since(counts, from, now)
			sum.Good += c.Good
			sum.Total += c.Total
		})
	}
	return sum
}

// place returns the number of a group, −1 where it has none. The caller holds mu.
func (t *tracked) place(labels slo.Labels) int {
	if i, ok := t.table.groupNumber(labels); ok {
		return i
	}
	return -1
}

// groupOf returns the counts of a group, nil when it has none. The caller holds mu.
func (t *tracked) groupOf(labels slo.Labels) *group {
	i, ok := t.table.groupNumber(labels)
	if !ok || i >= len(t.acc.groups) {
		return nil
	}
	return t.acc.groups[i]
}

func (t *tracked) definition() *slo.Definition { return t.wording.Load() }

func (t *tracked) isGone() bool {
	t.judging.Lock()
	defer t.judging.Unlock()
	return t.gone
}
