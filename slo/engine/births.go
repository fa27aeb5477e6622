package engine

import "time"

// birthMemory is for how long the birth of a series can still be corrected by
// a sibling's sample without reading storage.
const birthMemory = int64(time.Hour / time.Millisecond)

// birth is how the whole value of a series' first sample was counted: over (from, t].
type birth struct {
	t, from int64
	start   int64 // that of its process; 0 where it is not known, as after a restart
	sibling int64 // the sibling's sample that gave from; 0 when none did
	v       [2]float64
}

// family are the siblings: series of one metric, job and instance.
type family struct {
	all  []*series
	born []*series // with a birth that can still change
	// oldest and youngest bound the births in born.
	oldest, youngest int64
	// forgotten is the newest birth that no longer can.
	forgotten int64
}

// note takes a birth that can still change into the bounds.
func (f *family) note(b *birth) {
	if f.youngest == 0 {
		f.oldest = b.t
	}
	f.oldest, f.youngest = min(f.oldest, b.t), max(f.youngest, b.t)
}

// bear counts the whole value of the series' first sample over (s, t]: s is
// the newest earlier sample of a sibling that still reports, else the start
// time; without either the value is a baseline. It answers tooLate when a
// sibling's samples of that time are no longer held.
func (a *accumulator) bear(se *series, now int64) outcome {
	p, f := se.kept.at(0), a.family(int(se.m.family))
	b := &birth{t: p.t, from: p.t, start: p.st, v: p.v}
	if p.st > 0 && p.st < p.t {
		b.from = p.st
		if p.t >= a.watch[0] && p.t <= a.watch[1] {
			a.oldestStart = min(a.oldestStart, p.st)
		}
	}
	done := counted
	for _, other := range f.all {
		if other == se {
			continue
		}
		i := other.kept.before(p.t)
		if i == 0 && !other.whole {
			done = tooLate
		}
		if i > 0 && other.kept.time(i-1) >= p.t-spreadSpan {
			b.sibling = max(b.sibling, other.kept.time(i-1))
		}
	}
	if b.sibling > 0 {
		b.from = b.sibling
	}
	if a.succeeds(se.m, p.t) {
		a.goesOn(se.m, b)
		b.from = b.t
	}
	if se.birth == nil {
		f.born = append(f.born, se)
	}
	se.birth = b
	f.note(b)
	a.giveBirth(se, 1, now)
	return done
}

func (a *accumulator) giveBirth(se *series, sign float64, now int64) {
	m, b := se.m, se.birth
	if a.muted(m, b.t) {
		a.mute(m, b.t)
		a.exceeds(m, b.from, b.t)
		return
	}
	a.reigns(m, b.t, now)
	a.see(m, b.from, b.t)
	if b.from < b.t {
		a.traffic.events(b.from, b.t, sign*m.total*b.v[0], false, now)
		a.count(a.groups[m.group], b.from, b.t, sign*m.total*b.v[0], sign*(m.bad*b.v[0]+m.below*b.v[1]), true, now)
	}
}

// tell lets the births of siblings know of a sample at t: it may be nearer to
// a birth than the sibling's sample that was known. It answers tooLate when such a birth
// can't be corrected any more.
func (a *accumulator) tell(se *series, t, now int64) outcome {
	f := a.families[se.m.family]
	done := counted
	if t < f.forgotten {
		done = tooLate
	}
	if len(f.born) == 0 || t >= f.youngest && a.newest-birthMemory <= f.oldest {
		return done // the usual case, in which no birth is looked at
	}
	left := f.born[:0]
	f.oldest, f.youngest = 0, 0
	for _, x := range f.born {
		b := x.birth
		if x != se && t < b.t && t >= b.t-spreadSpan && t > b.sibling && !a.succeeds(x.m, b.t) {
			a.giveBirth(x, -1, now)
			b.sibling, b.from = t, t
			a.giveBirth(x, 1, now)
		}
		if b.t < a.newest-birthMemory {
			f.forgotten = max(f.forgotten, b.t)
			x.birth = nil
			x.whole = false
			continue
		}
		left = append(left, x)
		f.note(b)
	}
	clear(f.born[len(left):])
	f.born = left
	return done
}

// forgetBirths notes the births that the counts before a rebuilt accumulator's clip hold and it doesn't: a sample that
// moves one is too late.
func (a *accumulator) forgetBirths(old *accumulator) {
	for i, f := range old.families {
		if f == nil {
			continue
		}
		mine := a.family(i)
		mine.forgotten = max(mine.forgotten, f.forgotten)
		for _, se := range f.born {
			if a.knows(se.m) && a.series[se.m.index].birth == nil {
				mine.forgotten = max(mine.forgotten, se.birth.t)
			}
		}
	}
}
