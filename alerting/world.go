package alerting

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"burnline/slo"
)

// world is what decides over an alert beside its own route: what else fires, and
// the silences. It is safe for concurrent use, and nobody waits for a store while
// holding it.
type world struct {
	mu         sync.RWMutex
	inhibitors []inhibitor
	// sources are the labels of all that fires, by ID.
	sources  map[string]slo.Labels
	silences []Silence
	memory   memory
	// stir is called when what fires may keep others quiet, or no longer does.
	stir func()
}

func newWorld(c *Config, stir func()) *world {
	w := &world{stir: stir, sources: map[string]slo.Labels{}, memory: memory{open: map[string]*remembered{}, touched: map[string]bool{}}}
	w.obey(c)
	return w
}

// obey takes new rules of inhibition over, and what depends on what.
func (w *world) obey(c *Config) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.memory.reach, w.memory.needed = map[string][]string{}, map[string]bool{}
	for id := range c.DependsOn {
		w.memory.reach[id] = c.DependsOn.Of(id)
		for _, dep := range w.memory.reach[id] {
			w.memory.needed[dep] = true
		}
	}
	w.inhibitors = newInhibitors(c.Inhibit)
	for id, ls := range w.sources {
		for i := range w.inhibitors {
			w.inhibitors[i].fires(id, ls, true)
		}
	}
}

// firing takes note that what has the ID began or ceased to fire; the labels of
// what ceases need not be given. IDs are keys of incidents, or fingerprints of
// outside alerts.
func (w *world) firing(id string, ls slo.Labels, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fires(id, ls, on)
}

// knows reports whether what has the ID is known to fire.
func (w *world) knows(id string) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	_, known := w.sources[id]
	return known
}

// retain takes note that no other outside alerts fire than these, by ID: the end of one may
// have been told to another node.
func (w *world) retain(firing map[string]bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range w.sources {
		if _, incident := w.memory.open[id]; !incident && !firing[id] {
			w.fires(id, nil, false)
		}
	}
}

// quietens reports whether a silence or a rule of inhibition may keep an alert quiet.
func (w *world) quietens() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return len(w.silences)+len(w.inhibitors) > 0
}

func (w *world) fires(id string, ls slo.Labels, on bool) {
	source := false
	if before, known := w.sources[id]; known {
		for i := range w.inhibitors {
			source = w.inhibitors[i].fires(id, before, false) || source
		}
		delete(w.sources, id)
	}
	if on {
		w.sources[id] = ls
		for i := range w.inhibitors {
			source = w.inhibitors[i].fires(id, ls, true) || source
		}
	}
	if source && w.stir != nil {
		w.stir()
	}
}

// hush takes the silences over that there are now.
func (w *world) hush(silences []Silence) {
	kept := slices.Clone(silences)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silences = kept
}

// ceilings reports whether a silence has a burn rate above which it does not hold.
func (w *world) ceilings() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return slices.ContainsFunc(w.silences, func(s Silence) bool { return s.Ceiling > 0 })
}

// suppressed returns what keeps an alert of these labels quiet whatever its route
// is: another alert, or a silence. An alert has no burn rate, so no ceiling
// of a silence lets it through.
func (w *world) suppressed(ls slo.Labels, now time.Time) (Decision, bool) {
	if d, quiet := w.inhibited(ls, now); quiet {
		return d, true
	}
	return w.silenced(ls, 0, now)
}

// inhibited returns which alert keeps one of these labels quiet.
func (w *world) inhibited(ls slo.Labels, now time.Time) (Decision, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for i := range w.inhibitors {
		if by := w.inhibitors[i].by(ls); by != "" {
			return Decision{Fate: FateInhibited, By: by, At: now, Reason: "inhibited while " + w.named(by) + " fires"}, true
		}
	}
	return Decision{}, false
}

// named is what people call a source.
func (w *world) named(id string) string {
	ls := w.sources[id]
	name := orElse(ls.Get("slo"), orElse(ls.Get(nameLabel), id))
	if severity := ls.Get("severity"); severity != "" {
		name += " (" + severity + ")"
	}
	return inline(name)
}

// silenced returns the silence that keeps an alert of these labels quiet, of several
// the one that ends last. A burn rate above a silence's ceiling is told in
// spite of it; 0 stands for none.
func (w *world) silenced(ls slo.Labels, burn float64, now time.Time) (Decision, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var by *Silence
	for i := range w.silences {
		s := &w.silences[i]
		if !s.Active(now) || s.Ceiling > 0 && burn > s.Ceiling || !matches(s.Matchers, ls) {
			continue
		}
		if by == nil || s.EndsAt.After(by.EndsAt) || s.EndsAt.Equal(by.EndsAt) && strings.Compare(s.ID, by.ID) < 0 {
			by = s
		}
	}
	if by == nil {
		return Decision{}, false
	}
	return Decision{Fate: FateSilenced, By: by.ID, Until: by.EndsAt, At: now,
		Reason: fmt.Sprintf("silenced by %s: %s", inline(by.Author), shortened(oneLine(by.Reason)))}, true
}
