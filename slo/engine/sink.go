package engine

import (
	"slices"
	"sync/atomic"

	"burnline/slo"
)

// binding is what one series is to every SLO that counts it.
type binding struct {
	to   []bound
	used atomic.Bool // since the last sweep
}

type bound struct {
	t *tracked
	m *member
}

// Generation rises whenever the set of wanted series may have changed; the
// caller then asks Wants again for every series.
func (e *Engine) Generation() uint64 { return e.generation.Load() }

// Wants reports whether any SLO counts the series.
func (e *Engine) Wants(series slo.Labels) bool {
	e.mu.RLock()
	index := e.index
	e.mu.RUnlock()
	wanted := false
	// Every SLO is asked: each notes the buckets that it can't use.
	index.of(series, func(t *tracked) { wanted = t.table.wants(series) || wanted })
	return wanted
}

// Selectors returns what all SLOs together select, for stores that have to
// poll. Some select more than is counted.
func (e *Engine) Selectors() []slo.Selector {
	var all []slo.Selector
	seen := map[string]bool{}
	for _, t := range e.list() {
		for _, sel := range t.table.selectors() {
			if key := sel.String(); !seen[key] {
				seen[key] = true
				all = append(all, sel)
			}
		}
	}
	return all
}

// Deliver takes samples after they were committed; the batch stays the caller's. Samples may come in any order and more than once. It queues and
// returns: it waits neither for storage nor for judging. The samples of one batch are
// judged together.
func (e *Engine) Deliver(batch []slo.SeriesSample) {
	parts := e.shares.get()
	defer e.shares.put(parts)
	e.mu.RLock()
	var strange []slo.SeriesSample
	for _, s := range batch {
		b := e.bindings[s.Series]
		if b == nil {
			strange = append(strange, s)
			continue
		}
		b.part(parts, s.Sample)
	}
	e.mu.RUnlock()
	if len(strange) > 0 {
		e.bindAll(strange, parts)
	}
	parts.deliver()
}

func (b *binding) part(parts *shares, s slo.Sample) {
	if !b.used.Load() {
		b.used.Store(true)
	}
	for i := range b.to {
		b.to[i].m.saw(s.T)
		parts.add(b.to[i].t, entry{b.to[i].m, s})
	}
}

// bindAll finds out what new series are to the SLOs.
func (e *Engine) bindAll(batch []slo.SeriesSample, parts *shares) {
	for _, s := range batch {
		e.bindingOf(s.Series).part(parts, s.Sample)
	}
}

// bindingOf returns what a series is to the SLOs, and remembers it.
func (e *Engine) bindingOf(series *slo.Series) *binding {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := e.bindings[series]
	if b != nil {
		return b
	}
	b = &binding{}
	e.index.of(series.Labels(), func(t *tracked) {
		twice := slices.ContainsFunc(b.to, func(other bound) bool { return other.t == t })
		if twice {
			return
		}
		if m := t.table.bind(series); m != nil {
			m.series.Store(series)
			b.to = append(b.to, bound{t, m})
		}
	})
	e.bindings[series] = b
	return b
}

// unbind forgets the bindings that were not used since it was called last, so that
// series that come and go don't pile up. A series that comes back is bound anew.
func (e *Engine) unbind() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for s, b := range e.bindings {
		if !b.used.Swap(false) {
			delete(e.bindings, s)
		}
	}
}
