package engine

import (
	"context"
	"fmt"
	"math"
)

// resolve looks up, for series that the accumulator doesn't know, whether
// storage holds earlier samples, and then counts what waited.
func (e *Engine) resolve(ctx context.Context, t *tracked) error {
	t.mu.Lock()
	acc := t.acc
	first := make(map[*member]int64, len(t.waiting))
	for m, samples := range t.waiting {
		if _, late := t.late[m]; late {
			for _, s := range samples {
				t.tooLate(m, s.T) // a repair reads them all
			}
			continue
		}
		first[m] = math.MaxInt64
		for _, s := range samples {
			first[m] = min(first[m], s.T)
		}
	}
	t.mu.Unlock()
	found := make(map[*member]earlier, len(first))
	for m, at := range inOrder(first) {
		one, err := e.lookup(ctx, m, at, acc.floor, maxLookup)
		if err != nil {
			return err
		}
		found[m] = one
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for m, one := range found {
		if len(one.samples) >= maxLookup {
			t.tooLate(m, one.samples[len(one.samples)-1].T)
			delete(found, m)
		}
	}
	if t.acc == acc {
		t.admit(found, e.opt.Now().UnixMilli())
	}
	t.dirty.Store(true)
	return nil
}

// earlier is what storage holds of a series before its first delivered sample.
type earlier struct {
	base    *point
	samples []entry
}

// lookup reads back to a sample older than floor: newer ones were stored but not
// delivered yet, and count as well. It gives up after limit of them.
func (e *Engine) lookup(ctx context.Context, m *member, at, floor int64, limit int) (earlier, error) {
	var found earlier
	for {
		s, ok, err := e.opt.Reader.Before(ctx, m.labels(), at)
		if err != nil {
			return found, fmt.Errorf("read the sample before the first one: %w", err)
		}
		if !ok || len(found.samples) >= limit {
			return found, nil
		}
		p, kind := m.point(s)
		if kind == readable && s.T < floor {
			found.base = &p
			return found, nil
		}
		found.samples = append(found.samples, entry{m, s})
		at = s.T
	}
}

// admit counts what waited for a look-up, in order of time. The caller holds mu.
func (t *tracked) admit(found map[*member]earlier, now int64) {
	var all []entry
	for m, one := range inOrder(found) {
		for _, s := range t.waiting[m] {
			all = append(all, entry{m, s})
		}
		all = append(all, one.samples...)
		delete(t.waiting, m)
	}
	sortByTime(all)
	var n tally
	for _, one := range all {
		p, kind := one.m.point(one.Sample)
		if kind == readable && !t.acc.knows(one.m) && one.T <= now+ahead {
			if t.acc.adopt(one.m, found[one.m].base, p, now) == tooLate {
				t.tooLate(one.m, one.T)
			}
			continue
		}
		t.count([]entry{one}, now, &n)
	}
	t.countAnew()
}
