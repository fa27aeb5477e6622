package web

import (
	"math"
	"time"

	"burnline/slo"
)

// look is how a state appears: always a word, a shape and a colour class
// together.
type look struct {
	Word, Meaning string
	// Rank orders states by how much they need a person, most urgent first.
	Rank int
}

// Two shades of ok that rest on less than the whole window, and therefore don't
// look like it.
const (
	shownFilling slo.State = "filling"
	shownYoung   slo.State = "young"
)

// shownAs returns the state that a status is shown as.
func shownAs(st slo.Status) slo.State {
	switch {
	case st.State == slo.StateOK && st.Filling:
		return shownFilling
	case st.State == slo.StateOK && young(st):
		return shownYoung
	}
	return st.State
}

// young reports whether data covers only a part of what the window has had so far. One of the
// calendar is never whole before it ends, and yet not young when data came from its beginning.
func young(st slo.Status) bool {
	b := st.Budget
	if !b.Projected || !b.End.After(st.At) {
		return b.Projected
	}
	return st.At.Add(-b.Elapsed).After(b.Start.Add(time.Second))
}

// filled is the part of the history that was read, 0–1.
func filled(st slo.Status) float64 {
	if !st.Filling {
		return 1
	}
	return min(max(st.Filled, 0), 1)
}

// lookOf returns the look of a state. The word is the state's own name.
func lookOf(s slo.State) look {
	switch s {
	case slo.StateBurning:
		return look{"burning", "a policy fires or an incident is open", 0}
	case slo.StateSpent:
		return look{"spent", "nothing is left of the error budget", 1}
	case slo.StateBroken:
		return look{"broken", "the numbers contradict each other or can't be read", 2}
	case slo.StateMissing:
		return look{"missing", "the series stopped reporting", 3}
	case slo.StateUnseen:
		return look{"unseen", "no data has ever arrived", 4}
	case slo.StateIdle:
		return look{"idle", "series report, but no events happen", 5}
	case shownFilling:
		return look{"filling", "its past is still being read from storage", 6}
	case shownYoung:
		return look{"ok so far", "no policy fires, but data does not cover the whole window yet", 7}
	case slo.StateOK:
		return look{"ok", "events arrive and no policy fires", 8}
	}
	return look{string(s), "", 2}
}

// states lists every state, most urgent first.
func states() []slo.State {
	return []slo.State{slo.StateBurning, slo.StateSpent, slo.StateBroken, slo.StateMissing, slo.StateUnseen, slo.StateIdle, shownFilling, shownYoung, slo.StateOK}
}

// bar is the drawing of a budget in a box of 100 units: what is left, or how
// far it is overspent.
type bar struct {
	Width float64
	Over  bool
}

// barOf draws the rest of a budget, clamped to the box.
func barOf(remaining float64) bar {
	if !finite(remaining) {
		return bar{}
	}
	if remaining <= 0 {
		return bar{Width: math.Min(-remaining, 1) * 100, Over: true}
	}
	return bar{Width: math.Min(remaining, 1) * 100}
}

// partOf draws a size within its limit in a box of 100 units.
func partOf(n, limit int64) float64 {
	if limit <= 0 {
		return 0
	}
	return math.Min(float64(n)/float64(limit), 1) * 100
}

// nearness is how near a policy is to firing, drawn in a box of 100 units.
type nearness struct {
	Known bool
	Width float64
	Text  string
}

// nearOf says how much of its factor a policy's windows both reach.
func nearOf(p slo.PolicyStatus) nearness {
	share, known := p.Near()
	switch {
	case !known:
		return nearness{Text: "not known"}
	case share > 1:
		return nearness{true, 100, trimmed(share, 1) + "× its factor"}
	}
	return nearness{true, share * 100, trimmed(share*100, 0) + nbsp + "% of the way"}
}
