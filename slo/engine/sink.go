package engine

import (
	"iter"

	"burnline/slo"
)

// binding is what one series is to the SLOs that count it: mostly to one, to none where m is
// nil. It doesn't change.
type binding struct {
	m    *member
	next *binding
}

// members yields what the series is to each SLO.
func (b binding) members() iter.Seq[*member] {
	return func(yield func(*member) bool) {
		for at := &b; at != nil && at.m != nil && yield(at.m); at = at.next {
		}
	}
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
		b, ok := e.bindings[s.Series]
		if !ok {
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

func (b binding) part(parts *shares, s slo.Sample) {
	for m := range b.members() {
		m.saw(s.T)
		if !m.used.Load() {
			m.used.Store(true)
		}
		parts.add(m.of, entry{m, s})
	}
}

// bindAll finds out what new series are to the SLOs.
func (e *Engine) bindAll(batch []slo.SeriesSample, parts *shares) {
	for _, s := range batch {
		e.bindingOf(s.Series).part(parts, s.Sample)
	}
}

// bindingOf returns what a series is to the SLOs, and remembers it.
func (e *Engine) bindingOf(series *slo.Series) binding {
	e.mu.Lock()
	defer e.mu.Unlock()
	if b, ok := e.bindings[series]; ok {
		return b
	}
	var b binding
	e.index.of(series.Labels(), func(t *tracked) {
		for m := range b.members() {
			if m.of == t {
				return
			}
		}
		if m := t.table.bind(series); m != nil {
			m.series.Store(series)
			after := b
			b = binding{m: m}
			if after.m != nil {
				b.next = &after
			}
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
		used := false
		for m := range b.members() {
			// Another series may have taken its place.
			used = used || m.used.Load() && m.series.Load() == s
		}
		if !used {
			delete(e.bindings, s)
		}
	}
	for _, b := range e.bindings {
		for m := range b.members() {
			m.used.Store(false)
		}
	}
}
