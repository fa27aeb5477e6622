package engine

import (
	"cmp"
	"context"
	"slices"
	"sort"

	"burnline/slo"
)

// run is what was read of one series, in order of time.
type run struct {
	m       *member
	samples []slo.Sample
}

// feed counts what was read, all of one stretch of time. Series go on one
// after another, without sorting their samples together: only where one is
// met for the first time have its siblings to be exactly there.
func (e *Engine) feed(ctx context.Context, b *accumulator, runs []run, now int64) error {
	nativesFirst(runs)
	b.fed = b.fed || len(runs) > 0
	if b.resuming {
		skipCounted(b, runs)
	}
	for _, r := range strangers(b, runs, now) {
		for len(r.samples) > 0 && !b.knows(r.m) {
			one := entry{r.m, r.samples[0]}
			r.samples = r.samples[1:]
			if _, ok := b.read(one.m, one.Sample, now); !ok {
				continue
			}
			for i := range runs {
				if b.knows(runs[i].m) {
					runs[i].samples = b.follow(runs[i], one.T, now)
				}
			}
			if err := e.meet(ctx, b, one, now); err != nil {
				return err
			}
		}
	}
	for _, r := range runs {
		if len(r.samples) > 0 && b.knows(r.m) {
			b.follow(r, r.samples[len(r.samples)-1].T+1, now)
		}
	}
	return nil
}

// skipCounted leaves out the samples that are older than those that are kept, unless
// those began with the first there was.
func skipCounted(b *accumulator, runs []run) {
	for i := range runs {
		if r := &runs[i]; b.knows(r.m) && !b.series[r.m.index].whole {
			first := b.series[r.m.index].kept.time(0)
			n := sort.Search(len(r.samples), func(i int) bool { return r.samples[i].T >= first })
			r.samples = r.samples[n:]
		}
	}
}

// strangers returns the runs of series that the accumulator doesn't know, in
// order of their first samples.
func strangers(b *accumulator, runs []run, now int64) []*run {
	var unknown []*run
	for i := range runs {
		r := &runs[i]
		if b.knows(r.m) {
			continue
		}
		for len(r.samples) > 0 {
			if _, ok := b.read(r.m, r.samples[0], now); ok {
				unknown = append(unknown, r)
				break
			}
			r.samples = r.samples[1:]
		}
	}
	slices.SortStableFunc(unknown, func(x, y *run) int { return cmp.Compare(x.samples[0].T, y.samples[0].T) })
	return unknown
}

// follow counts the samples of a known series that lie before a moment, and
// returns the rest. It does what add does with one after another, but packs
// only those samples that stay.
func (a *accumulator) follow(r run, before, now int64) []slo.Sample {
	n := sort.Search(len(r.samples), func(i int) bool { return r.samples[i].T >= before })
	some, rest := r.samples[:n], r.samples[n:]
	se := a.series[r.m.index]
	known := max(se.kept.end(), a.families[r.m.family].youngest, a.families[r.m.family].forgotten)
	for len(some) > 0 && (some[0].T <= known || r.m.single != nil) {
		if a.add(r.m, some[0], now) == tooLate {
			a.unfit = append(a.unfit, entry{r.m, some[0]})
		}
		some = some[1:]
	}
	last := se.kept.newest
	began := last.t
	for i := range some {
		if p, ok := a.read(r.m, some[i], now); ok {
			a.difference(r.m, last, p, 1, now)
			a.observeInterval(r.m, p.t-last.t)
			last = p
		}
	}
	if last.t == began {
		return rest
	}
	a.retain(se, some, last.t-a.lateness, now)
	a.tell(se, last.t, now)
	se.m.saw(last.t)
	return rest
}

// retain packs those samples that lie after cut, and one before.
func (a *accumulator) retain(se *series, some []slo.Sample, cut, now int64) {
	i := sort.Search(len(some), func(i int) bool { return some[i].T >= cut })
	for i > 0 {
		i--
		if _, ok := a.read(se.m, some[i], now); ok {
			se.kept.clear()
			se.whole = false
			break
		}
	}
	for _, s := range some[i:] {
		if p, ok := a.read(se.m, s, now); ok {
			se.kept.insert(se.kept.len(), p)
		}
	}
	a.trim(se)
}
