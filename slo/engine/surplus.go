package engine

import "math"

// A repair keeps the counts of before its clip. What it finds to be no event may have a part
// there, where it was counted as one: of a classic histogram's long difference that is the native form's
// now, or of a native histogram's first value that goes on for its classic form. Then the repair
// begins again before all of it.

// surplus is what the counts before the clip of a repair may hold too much.
type surplus struct {
	known  map[uint64]reign // the native histograms that the counts know that are repaired
	since  int64            // since when they hold what native histograms count
	births []heir
}

// heir is a native histogram's first value that goes on for its classic form, and so counts nothing.
type heir struct {
	m       *member
	from, t int64 // over what it would have counted
}

func newSurplus(known map[uint64]reign) *surplus { return &surplus{known: known, since: math.MaxInt64} }

// exceeds notes that what a classic histogram has in (from, t] is not its own.
func (a *accumulator) exceeds(m *member, from, t int64) {
	if a.surplus == nil || from >= a.clip || t <= a.clip {
		return
	}
	if r, ok := a.surplus.known[m.twin]; !ok || !r.mutes(t) {
		a.surplus.since = min(a.surplus.since, from)
	}
}

// goesOn notes that a native histogram's first value counts nothing.
func (a *accumulator) goesOn(m *member, b *birth) {
	if a.surplus != nil && b.from < a.clip && b.t > a.clip {
		a.surplus.births = append(a.surplus.births, heir{m, b.from, b.t})
	}
}

// surplusSince returns since when the SLO's counts may hold more than rebuilt ones.
func (t *tracked) surplusSince(b *accumulator) int64 {
	if b.surplus == nil {
		return math.MaxInt64
	}
	since := b.surplus.since
	var classics map[uint64][]*member // made once it is needed
	for twin, r := range b.natives {
		at := r.grownSince(b.surplus.known, twin)
		if at > b.clip {
			continue // differences that end before the clip are not concerned
		}
		if classics == nil {
			classics = t.table.classics()
		}
		if len(classics[twin]) > 0 {
			since = min(since, at-1)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range b.surplus.births {
		if t.acc.gaveBirth(h) {
			since = min(since, h.from)
		}
	}
	return since
}

// grownSince returns since when a native histogram counts instead of its classic form where the
// known ones did not.
func (r reign) grownSince(known map[uint64]reign, twin uint64) int64 {
	old, ok := known[twin]
	switch {
	case !ok || r.first < old.first:
		return r.first
	case r.last > old.last:
		return old.last + spreadSpan + 1
	}
	return math.MaxInt64
}

// gaveBirth reports whether a first value that counts nothing was counted, or may have been.
func (a *accumulator) gaveBirth(h heir) bool {
	if !a.knows(h.m) {
		return false
	}
	b := a.series[h.m.index].birth
	return b == nil || b.t != h.t || b.from < b.t
}

// precedes takes back the first value of the native form of a classic histogram of which an earlier
// sample at t came. It answers tooLate where that value is no longer held.
func (a *accumulator) precedes(m *member, t, now int64) outcome {
	if r, ok := a.natives[m.twin]; !ok || m.twin == 0 || m.native || t >= r.first {
		return counted
	}
	done := counted
	for _, se := range a.series {
		if se == nil || se.m.twin != m.twin || !se.m.native {
			continue
		}
		switch b := se.birth; {
		case b == nil:
			done = tooLate
		case b.from < b.t && t < b.t:
			a.giveBirth(se, -1, now)
			b.from = b.t
		}
	}
	return done
}
