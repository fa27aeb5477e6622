package statuspage

import (
	"slices"

	"burnline/slo"
)

// State is how a journey works now.
type State string

// The states, from the best to the worst. Only Works is good.
const (
	// Works: events arrive, and nobody has to be woken for what fails.
	Works State = "works"
	// InMaintenance: planned work goes on, and what fails is not counted.
	InMaintenance State = "maintenance"
	// Watched: it works again, by evidence of good events, and what was wrong is not over for long.
	Watched State = "watched"
	// Unknown: no data arrives, so that nobody knows.
	Unknown State = "unknown"
	// Slow: some customers wait longer than was promised.
	Slow State = "slow"
	// Failing: some customers fail.
	Failing State = "failing"
	// Down: at least half of what customers try fails.
	Down State = "down"
)

// worst orders states by how much they say against the journey.
func (s State) worse(than State) bool {
	order := []State{Works, InMaintenance, Watched, Unknown, Slow, Failing, Down}
	return slices.Index(order, s) > slices.Index(order, than)
}

// Words are the state in plain words.
func (s State) Words() string {
	switch s {
	case Works:
		return "Works"
	case InMaintenance:
		return "In maintenance"
	case Watched:
		return "Works again, we watch it"
	case Slow:
		return "Slow for some customers"
	case Failing:
		return "Some customers fail"
	case Down:
		return "Down"
	}
	return "No data"
}

// downShare is the share of events that fail from which on a journey is down.
const downShare = 0.5

// stateOf returns how one SLO's groups are now.
func stateOf(d *slo.Definition, groups []slo.Status) State {
	known, held := false, false
	burns, rests, dark := false, false, false
	for i := range groups {
		st := &groups[i]
		known = known || st.State.Known()
		held = held || len(st.Held) > 0
		for _, in := range st.Open {
			if in.Severity != slo.Page {
				continue
			}
			switch in.Cause {
			case slo.CauseNoData:
				dark = true
			case slo.CauseBurn, "":
				rested := slo.HoldingOf(groups, in.Key).Rests()
				burns, rests = burns || !rested, rests || rested
			}
		}
	}
	switch {
	case burns && d.SLI.Latency != nil:
		return Slow
	case burns && failed(groups) >= downShare:
		return Down
	case burns:
		return Failing
	case held:
		return InMaintenance
	case dark || !known:
		return Unknown
	case rests:
		return Watched
	}
	return Works
}

// failed is the share of all groups' events that failed within the shortest window of a page's
// policy; 0 without any.
func failed(groups []slo.Status) float64 {
	var all slo.Counts
	for i := range groups {
		shortest := slo.Burn{}
		for _, p := range groups[i].Policies {
			if p.Policy.Severity == slo.Page && (shortest.Window == 0 || p.Short.Window < shortest.Window) {
				shortest = p.Short
			}
		}
		all.Good, all.Total = all.Good+shortest.Counts.Good, all.Total+shortest.Counts.Total
	}
	if all.Total <= 0 {
		return 0
	}
	return all.Bad() / all.Total
}
