package engine

import (
	"time"

	"burnline/slo"
)

// An SLO with bad events in a window of its policies is judged every second, since a policy
// may begin to fire without another sample: when good events leave its window. Only that is
// looked at where nothing came since, and all else of its status waits for the
// next sample, or until lookEvery is over.

// calm says since when an SLO was found in order, and by which definition.
type calm struct {
	def *slo.Definition // nil while it is not
	at  time.Time
}

// settleDown notes whether the SLO was found in order: nothing is open, read, held or at fault, and
// no policy fires. The caller holds judging and mu.
func (t *tracked) settleDown(now time.Time, statuses []slo.Status) {
	t.calm = calm{}
	if t.composite() || t.removed || t.retry != nil || t.readErr != nil || t.catchingUp() || len(t.waiting) > 0 ||
		len(t.machine.episodes) > 0 || len(t.blindness()) > 0 {
		return
	}
	for i := range statuses {
		s := &statuses[i]
		if len(s.Held) > 0 || s.Dark != nil || !reliable(s.State) {
			return
		}
		for k := range s.Policies {
			if s.Policies[k].Firing {
				return
			}
		}
	}
	t.calm = calm{t.def, now}
}

// staysCalm looks whether the SLO is still in order, and plans the next look if so; else it is
// to be judged.
func (e *Engine) staysCalm(t *tracked) bool {
	if t.dirty.Load() {
		return false
	}
	t.judging.Lock()
	defer t.judging.Unlock()
	now := e.opt.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	age := now.Sub(t.calm.at)
	if t.calm.def != t.def || t.removed || t.gone || age < 0 || age >= lookEvery || t.catchingUp() {
		return false
	}
	for _, g := range t.acc.groups {
		if g != nil && fires(g.rings, t.def, now) {
			return false
		}
	}
	t.due.Store(now.Add(activeEvery).UnixMilli())
	return true
}

// fires reports whether a policy does, by the burn over its windows alone.
func fires(h history, d *slo.Definition, now time.Time) bool {
	budget := d.Budget()
	for _, p := range d.Policies {
		if p.Exceeded(over(h, now, p.Long), budget) && p.Exceeded(over(h, now, p.Short), budget) {
			return true
		}
	}
	return false
}
