package engine

import (
	"time"

	"burnline/slo"
)

// history is what windows are added up from: the rings of a group, or those of the
// parts of an SLO of SLOs.
type history interface {
	// sum returns the events of (from, to], where from lies on an edge of the given
	// step and to is taken up to its full second.
	sum(step time.Duration, from, to int64) slo.Counts
	// finest returns the finest step that is kept for so long.
	finest(back time.Duration) time.Duration
}

// source is the counts of one group as judging and drawing see them.
type source struct {
	history
	// covered is since when the group's events are known, in milliseconds, and
	// newest its newest sample.
	covered, newest int64
}

// over returns the events of the rolling window of the given length that ends at.
func over(h history, at time.Time, length time.Duration) slo.Counts {
	return h.sum(slo.Step(length), slo.Start(at, length).UnixMilli(), at.UnixMilli())
}

// whole returns the events of the SLO's own window up to at.
func whole(h history, w slo.Window, at time.Time) slo.Counts {
	start, _ := w.Bounds(at)
	return h.sum(w.Step(), start.UnixMilli(), at.UnixMilli())
}

// since returns the events of (from, to], from rounded down to the finest
// step that still covers it.
func since(h history, from, to time.Time) slo.Counts {
	step := h.finest(to.Sub(from))
	return h.sum(step, from.Truncate(step).UnixMilli(), to.UnixMilli())
}

// after returns the events of (from, to], from rounded up to the finest step
// that covers it, so that nothing counts twice.
func after(h history, from, to time.Time) slo.Counts {
	step := h.finest(to.Sub(from))
	up := from.Truncate(step)
	if up.Before(from) {
		up = up.Add(step)
	}
	return h.sum(step, up.UnixMilli(), to.UnixMilli())
}

// budgetInput says what the SLO's error budget at a moment is computed from; long is
// the burn from which the pace of now is taken.
func (s source) budgetInput(d *slo.Definition, at time.Time, long slo.Burn) slo.BudgetInput {
	start, end := d.Window.Bounds(at)
	in := slo.BudgetInput{
		Counts: whole(s, d.Window, at), Budget: d.Budget(), Window: d.Window.Length(at), Long: long, Slice: d.Slice(),
	}
	if d.Window.Calendar != nil {
		in.Left = max(1, end.Sub(at))
	} else {
		start = at.Add(-in.Window) // unrounded
	}
	if covered := time.UnixMilli(s.covered); s.covered != uncovered && covered.Before(at.Add(time.Second)) {
		if covered.After(start) {
			start = covered
		}
		in.Elapsed = min(in.Window, max(time.Second, at.Sub(start)))
	}
	return in
}
