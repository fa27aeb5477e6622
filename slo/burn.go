package slo

import (
	"fmt"
	"math"
	"time"
)

// NewBurn returns the burn over a window: ratio e = bad ÷ total and rate e ÷
// budget, where budget is the error budget as a fraction. Without events it
// is unknown, and so it is for counts that are no numbers. A good count above the total counts as no bad events. (design,
// "Budget"; Google SRE Workbook, chapter 5)
func NewBurn(window time.Duration, c Counts, budget float64) Burn {
	b := Burn{Window: window, Name: FormatDuration(window), Counts: c}
	b.Ratio, b.Rate, b.Known = burning(c, budget)
	return b
}

// burning returns the error ratio and the burn rate of counts; false where they are unknown.
func burning(c Counts, budget float64) (ratio, rate float64, known bool) {
	ratio = max(0, c.Bad()) / c.Total
	if c.Total <= 0 || budget <= 0 || math.IsNaN(ratio) || math.IsInf(ratio, 0) {
		return 0, 0, false
	}
	return ratio, ratio / budget, true
}

// Exceeded reports whether the burn rate of counts is known and above the policy's factor.
// The policy fires where it is over both windows.
func (p Policy) Exceeded(c Counts, budget float64) bool {
	_, rate, known := burning(c, budget)
	return known && rate > p.Factor
}

// Guard is the low-traffic guard of an SLO: what a page has to prove.
type Guard struct {
	// Budget is the error budget as a fraction, and MinBad the least number of
	// bad events that prove anything.
	Budget, MinBad float64
	// Off lets every page through: where an event may be bad in part, counts prove
	// nothing by their number.
	Off bool
}

// Guard returns the SLO's low-traffic guard. It is off for ratios, of which each
// slice is one event. (design, "Slices and ratios")
func (d *Definition) Guard() Guard {
	return Guard{
		Budget: d.Budget(), MinBad: d.MinBad,
		Off: d.SLI.Ratio != nil || d.Budgeting.Method == RatioTimeslices,
	}
}

// Judge says whether a policy fires, given the burns over its two windows: it does
// when both rates are known and exceed the factor.
//
// A page also needs proof that the service is worse than its objective: at
// least MinBad bad events in the long window, and less than 0.1 % chance of
// that many when the objective is just met. Without it the page is in effect
// a ticket, never silence. (design, "Policies" and "Low traffic"; Google SRE
// Workbook, chapter 5)
func Judge(p Policy, long, short Burn, guard Guard) PolicyStatus {
	s := PolicyStatus{Policy: p, Long: long, Short: short, Severity: p.Severity}
	windows := FormatDuration(p.Long) + " and " + FormatDuration(p.Short)
	switch {
	case !long.Known:
		s.Reason = "no events in " + FormatDuration(p.Long)
	case !short.Known:
		s.Reason = "no events in " + FormatDuration(p.Short)
	case long.Rate <= p.Factor:
		s.Reason = fmt.Sprintf("burn %.3g over %s is not above %.3g", long.Rate, FormatDuration(p.Long), p.Factor)
	case short.Rate <= p.Factor:
		s.Reason = fmt.Sprintf("burn %.3g over %s is not above %.3g", short.Rate, FormatDuration(p.Short), p.Factor)
	default:
		s.Firing = true
		s.Reason = fmt.Sprintf("burn %.3g and %.3g over %s, above %.3g", long.Rate, short.Rate, windows, p.Factor)
	}
	if s.Firing && p.Severity == Page && !guard.Off {
		if why := unproven(long.Counts, guard.Budget, guard.MinBad); why != "" {
			s.Severity = Ticket
			s.Reason += "; a ticket, since " + why
		}
	}
	return s
}

// unproven says why the counts don't prove that the service is worse than its
// objective, or returns "".
func unproven(c Counts, budget, minBad float64) string {
	if c.Bad() < minBad-countSlack {
		return fmt.Sprintf("%.4g bad of %.4g events is less than min_bad %.4g", c.Bad(), c.Total, minBad)
	}
	if !provenWorse(c.Bad(), c.Total, budget) {
		return fmt.Sprintf("%.4g bad of %.4g events may be chance", c.Bad(), c.Total)
	}
	return ""
}

// Near returns how near the policy is to firing: the smaller of its two burn rates ÷ its factor,
// as both have to exceed it. It fires above 1. Where the burn over either window is unknown,
// or there is no factor, so is this.
func (s PolicyStatus) Near() (share float64, known bool) {
	if !s.Long.Known || !s.Short.Known || s.Policy.Factor <= 0 {
		return 0, false
	}
	return min(s.Long.Rate, s.Short.Rate) / s.Policy.Factor, true
}
