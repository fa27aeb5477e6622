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
	// Window is the length of the SLO's window in all, and Elapsed the part of it
	// that data covers; more than the window counts as the window.
	Window, Elapsed time.Duration
	// Long is the burn over the window from which "gone in" takes the traffic
	// and errors of now.
	Long Burn
	// Slice, where above 0, is the length of the slices of time that are the events.
	Slice time.Duration
	// Left, where above 0, is the time until a calendar window ends.
	Left time.Duration
}

// NewBudget returns where the error budget stands:
//
//	consumed  = burn × elapsed ÷ window
//	remaining = 1 − consumed
//	gone in   = remaining × budget × total × (window ÷ elapsed) × long ÷ bad(long)
//
// so that a young window isn't overspent after one error: its share of the
// window is projected, and long is no longer than what data covers. Where slices
// of time are the events, their number is known beforehand, and the budget is its
// share of all of them, seen or not:
//
//	consumed  = bad × slice ÷ (budget × window)
//	gone in   = remaining × budget × (window ÷ slice) × long ÷ bad(long)
//
// There is no "gone in" when the long window has no bad events, when a calendar window ends
// before it, nor once the budget is spent. Without events it is unknown. (design,
// "Budget", "Slices and ratios")
func NewBudget(in BudgetInput) BudgetStatus {
	elapsed := min(in.Elapsed, in.Window)
	s := BudgetStatus{Counts: in.Counts, Elapsed: max(0, elapsed), Remaining: 1, Projected: elapsed < in.Window}
	burn := NewBurn(elapsed, in.Counts, in.Budget)
	if elapsed <= 0 || !burn.Known {
		return s
	}
	allowed := in.Allowed()
	s.Known = true
	s.Consumed = max(0, in.Counts.Bad()) / allowed
	s.Remaining = 1 - s.Consumed
	s.Spent = s.Remaining <= 0
	if bad := in.Long.Counts.Bad(); !s.Spent && in.Long.Known && bad > 0 {
		s.GoneIn = duration(s.Remaining * allowed / bad * float64(min(in.Long.Window, elapsed)))
		s.Exhausts = in.Left <= 0 || s.GoneIn <= in.Left
	}
	if !s.Exhausts {
		s.GoneIn = 0
	}
	return s
}

// Allowed returns how many bad events the whole window allows: at the traffic of its
// covered part, or of all its slices; 0 where nothing is covered.
func (in *BudgetInput) Allowed() float64 {
	elapsed := min(in.Elapsed, in.Window)
	switch {
	case in.Slice > 0:
		return in.Budget * float64(in.Window) / float64(in.Slice)
	case elapsed <= 0:
		return 0
	}
	return in.Budget * in.Counts.Total * (float64(in.Window) / float64(elapsed))
}

// duration converts nanoseconds, capped at the longest duration there is
// (292 years).
func duration(ns float64) time.Duration {
	if ns >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(ns)
}
