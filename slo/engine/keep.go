package engine

import (
	"math"
	"time"

	"burnline/slo"
)

// uncovered stands for a group of which nothing is known.
const uncovered = int64(math.MaxInt64)

// leastKept is how far back counts are kept at least, also where all windows are shorter: a day is
// written for good in quarters of an hour after it is over, and again for some hours while late
// samples change it.
const leastKept = 30 * time.Hour

// keep says which counts have to be kept.
type keep struct {
	// longest is the longest window, and leastKept at least.
	longest time.Duration
	// step is the resolution at which it is counted, where that is finer than
	// slo.Step; else 0.
	step time.Duration
	// slices says how slices of time are the events; zero where events are.
	slices slo.Budgeting
}

// keepOf returns what judging the SLO needs.
func keepOf(d *slo.Definition) keep {
	windows := d.Windows()
	k := keep{longest: max(windows[len(windows)-1], leastKept)}
	if step := d.Window.Step(); d.Window.Calendar != nil && step < slo.Step(k.longest) {
		k.step = step
	}
	if d.Budgeting.Sliced() && d.SLI.Composite == nil && d.SLI.Ratio == nil {
		k.slices = d.Budgeting
	}
	return k
}

// begin returns from when on samples have to be read for windows that end at now: from a
// full hour before the longest, and a slice more.
func (k keep) begin(now int64) int64 {
	return floorDiv(now-k.longest.Milliseconds(), hour)*hour - max(hour, k.slices.Slice.Milliseconds())
}

// source returns the group's counts for judging and drawing.
func (g *group) source() source { return source{g.rings, g.covered, g.newest} }
