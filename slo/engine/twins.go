package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"burnline/slo"
)

// A histogram may be stored in its classic and its native form at once. Then the native one
// counts: the differences of the classic one are left out from the native one's first
// sample up to five minutes after its last. So a service that changes from one form to the
// other, and back, is counted once, but for those five minutes.

// reign is the time of a native histogram's first and last sample.
type reign struct{ first, last int64 }

// twinOf names the histogram that a series is a form of; never 0.
func (t *table) twinOf(series slo.Labels) uint64 {
	rest := make(slo.Labels, 0, len(series))
	for _, l := range series {
		if l.Name != slo.MetricName && l.Name != "le" {
			rest = append(rest, l)
		}
	}
	return t.hash(rest) | 1
}

// muted reports whether an event of a classic histogram at t is counted by the native form.
func (a *accumulator) muted(m *member, t int64) bool {
	if len(a.natives) == 0 || m.twin == 0 || m.native {
		return false
	}
	r, ok := a.natives[m.twin]
	return ok && r.mutes(t)
}

// mutes reports whether an event of the classic form at t is the native one's.
func (r reign) mutes(t int64) bool { return t >= r.first && t <= r.last+spreadSpan }

// reigns notes a sample of a native histogram. What its classic form counted in the time that
// is the native one's now is taken back.
func (a *accumulator) reigns(m *member, t, now int64) {
	if m.twin == 0 || !m.native {
		return
	}
	a.extend(m.twin, reign{t, t}, now)
}

// extend takes over how long a native histogram reigns, and takes back what its classic form
// counted in the time that is new.
func (a *accumulator) extend(twin uint64, to reign, now int64) {
	r, known := a.natives[twin]
	if !known {
		a.supersede(twin, to.first, to.last+spreadSpan, now)
	}
	if known && to.first < r.first {
		a.supersede(twin, to.first, r.first-1, now)
	}
	if known && to.last > r.last {
		a.supersede(twin, r.last+spreadSpan+1, to.last+spreadSpan, now)
	}
	if !known || to.first < r.first || to.last > r.last {
		a.remember(twin, to.first)
		a.remember(twin, to.last)
	}
}

// remember takes over that a native histogram had a sample at t.
func (a *accumulator) remember(twin uint64, t int64) {
	if a.natives == nil {
		a.natives = map[uint64]reign{}
	}
	r, known := a.natives[twin]
	if !known {
		r = reign{t, t}
	}
	a.natives[twin] = reign{min(r.first, t), max(r.last, t)}
}

// mute notes a sample of a classic histogram that is not counted.
func (a *accumulator) mute(m *member, t int64) {
	if m.bucket {
		a.newestBucket = max(a.newestBucket, t)
	}
}

// supersede takes back what the classic form of a histogram counted in [from, to]. What is no longer
// held can't be: then everything is to be counted anew, now that the native form is known.
func (a *accumulator) supersede(twin uint64, from, to, now int64) {
	if to < from || max(a.newestClassic, a.newestBucket) < from {
		return // as nearly always: looking at every series for every sample would take hours
	}
	for _, se := range a.classics(twin) {
		k := &se.kept
		for i := k.len() - 1; i > 0 && k.time(i) >= from; i-- {
			if k.time(i) <= to {
				a.difference(se.m, k.at(i-1), k.at(i), -1, now)
				a.exceeds(se.m, k.time(i-1), k.time(i))
			}
		}
		if first := k.time(0); first >= from {
			switch {
			case se.birth != nil && se.birth.t == first && first <= to:
				a.giveBirth(se, -1, now)
				a.exceeds(se.m, se.birth.from, first)
			case !se.whole && first > a.clip:
				a.doubled = true
			}
		}
	}
}

// classics returns the series of a histogram's classic form.
func (a *accumulator) classics(twin uint64) []*series {
	if max(a.newestClassic, a.newestBucket) == 0 {
		return nil
	}
	var all []*series
	for _, se := range a.series {
		if se != nil && se.m.twin == twin && !se.m.native {
			all = append(all, se)
		}
	}
	return all
}

// succeeds reports whether a native histogram goes on for a classic one that counted before t.
func (a *accumulator) succeeds(m *member, t int64) bool {
	if before, ok := a.preceded[m.twin]; ok && m.native && before < t {
		return true
	}
	return m.native && slices.ContainsFunc(a.classics(m.twin), func(se *series) bool { return se.kept.time(0) < t })
}

// precede looks for older samples of classic histograms of which only the native form is met
// for the first time: a gap may have kept them out of what is read.
func (e *Engine) precede(ctx context.Context, t *tracked, b *accumulator, runs []run) error {
	var classics map[uint64][]*member // of histograms, made once it is needed
	for _, r := range runs {
		if !r.m.native || r.m.twin == 0 || len(r.samples) == 0 || b.knows(r.m) || r.samples[0].T <= b.clip {
			continue
		}
		if classics == nil {
			classics = t.table.classics()
		}
		for _, m := range classics[r.m.twin] {
			if b.knows(m) {
				continue
			}
			s, ok, err := e.opt.Reader.Before(ctx, m.labels(), r.samples[0].T)
			if err != nil {
				return fmt.Errorf("read the classic form before a native histogram: %w", err)
			}
			if ok && b.preceded == nil {
				b.preceded = map[uint64]int64{}
			}
			if ok {
				b.preceded[r.m.twin] = s.T
			}
		}
	}
	return nil
}

// classics returns the members of the classic forms of histograms.
func (t *table) classics() map[uint64][]*member {
	all := map[uint64][]*member{}
	for _, m := range t.all() {
		if m.twin != 0 && !m.native {
			all[m.twin] = append(all[m.twin], m)
		}
	}
	return all
}

// nativesFirst sorts runs so that it is known how long native histograms go on before their
// classic forms are counted.
func nativesFirst(runs []run) {
	rank := func(r run) int {
		if r.m.native {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(runs, func(x, y run) int { return cmp.Compare(rank(x), rank(y)) })
}
