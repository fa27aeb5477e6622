package slo

import (
	"math"
	"time"
)

// BudgetInput is what the error budget of one window is computed from.
type BudgetInput struct {
	// Counts are the events of the covered part of the window.
	Counts Counts
	// Budget is the error budget as a fraction, 1 − objective/100.
	Budget float64
	// Window is the SLO's window and Elapsed the part of it that data covers; more
	// than the window counts as the window.
	Window, Elapsed time.Duration
	// Long is the burn over the window from which "gone in" takes the traffic
	// and errors of now.
	Long Burn
}

// NewBudget returns where the error budget stands:
//
//	consumed  = burn × elapsed ÷ window
//	remaining = 1 − consumed
//	gone in   = remaining × budget × total × (window ÷ elapsed) × long ÷ bad(long)
//
// so that a young window isn't overspent after one error: its share of the
// window is projected, and long is no longer than what data covers. There is no "gone in" when the long window has no bad
// events, nor once the budget is spent. Without events it is unknown. (design,
// "Budget")
func NewBudget(in BudgetInput) BudgetStatus {
	elapsed := min(in.Elapsed, in.Window)
	s := BudgetStatus{Counts: in.Counts, Elapsed: max(0, elapsed), Remaining: 1, Projected: elapsed < in.Window}
	burn := NewBurn(elapsed, in.Counts, in.Budget)
	if elapsed <= 0 || !burn.Known {
		return s
	}
	covered := float64(elapsed) / float64(in.Window)
	s.Known = true
	s.Consumed = burn.Rate * covered
	s.Remaining = 1 - s.Consumed
	s.Spent = s.Remaining <= 0
	if bad := in.Long.Counts.Bad(); !s.Spent && in.Long.Known && bad > 0 {
		left := s.Remaining * in.Budget * in.Counts.Total / covered // bad events still allowed
		s.GoneIn = duration(left / bad * float64(min(in.Long.Window, elapsed)))
		s.Exhausts = true
	}
	return s
}

// duration converts nanoseconds, capped at the longest duration there is
// (292 years).
func duration(ns float64) time.Duration {
	if ns >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(ns)
}
