package engine

import (
	"math"
	"time"

	"burnline/slo"
)

// uncovered stands for a group of which nothing is known.
const uncovered = int64(math.MaxInt64)

// keep says which counts have to be kept.
type keep struct {
	// longest is the longest window.
	longest time.Duration
	// step is the resolution at which it is counted, where that is finer than
	// slo.Step; else 0.
	step time.Duration
}

// keepOf returns what judging the SLO needs.
func keepOf(d *slo.Definition) keep {
	windows := d.Windows()
	k := keep{longest: windows[len(windows)-1]}
	if step := d.Window.Step(); d.Window.Calendar != nil && step < slo.Step(k.longest) {
		k.step = step
	}
	return k
}

// source returns the group's counts for judging and drawing.
func (g *group) source() source { return source{g.rings, g.covered, g.newest} }
