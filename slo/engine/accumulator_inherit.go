package engine

import "math"

// inherit completes an accumulator that was rebuilt from upTo on: counts up
// to there, and series that did not report since, come from old.
func (a *accumulator) inherit(old *accumulator, upTo, now int64) {
	for twin, r := range old.natives {
		a.extend(twin, r, now) // by samples that were delivered after they could be read
	}
	for i, g := range old.groups {
		if g == nil {
			continue
		}
		mine := a.group(i)
		mine.rings.adopt(g.rings, upTo, now)
		if g.out != nil {
			a.ringsFor(mine, true).adopt(g.out, upTo, now)
		}
		was, is := g.all(), mine.all()
		mine.total = g.total + is.Total - was.Total
		mine.bad = g.bad + is.Bad() - was.Bad()
		mine.covered = min(mine.covered, g.covered)
		mine.newest = max(mine.newest, g.newest)
	}
	a.forgetBirths(old)
	for _, se := range old.series {
		if se == nil || a.knows(se.m) {
			continue
		}
		for n := se.kept.len(); n > 0 && se.kept.time(n-1) > upTo; n-- {
			se.kept.remove(n - 1) // delivered meanwhile: it is counted from the log
		}
		if se.kept.len() == 0 {
			continue
		}
		a.series = grow(a.series, int(se.m.index))
		a.series[se.m.index] = se
		f := a.family(int(se.m.family))
		f.all = append(f.all, se)
		if se.birth != nil {
			f.born = append(f.born, se)
			f.note(se.birth)
		}
	}
	a.newest = max(a.newest, old.newest)
	a.first = min(a.first, old.first)
	a.newestCount = max(a.newestCount, old.newestCount)
	a.newestBucket = max(a.newestBucket, old.newestBucket)
	a.notNumber = max(a.notNumber, old.notNumber)
	a.newestClassic = max(a.newestClassic, old.newestClassic)
	a.traffic.inherit(&old.traffic)
	a.floor = old.floor
}

// unclip ends the rebuilding: from now on all of a difference counts.
func (a *accumulator) unclip() {
	a.clip, a.watch, a.unfit, a.preceded, a.surplus = math.MinInt64, [2]int64{}, nil, nil, nil
	for _, g := range a.groups {
		if g != nil {
			for _, r := range g.both() {
				r.clip = math.MinInt64
			}
		}
	}
}
