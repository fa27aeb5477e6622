package engine

import (
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// Definitions returns the SLOs in order of ID; they are not to be changed.
func (e *Engine) Definitions() []*slo.Definition {
	all := e.list()
	defs := make([]*slo.Definition, len(all))
	for i, t := range all {
		defs[i] = t.definition()
	}
	return defs
}

// Statuses returns the newest status of every group of every SLO, in order of
// ID and group.
func (e *Engine) Statuses() []slo.Status {
	some := e.list()
	all := make([]slo.Status, 0, len(some))
	for _, t := range some {
		all = append(all, t.statuses()...)
	}
	return all
}

// Status returns the newest status of every group of one SLO, nil when the ID
// is unknown. An SLO without any series has one status, without a group.
func (e *Engine) Status(id string) []slo.Status {
	if t := e.tracked(id); t != nil {
		return slices.Clone(t.statuses())
	}
	return nil
}

// NewestSample returns the time of the newest sample that any SLO counted; zero when none did.
func (e *Engine) NewestSample() (newest time.Time) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, t := range e.all {
		v := t.view.Load()
		if v == nil {
			continue
		}
		for i := range *v {
			newest = slo.Latest(newest, (*v)[i].LastSample)
		}
	}
	return newest
}

// Version rises with each visible change of a status; it costs nothing to ask.
func (e *Engine) Version() uint64 { return e.version.Load() }

// statuses returns what was published last; before the first judging, that
// nothing is known yet.
func (t *tracked) statuses() []slo.Status {
	if v := t.view.Load(); v != nil {
		return *v
	}
	return []slo.Status{{
		ID: t.id, State: slo.StateUnseen, Filling: true, Reason: "The history is still being read from storage.",
		Budget: slo.BudgetStatus{Remaining: 1},
	}}
}

// Filling reports whether history of any SLO is still being read from storage.
func (e *Engine) Filling() bool {
	for _, t := range e.list() {
		if slices.ContainsFunc(t.statuses(), func(s slo.Status) bool { return s.Filling }) {
			return true
		}
	}
	return false
}

func sortByGroup(statuses []slo.Status) {
	slices.SortFunc(statuses, func(a, b slo.Status) int { return strings.Compare(a.Group.String(), b.Group.String()) })
}
