package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"burnline/slo"
)

// Corrections of the past are counted anew from stored samples. Where those are no longer
// kept, the counts themselves are all there is: buckets that lie wholly within a
// correction, or wholly outside, are moved; what a correction takes of a bucket only
// in part stays as it was counted.

// lostAfter is how often in a row samples have to be found missing before they are taken
// for lost: one that is stored but not delivered yet looks the same.
const lostAfter = 3

// missing reports whether an accumulator that was rebuilt from from on lacks events that
// were counted of older samples than it found, and returns the moment from which on
// it can have them all.
func (t *tracked) missing(b *accumulator, from int64) (int64, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	edge := b.keep.edge(b.first)
	if edge <= from || t.acc.first >= b.first {
		return 0, false
	}
	for i, g := range t.acc.groups {
		if g == nil {
			continue
		}
		var was, is float64
		for _, r := range g.both() {
			was += r.totalBetween(from, edge)
		}
		if i < len(b.groups) && b.groups[i] != nil {
			for _, r := range b.groups[i].both() {
				is += r.totalBetween(from, edge)
			}
		}
		if math.Abs(was-is) > 1e-6*max(1, math.Abs(was)) {
			return min(b.keep.edge(b.first+b.keep.unit()-1), t.acc.newest), true
		}
	}
	return 0, false
}

// lost reports whether storage no longer holds samples that were counted, and from when on
// it does. Storage deletes the oldest first, so where there is any older one nothing is
// lost. A sample that is stored but not delivered yet can look the same as a lost one:
// the first times the answer is an error that puts the repair off.
func (e *Engine) lost(ctx context.Context, t *tracked, b *accumulator, r *rebuilding) (since int64, lost bool, err error) {
	since, lost = t.missing(b, r.from)
	if !lost {
		return 0, false, nil
	}
	found := errors.New("found")
	for _, sel := range t.table.selectors() {
		err := e.opt.Reader.Select(ctx, sel, r.begin-lookback, r.from-lookback, func(slo.SeriesSamples) error { return found })
		if errors.Is(err, found) {
			return 0, false, nil
		}
		if err != nil {
			return 0, false, fmt.Errorf("look for the oldest samples of %s: %w", sel, err)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.undelivered++; t.undelivered < lostAfter {
		return 0, false, errUndelivered
	}
	return since, true, nil
}

// move applies the corrections to counts that were inherited, and tells what of them it can't.
// The caller holds mu.
func (e *Engine) move(t *tracked, b *accumulator, upTo, now int64) {
	if left := b.move(upTo, now); left > 0 {
		e.opt.Logger.Warn("storage no longer holds the samples of a corrected time: buckets that a correction takes in part stay as they were counted",
			"slo", t.id, "before", time.UnixMilli(upTo).UTC(), "buckets", left)
	}
}

// totalBetween returns the total events of (from, to] in the coarsest tier, on the edges of which
// both lie.
func (r *rings) totalBetween(from, to int64) float64 {
	tr := &r.tiers[len(r.tiers)-1]
	total, _ := tr.total(floorDiv(from, tr.step), floorDiv(to, tr.step))
	return total
}

// move brings the buckets that end at or before upTo where the corrections want them, as
// far as they lie wholly within one or wholly outside. It returns how many can't be
// split.
func (a *accumulator) move(upTo, now int64) (left int) {
	for _, g := range a.groups {
		if g == nil {
			continue
		}
		left += a.shift(g.rings, a.ringsFor(g, true), upTo, now, true)
		left += a.shift(g.out, g.rings, upTo, now, false)
	}
	return left
}

// shift moves buckets into to: those within corrections where in, else those outside.
func (a *accumulator) shift(from, to *rings, upTo, now int64, in bool) (left int) {
	into := to.parts()
	for i, src := range from.parts() {
		end := min(floorDiv(upTo, src.step), (src.first+int64(len(src.pages)))*pageSize)
		for b := src.first * pageSize; b < end; b++ {
			total, bad := src.total(b, b+1)
			if total == 0 && bad == 0 {
				continue
			}
			inside, outside := false, false
			a.corrected.cut(b*src.step, (b+1)*src.step, func(_, _ int64, in bool) {
				inside, outside = inside || in, outside || !in
			})
			switch {
			case inside && outside:
				left++
				continue
			case inside != in:
				continue
			}
			if p, at := src.at(b, now); p != nil {
				p.add(at, -total, -bad)
			}
			if p, at := into[i].at(b, now); p != nil {
				p.add(at, total, bad)
			}
		}
	}
	return left
}
