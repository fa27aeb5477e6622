package engine

import (
	"time"

	"burnline/slo"
)

// Sight returns a transition with what is known of an open incident now: its SLO's
// definition, the events since its start, its first group's status, and the policy that fires
// there. It proposes nothing. False where the SLO is not loaded, and while the counts since the start are not
// known: after a restart what came before has to be read first, and without it a text would have no figures.
func (e *Engine) Sight(in slo.Incident) (slo.Transition, bool) {
	t := e.tracked(in.SLO)
	if t == nil {
		return slo.Transition{}, false
	}
	if !t.knows(in.Started) {
		return slo.Transition{}, false
	}
	now := e.opt.Now()
	seen := slo.Transition{Incident: in, Definition: t.definition(), At: now, Since: t.countsSince(groupsOf(in), in.Started, now)}
	for _, s := range t.statuses() {
		if s.Group.String() != in.Group.String() {
			continue
		}
		seen.Status = s
		if _, fires := breach(&s); fires != nil {
			policy := *fires
			seen.Policy, seen.Reason = &policy, policy.Reason
		}
	}
	return seen, true
}

// groupsOf are the groups of an incident; of an SLO without any it is the one that has no
// labels.
func groupsOf(in slo.Incident) []slo.Labels {
	if len(in.Groups) == 0 {
		return []slo.Labels{in.Group}
	}
	return in.Groups
}

// knows reports whether what happened since a moment is counted, and not still to be read from storage.
func (t *tracked) knows(since time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.filled && t.partial <= since.UnixMilli()
}
