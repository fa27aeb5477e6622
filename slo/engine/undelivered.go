package engine

import "math"

// A repair reads what is stored and keeps the counts of before its clip, which know only what was
// delivered. Where a sample that is stored but not delivered yet matters to them, the repair begins
// again before all that it reaches. So once it is delivered, nothing is left to be done.

// undeliveredSince returns since when the counts lack something that a rebuilt accumulator read, as far as
// that lies before its clip; math.MaxInt64 where they lack nothing there.
func (a *accumulator) undeliveredSince(b *accumulator) int64 {
	since := int64(math.MaxInt64)
	var room []point
	for _, se := range b.series {
		if se == nil {
			continue
		}
		room = se.kept.points(room[:0])
		for _, p := range room {
			if !a.counted(se.m, p.t) {
				since = min(since, a.reach(se, p), b.bears(se.m, p.t))
			}
		}
	}
	if since >= b.clip {
		return math.MaxInt64
	}
	return since
}

// counted reports whether a sample at t was counted, or is so old that it comes too late anyway when it
// is delivered.
func (a *accumulator) counted(m *member, t int64) bool {
	if !a.knows(m) {
		return false
	}
	se := a.series[m.index]
	i := se.kept.before(t)
	if i == 0 && !se.whole {
		return true
	}
	return i < se.kept.len() && se.kept.time(i) == t
}

// reach returns the oldest moment that a sample of a rebuilt series concerns which was not counted: its own
// event, the difference that it cuts in two, or the first value that it is.
func (a *accumulator) reach(se *series, p point) int64 {
	since := p.t - 1
	if se.m.single != nil {
		return since
	}
	if a.knows(se.m) {
		se = a.series[se.m.index]
	}
	k := &se.kept
	i := k.before(p.t)
	next := p.t
	if i < k.len() {
		next = k.time(i)
	}
	switch {
	case i > 0 && next-k.time(i-1) > spreadSpan:
		since = k.time(i - 1)
	case i == 0 && se.whole:
		since = earliest(p.t-spreadSpan, p.st, k.at(0).st)
	}
	return since
}

// bears returns since when the first values of siblings that count from a sample at t on may have counted without
// it; math.MaxInt64 where there are none.
func (a *accumulator) bears(m *member, t int64) int64 {
	since := int64(math.MaxInt64)
	for _, se := range a.families[m.family].born {
		if se.birth.sibling == t {
			since = min(since, earliest(t-spreadSpan, se.birth.start))
		}
	}
	return since
}

// earliest returns the oldest of some moments, of which those that are 0 are not known.
func earliest(t int64, others ...int64) int64 {
	for _, other := range others {
		if other > 0 {
			t = min(t, other)
		}
	}
	return t
}
