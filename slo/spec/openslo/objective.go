package openslo

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"burnline/slo"
)

// percent returns a share of 1 as a percentage, exactly as one would write it: 0.9995 is 99.95.
func percent(share float64) float64 {
	p, err := strconv.ParseFloat(strconv.FormatFloat(share, 'f', -1, 64)+"e2", 64)
	if err != nil {
		return 100 * share
	}
	return p
}

// fraction is the reverse of percent.
func fraction(percent float64) float64 {
	f, err := strconv.ParseFloat(strconv.FormatFloat(percent, 'f', -1, 64)+"e-2", 64)
	if err != nil {
		return percent / 100
	}
	return f
}

// remaining is 1 − share, without the last digits that floats add.
func remaining(share float64) float64 { return math.Round((1-share)*1e12) / 1e12 }

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// goal reads one objective of openslo/v1.
func (r *reader) goal(at place, o objective, ind *indicator) goal {
	g := goal{at: at, name: o.DisplayName, op: o.Op, value: o.Value, indicator: ind, weight: 1}
	g.objective = r.target(at, o.Target, o.TargetPercent)
	g.slice, g.target = r.slice(at, o.TimeSliceWindow.shorthand, o.TimeSliceTarget)
	if o.CompositeWeight == nil {
		return g
	}
	switch g.weight = *o.CompositeWeight; {
	case !(g.weight > 0) || g.weight > 1e9:
		r.wrong(at.at("compositeWeight"), fmt.Sprintf("%s is no weight", number(g.weight)), "write a number above 0, or leave it out for 1")
	case !r.promise.composite:
		r.warn(at.at("compositeWeight"), "it weighs nothing, since the objectives share one indicator", "remove it")
	}
	return g
}

// target reads the promised share of good events, in percent.
func (r *reader) target(at place, share, inPercent *float64) float64 {
	switch {
	case r.unread(at.at("target")) || r.unread(at.at("targetPercent")):
	case share != nil && inPercent != nil:
		r.wrong(at.at("targetPercent"), "both target and targetPercent are given", "keep one of them")
	case inPercent != nil:
		return r.promised(at.at("targetPercent"), *inPercent, *inPercent, *inPercent > 0 && *inPercent <= 1, "target: "+number(*inPercent))
	case share == nil:
		r.wrong(at, "the objective has no target", "write target: 0.999, or targetPercent: 99.9")
	default:
		return r.promised(at.at("target"), *share, percent(*share), *share > 1 && *share < 100, "target: "+number(fraction(*share)))
	}
	return 0
}

// promised checks a target; mistaken says that it looks like one of the other unit, which
// is to be written as other.
func (r *reader) promised(at place, written, percent float64, mistaken bool, other string) float64 {
	switch {
	case mistaken:
		r.wrong(at, fmt.Sprintf("%s would be %s%%", number(written), number(percent)), "write "+other)
	case percent >= 100:
		r.wrong(at, fmt.Sprintf("a target of %s%% leaves no error budget", number(percent)), "write less, such as target: 0.999")
	case !(percent >= 1):
		r.wrong(at, fmt.Sprintf("%s%% is no promise", number(percent)), "write at least target: 0.01")
	}
	return percent
}

// defaultSlice is how often queries are asked where the file does not say it.
const defaultSlice = time.Minute

// longestSlice is the longest slice of time that is counted.
const longestSlice = time.Hour

// slice reads the time slices of the two methods that have them.
func (r *reader) slice(at place, window shorthand, target *float64) (length time.Duration, share float64) {
	if !r.sliced() {
		if window.given() || target != nil {
			r.warn(at, "time slices have no meaning where every event weighs the same", "remove timeSliceTarget and timeSliceWindow, or write budgetingMethod: Timeslices")
		}
		return 0, 0
	}
	length = window.length()
	switch {
	case r.unread(at.at("timeSliceWindow")):
	case length == 0:
		r.wrong(at.at("timeSliceWindow"), "the length of a slice is missing", "write one such as 1m")
	case length > longestSlice || length >= r.promise.window.Nominal():
		r.wrong(at.at("timeSliceWindow"), fmt.Sprintf("%s is too long for a slice: nobody would be told in time", slo.FormatDuration(length)), "write one of at most 1h, such as 1m")
	}
	return length, r.sliceTarget(at.at("timeSliceTarget"), target)
}

func (r *reader) sliceTarget(at place, target *float64) float64 {
	switch {
	case r.promise.method != slo.Timeslices && target != nil:
		r.warn(at, "a slice of RatioTimeslices is bad by its error ratio, whatever its target", "remove it, or write budgetingMethod: Timeslices")
	case r.promise.method != slo.Timeslices || r.unread(at):
	case target == nil:
		r.wrong(at, "the share of good events that makes a slice good is missing", "write one such as 0.95")
	case *target > 1 && *target <= 100:
		r.wrong(at, fmt.Sprintf("%s is more than all events", number(*target)), "write "+number(fraction(*target)))
	case !(*target > 0 && *target <= 1):
		r.wrong(at, fmt.Sprintf("%s is no share of events", number(*target)), "write one above 0 and at most 1")
	default:
		return *target
	}
	return 0
}

func (r *reader) sliced() bool { return slo.Budgeting{Method: r.promise.method}.Sliced() }
