package alerting

import (
	"cmp"
	"slices"
	"time"

	"burnline/slo"
)

// remembered is an open incident as the router knows it between two looks at the
// store.
type remembered struct {
	incident slo.Incident
	labels   slo.Labels
	settled
}

// settled is what was written of an incident last.
type settled struct {
	// decisions are those in force, one per receiver, and explains the SLOs whose pages
	// its text names.
	decisions []Decision
	explains  []string
	// due is when it is to be judged again for its own sake, zero for never, and acks how
	// often people did something about it.
	due  time.Time
	acks int
	// evidence is what was told of customers, places and changes last.
	evidence *slo.Evidence
}

// told are the receivers that are told of the incident.
func (k *remembered) told() []string {
	var receivers []string
	for _, d := range k.decisions {
		if d.Fate == FateSend {
			receivers = append(receivers, d.Receiver)
		}
	}
	return receivers
}

// memory is the part of the world that the open incidents are: they are sources of
// inhibition, and pages of dependencies.
type memory struct {
	open map[string]*remembered
	// touched are the keys that changed since the store was last read as a whole.
	touched map[string]bool
	// reach are the SLOs that each one depends on, nearest first.
	reach map[string][]string
	// needed are the SLOs that others depend on.
	needed map[string]bool
	// untold are the keys of which receivers could not be told and nobody else was.
	untold map[string]bool
}

// learn takes note of an open incident as it stands now; one that closed is
// forgotten.
func (w *world) learn(k remembered) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.memory.touched[k.incident.Key] = true
	w.keep(&k)
}

// forget takes note that an incident closed.
func (w *world) forget(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.memory.touched[key] = true
	w.drop(key)
}

// judged reports whether an incident rests on what an engine judged, and not on outside
// alerts, on a limit, or on a drill.
func judged(in slo.Incident) bool { return !outside(in) && !backlogged(in) && !Drilled(in.SLO) }

func (w *world) keep(k *remembered) {
	key := k.incident.Key
	before, known := w.memory.open[key]
	w.memory.open[key] = k
	if judged(k.incident) && (!known || before.labels.String() != k.labels.String()) {
		w.fires(key, k.labels, !w.memory.untold[key])
	}
}

// leaning reports whether incidents may be told by the pages of others, or kept quiet by them.
func (w *world) leaning() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return len(w.memory.needed)+len(w.inhibitors) > 0
}

// misses takes note of which open incidents nobody could be told: they explain nothing and keep nothing quiet, so
// that somebody hears of what rests on them.
func (w *world) misses(keys []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.memory.untold
	w.memory.untold = map[string]bool{}
	for _, key := range keys {
		w.memory.untold[key] = true
	}
	for key, k := range w.memory.open {
		if before[key] != w.memory.untold[key] && judged(k.incident) {
			w.fires(key, k.labels, before[key])
		}
	}
}

// unheard reports whether nobody could be told of an open incident.
func (w *world) unheard(key string) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.memory.untold[key]
}

func (w *world) drop(key string) {
	if k, known := w.memory.open[key]; known && judged(k.incident) {
		w.fires(key, nil, false)
	}
	delete(w.memory.open, key)
}

// look begins to read the store as a whole.
func (w *world) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.memory.touched = map[string]bool{}
}

// replace takes over what the store holds, but for what changed since look.
func (w *world) replace(open []remembered) {
	w.mu.Lock()
	defer w.mu.Unlock()
	there := map[string]bool{}
	for i := range open {
		key := open[i].incident.Key
		there[key] = true
		if !w.memory.touched[key] {
			w.keep(&open[i])
		}
	}
	for key := range w.memory.open {
		if !there[key] && !w.memory.touched[key] {
			w.drop(key)
		}
	}
}

// settle takes note of what was written of an incident.
func (w *world) settle(key string, now settled) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if k := w.memory.open[key]; k != nil {
		w.memory.open[key] = &remembered{incident: k.incident, labels: k.labels, settled: now}
	}
}

// rest takes note that nothing is due of incidents that the store does not show as open.
func (w *world) rest(keys []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, key := range keys {
		if k := w.memory.open[key]; k != nil {
			resting := *k
			resting.due = time.Time{}
			w.memory.open[key] = &resting
		}
	}
}

// remembered returns all open incidents, oldest first.
func (w *world) all() []*remembered {
	w.mu.RLock()
	defer w.mu.RUnlock()
	all := make([]*remembered, 0, len(w.memory.open))
	for _, k := range w.memory.open {
		all = append(all, k)
	}
	slices.SortFunc(all, older)
	return all
}

func older(a, b *remembered) int {
	return cmp.Or(a.incident.Opened.Compare(b.incident.Opened), cmp.Compare(a.incident.Key, b.incident.Key))
}

// mark tells the set of open incidents from any other.
func (w *world) mark() OpenMark {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var m OpenMark
	for _, k := range w.memory.open {
		m.Add(k.incident.Opened, k.acks)
	}
	return m
}

// explaining returns the open page of a dependency that tells a page too: of
// several, that of the SLO furthest down, and then the oldest. Nil is none.
func (w *world) explaining(in slo.Incident) *remembered {
	w.mu.RLock()
	defer w.mu.RUnlock()
	deps := w.memory.reach[in.SLO]
	if len(deps) == 0 {
		return nil
	}
	var best *remembered
	at := -1
	for _, k := range w.memory.open {
		i := slices.Index(deps, k.incident.SLO)
		if i < at || !tells(k, in) || i < 0 || w.memory.untold[k.incident.Key] {
			continue
		}
		if i > at || older(k, best) < 0 {
			best, at = k, i
		}
	}
	return best
}

// tells reports whether the page of an SLO that another one depends on tells that
// one's page too.
func tells(k *remembered, in slo.Incident) bool {
	return k.incident.Severity == slo.Page && judged(k.incident) && len(k.told()) > 0 && covers(k.incident.Groups, in.Groups)
}

// inhibits reports whether an incident is kept quiet by another alert.
func (w *world) inhibits() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, k := range w.memory.open {
		if slices.ContainsFunc(k.decisions, func(d Decision) bool { return d.Fate == FateInhibited }) {
			return true
		}
	}
	return false
}

// dependencies are the SLOs that an SLO depends on, nearest first.
func (w *world) dependencies(id string) []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.memory.reach[id]
}

// paged reports whether a page of the SLO is open.
func (w *world) paged(id string) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, k := range w.memory.open {
		if k.incident.SLO == id && k.incident.Severity == slo.Page {
			return true
		}
	}
	return false
}

// dependents are the SLOs whose open pages a page tells too, the oldest first.
func (w *world) dependents(in slo.Incident) []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if !w.memory.needed[in.SLO] {
		return nil
	}
	var pages []*remembered
	for _, k := range w.memory.open {
		if k.incident.Severity == slo.Page && !outside(k.incident) && slices.Contains(w.memory.reach[k.incident.SLO], in.SLO) &&
			covers(in.Groups, k.incident.Groups) {
			pages = append(pages, k)
		}
	}
	slices.SortFunc(pages, older)
	var ids []string
	for _, k := range pages {
		if !slices.Contains(ids, k.incident.SLO) {
			ids = append(ids, k.incident.SLO)
		}
	}
	return ids
}

// stirs reports whether an incident that opens or closes may change what becomes of
// those that depend on it, or waits for something itself. Sources of inhibition stir by
// themselves.
func (w *world) stirs(in slo.Incident, ds []Decision) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.memory.needed[in.SLO] || slices.ContainsFunc(ds, func(d Decision) bool { return d.Fate.quiet() })
}

// nextDue returns the earliest moment after now at which an incident is due for its own
// sake; zero when none is.
func (w *world) nextDue(now time.Time) time.Time {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var next time.Time
	for _, k := range w.memory.open {
		if k.due.After(now) && (next.IsZero() || k.due.Before(next)) {
			next = k.due
		}
	}
	return next
}

// next returns the earliest moment after now at which a decision may change by
// itself; zero when none is known.
func (w *world) next(now time.Time) time.Time {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var next time.Time
	soonest := func(t time.Time) {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for i := range w.silences {
		soonest(w.silences[i].StartsAt)
		soonest(w.silences[i].EndsAt)
	}
	for _, k := range w.memory.open {
		for _, d := range k.decisions {
			soonest(d.Until)
		}
	}
	return next
}
