package engine

// trim drops samples that no late sample can meet any more.
func (a *accumulator) trim(se *series) {
	cut := se.kept.end() - a.lateness
	n := 0
	for n+1 < se.kept.len() && se.kept.time(n+1) < cut {
		n++
	}
	if n > 0 {
		se.kept.drop(n)
		se.whole = false
	}
}

// sweep frees buckets and forgets series that ended before the longest window.
func (a *accumulator) sweep(now int64) {
	cut := now - a.keep.longest.Milliseconds() - birthMemory
	for i, se := range a.series {
		if se == nil || se.kept.end() >= cut {
			continue
		}
		a.series[i] = nil
		if se.m.native {
			delete(a.natives, se.m.twin)
		}
		f := a.families[se.m.family]
		f.all = without(f.all, se)
		f.born = without(f.born, se)
	}
	a.floor = max(a.floor, cut)
	for _, g := range a.groups {
		if g != nil {
			for _, r := range g.both() {
				r.evict(now)
			}
		}
	}
}

// drop forgets a family and a group that have no series left; −1 is none.
func (a *accumulator) drop(family, group int) {
	if family >= 0 && family < len(a.families) {
		a.families[family] = nil
	}
	if group >= 0 && group < len(a.groups) {
		a.groups[group] = nil
	}
}

func without(all []*series, one *series) []*series {
	for i, se := range all {
		if se == one {
			return append(all[:i], all[i+1:]...)
		}
	}
	return all
}
