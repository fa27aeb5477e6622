package engine

import "burnline/slo"

// Unmatched returns the selectors of an SLO's bad and good events that no series matched of all that were
// read and delivered since the process began or the selectors changed; nil where each did, where nothing
// was read yet, and for SLOs on anything but labelled counters.
func (e *Engine) Unmatched(id string) []slo.Term {
	t := e.tracked(id)
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.complete() {
		return nil
	}
	return unmatched(t.def, t.table)
}

func unmatched(d *slo.Definition, t *table) (some []slo.Term) {
	if d.SLI.Events == nil {
		return nil
	}
	for i := range t.terms {
		if term := &t.terms[i]; term.Role != slo.RoleTotal && !term.Minus && !t.matched[i].Load() {
			some = append(some, term.Term)
		}
	}
	return some
}

// unfailing says that no series of bad events was ever seen, where nothing failed: all may be well, and a label may
// be misspelt. It is "" where there are such series.
func (j *judged) unfailing(s *slo.Status) string {
	if j.partial != 0 || j.table.inverse || s.Whole.Counts.Bad() > 0 {
		return ""
	}
	bad := 0
	for i := range j.table.terms {
		if t := &j.table.terms[i]; t.Role == slo.RoleBad && !t.Minus {
			bad++
		}
	}
	if bad == 0 || len(unmatched(j.def, j.table)) < bad {
		return ""
	}
	return " No series has matched bad yet."
}
