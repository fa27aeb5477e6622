package engine

import "burnline/slo"

// Sight returns a transition with what is known of an open incident now: its SLO's
// definition, the events since its start, its first group's status, and the policy that fires
// there. It proposes nothing; false where the SLO is not loaded.
func (e *Engine) Sight(in slo.Incident) (slo.Transition, bool) {
	t := e.tracked(in.SLO)
	if t == nil {
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
