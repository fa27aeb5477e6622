package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"burnline/slo"
)

// events writes the counts of an SLO whose every event weighs the same: raw ones
// for short windows, sums of tiles for long ones.
func (b *builder) events() {
	since := b.next(tile)
	all := b.series(recordTiles, "outcome", "total")
	b.slow.Rules = append(b.slow.Rules,
		b.record(recordTiles, b.total(since), "outcome", "total"),
		b.record(recordTiles, b.bad(since, all), "outcome", "bad"))
	for _, w := range b.windows() {
		to, name := b.groupOf(w), slo.FormatDuration(w)
		if w <= rawLimit {
			all := b.series(recordRaw, "outcome", "total", "window", name)
			to.Rules = append(to.Rules,
				b.record(recordRaw, b.total(within(w)), "outcome", "total", "window", name),
				b.record(recordRaw, b.bad(within(w), all), "outcome", "bad", "window", name))
			b.ratio(to, name, fmt.Sprintf("%s / ignoring (outcome) (%s > 0)", b.series(recordRaw, "outcome", "bad", "window", name), all))
			continue
		}
		b.ratio(to, name, b.overTime(recordTiles, name))
	}
}

// overTime is the error ratio of a window as the quotient of two sums: an event
// weighs the same whenever it came.
func (b *builder) overTime(name, window string) string {
	return fmt.Sprintf("sum_over_time(%s[%s]) / ignoring (outcome) (sum_over_time(%s[%s]) > 0)",
		b.series(name, "outcome", "bad"), window, b.series(name, "outcome", "total"), window)
}

// ratio adds the error ratio of a window and the burn rate that follows from it.
func (b *builder) ratio(to *Group, window, expr string) {
	to.Rules = append(to.Rules,
		b.record(recordRatio, expr, "window", window),
		b.record(recordBurn, fmt.Sprintf("%s / %s", b.series(recordRatio, "window", window), b.budget()), "window", window))
}

// budget writes the error budget as a fraction, as people do: 0.001, where the
// nearest floating-point number of 1 − 99.9/100 is 0.0010000000000000009.
func (b *builder) budget() string {
	return strings.TrimRight(strconv.FormatFloat(b.def.Budget(), 'f', 12, 64), "0")
}

// windows are all windows of the SLO, shortest first; a calendar window counts
// by its nominal length.
func (b *builder) windows() []time.Duration {
	all := append(b.def.PolicyWindows(), b.def.Window.Nominal())
	slices.Sort(all)
	return slices.Compact(all)
}

// isFast reports whether a policy is judged with the pages.
func (b *builder) isFast(p slo.Policy) bool { return !b.oneRhythm && p.Long <= rawLimit }

// groupOf returns the group that a window is counted in: with the pages where one
// of them needs it.
func (b *builder) groupOf(w time.Duration) *Group {
	for _, p := range b.def.Policies {
		if b.isFast(p) && (p.Long == w || p.Short == w) {
			return &b.fast
		}
	}
	return &b.slow
}

// sliceOf returns the length of the slices of time that an SLO is counted in;
// false where events are counted.
func sliceOf(d *slo.Definition, interval time.Duration) (time.Duration, bool) {
	switch {
	case d.Budgeting.Sliced():
		return d.Budgeting.Slice, true
	case d.SLI.Ratio != nil:
		return d.SLI.Ratio.Slice, true
	case d.SLI.Samples != nil:
		if d.SLI.Samples.Selector == nil && d.SLI.Samples.Every > 0 {
			return d.SLI.Samples.Every, true
		}
		return interval, true
	}
	return 0, false
}

// sliced writes the counts of an SLO of which each slice of time, or each look at a
// gauge, is one event.
func (b *builder) sliced() {
	b.oneRhythm = true
	s := b.def.SLI.Samples
	if s != nil && !b.def.Budgeting.Sliced() {
		b.samples(s)
		return
	}
	slice := b.slow.Interval
	b.slow.Rules = append(b.slow.Rules, b.record(recordSlice, b.verdict(b.share(slice))))
	for _, w := range b.windows() {
		name := slo.FormatDuration(w)
		b.ratio(&b.slow, name, fmt.Sprintf("avg_over_time(%s[%s])", b.series(recordSlice), name))
	}
}

// share returns the share of bad events within the slice that ends now.
func (b *builder) share(slice time.Duration) string {
	switch {
	case b.def.SLI.Ratio != nil:
		r := *b.def.SLI.Ratio
		return fmt.Sprintf("avg%s (clamp(%s, 0, 1) >= 0)", b.by(), r.Expr()) // NaN is never at least 0
	case b.def.SLI.Samples != nil:
		return b.badShare(b.def.SLI.Samples, slice)
	}
	since := b.next(slice)
	all := b.series(recordSliced, "outcome", "total")
	b.slow.Rules = append(b.slow.Rules,
		b.record(recordSliced, b.total(since), "outcome", "total"),
		b.record(recordSliced, b.bad(since, all), "outcome", "bad"))
	return fmt.Sprintf("clamp_max(%s / ignoring (outcome) (%s > 0), 1)", b.series(recordSliced, "outcome", "bad"), all)
}

// rounding is by how much a share may miss its target for the arithmetic's sake.
const rounding = 1e-9

// verdict turns the bad share of a slice into what it costs.
func (b *builder) verdict(share string) string {
	if b.def.Budgeting.Method != slo.Timeslices {
		return share
	}
	// The room is for rounding: 95 of 100 are as good as a target of 0.95.
	return fmt.Sprintf("1 - (%s) < bool %s", share, number(b.def.Budgeting.Target-rounding))
}

// samples writes the counts of a gauge of which each sample is one event.
func (b *builder) samples(s *slo.SamplesSLI) {
	expr, _ := gauge(s)
	b.slow.Rules = append(b.slow.Rules,
		b.record(recordSamples, fmt.Sprintf("count%s (%s)", b.by(), expr), "outcome", "total"),
		b.record(recordSamples, fmt.Sprintf("count%s (%s) - sum%s (%s %s bool %s)", b.by(), expr, b.by(), expr, comparison(s.Op), number(s.Value)), "outcome", "bad"))
	for _, w := range b.windows() {
		name := slo.FormatDuration(w)
		b.ratio(&b.slow, name, b.overTime(recordSamples, name))
	}
}
