package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// An SLO of SLOs counts nothing itself: each of its windows is made, at the moment it is
// asked for, of the same window of its parts. So there is one count of every event, and
// what repairs, corrections and late samples change in a part is changed here too.

// part is one SLO of an SLO of SLOs.
type part struct {
	id     string
	weight float64
	t      *tracked // nil where there is no such SLO
}

// partsOf returns the parts of a composite in order of ID, and nil for any other SLO. A part
// that is given twice weighs as much as both together.
func partsOf(d *slo.Definition, all map[string]*tracked) []part {
	if d.SLI.Composite == nil {
		return nil
	}
	parts := []part{}
	for _, p := range d.SLI.Composite.Parts {
		i := slices.IndexFunc(parts, func(have part) bool { return have.id == p.SLO })
		if i < 0 {
			i = len(parts)
			parts = append(parts, part{id: p.SLO, t: all[p.SLO]})
		}
		parts[i].weight += p.Weight
	}
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.id, b.id) })
	return parts
}

// needs returns what each SLO of a set has to keep: what it needs itself, and what the
// composites need that it is a part of.
func needs(defs []slo.Definition) map[string]keep {
	all := map[string]keep{}
	for i := range defs {
		all[defs[i].ID] = keepOf(&defs[i])
	}
	for i := range defs {
		c := defs[i].SLI.Composite
		if c == nil {
			continue
		}
		for _, p := range c.Parts {
			if k, ok := all[p.SLO]; ok {
				all[p.SLO] = k.with(keepOf(&defs[i]))
			}
		}
	}
	return all
}

// with returns what serves the windows of both.
func (k keep) with(other keep) keep {
	step := k.step
	if step == 0 || other.step > 0 && other.step < step {
		step = other.step
	}
	k.longest, k.step = max(k.longest, other.longest), step
	if step >= slo.Step(k.longest) {
		k.step = 0
	}
	return k
}

// covers reports whether what is kept serves the windows of the other, too.
func (k keep) covers(other keep) bool { return k.slices == other.slices && k.with(other) == k }

// lookUp gives the composites of a set their parts, and the parts those that are to be
// judged with them.
func lookUp(set map[string]*tracked) {
	users := map[*tracked][]*tracked{}
	for _, t := range set {
		t.mu.Lock()
		parts := partsOf(t.def, set)
		t.parts = parts
		t.mu.Unlock()
		for _, p := range parts {
			if p.t != nil {
				users[p.t] = append(users[p.t], t)
			}
		}
	}
	for _, t := range set {
		some := users[t]
		t.users.Store(&some)
	}
}

// notify has the composites judged that the SLO is a part of.
func (t *tracked) notify() {
	if users := t.users.Load(); users != nil {
		for _, c := range *users {
			c.dirty.Store(true)
		}
	}
}

// composite reports whether the SLO is made of others. The caller holds mu.
func (t *tracked) composite() bool { return t.def.SLI.Composite != nil }

// standing is 1 for an SLO that counts itself, and 0 for a composite, which is judged after
// its parts.
func (t *tracked) standing() int {
	if t.whole {
		return 1
	}
	return 0
}

// lockParts holds the parts' counts still. The caller holds mu; parts are locked in order
// of ID, and none of them has parts itself, so nobody waits in a circle.
func (t *tracked) lockParts() {
	for _, p := range t.parts {
		if p.counts() {
			p.t.mu.Lock()
		}
	}
}

func (t *tracked) unlockParts() {
	for _, p := range t.parts {
		if p.counts() {
			p.t.mu.Unlock()
		}
	}
}

// counts reports whether the part has counts of its own.
func (p part) counts() bool { return p.t != nil && p.t.whole }

// mix is the history of a composite; it is used while its parts are locked.
type mix struct {
	method slo.CompositeMethod
	parts  []mixed
}

// mixed are all groups of one part.
type mixed struct {
	weight float64
	rings  []*rings
}

// mixed returns the composite's counts. The caller holds mu and the parts' locks.
func (t *tracked) mixed() source {
	m := &mix{method: t.def.SLI.Composite.Method}
	from := source{history: m, covered: uncovered}
	for _, p := range t.parts {
		if !p.counts() {
			continue
		}
		one := mixed{weight: p.weight}
		for _, g := range p.t.acc.groups {
			if g != nil {
				one.rings = append(one.rings, g.rings)
				from.covered, from.newest = min(from.covered, g.covered), max(from.newest, g.newest)
			}
		}
		m.parts = append(m.parts, one)
	}
	return from
}

// sum implements history.
func (m *mix) sum(step time.Duration, from, to int64) slo.Counts {
	var all slo.Mixture
	for _, p := range m.parts {
		all.Add(p.weight, p.sum(step, from, to))
	}
	return all.Counts(m.method)
}

func (p *mixed) sum(step time.Duration, from, to int64) slo.Counts {
	var sum slo.Counts
	for _, r := range p.rings {
		c := r.sum(step, from, to)
		sum.Good, sum.Total = sum.Good+c.Good, sum.Total+c.Total
	}
	return sum
}

// finest implements history: what every part keeps.
func (m *mix) finest(back time.Duration) time.Duration {
	step := time.Second
	for _, p := range m.parts {
		for _, r := range p.rings {
			step = max(step, r.finest(back))
		}
	}
	return step
}

// unready reports whether a part reads its history, or repairs it. The caller holds mu and
// the parts' locks.
func (t *tracked) unready() (filling, catchingUp bool) {
	for _, p := range t.parts {
		if p.counts() {
			filling, catchingUp = filling || !p.t.complete(), catchingUp || p.t.catchingUp()
		}
	}
	return filling, catchingUp || filling
}

// trouble names the part for which the composite can't be known, with the state that it is in
// itself; "" where all are.
func (t *tracked) trouble() (slo.State, string) {
	order := []slo.State{slo.StateUnseen, slo.StateMissing, slo.StateBroken}
	state, why, rank := slo.State(""), "", -1
	for _, p := range t.parts {
		switch {
		case p.t == nil:
			return slo.StateBroken, fmt.Sprintf("The part %s is not there: no SLO has this ID.", p.id)
		case !p.counts():
			return slo.StateBroken, fmt.Sprintf("The part %s is made of parts itself; name those instead.", p.id)
		}
		for _, s := range p.t.statuses() {
			if at := slices.Index(order, s.State); at > rank {
				state, rank = s.State, at
				why = fmt.Sprintf("The part %s is %s: %s", p.id, s.State, s.Reason)
			}
		}
	}
	return state, why
}

// unguarded reports whether an event of a part may be bad in part only, so that their
// number proves nothing.
func (t *tracked) unguarded() bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.counts() && p.t.def.Guard().Off })
}
