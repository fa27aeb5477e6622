package alerting

import (
	"fmt"
	"slices"
	"time"

	"burnline/slo"
)

// mostHeld is how long a page waits for the page of a dependency at most.
const mostHeld = 15 * time.Second

// depend merges a page into the page of an SLO that it depends on, where that one
// is told to somebody, and holds it for a moment where such a page may be
// about to come. A page that is itself merged, silenced, told to nobody or refused explains nothing:
// what depends on it is told.
func depend(v *view, p passage) passage {
	in := p.t.Incident
	sends := slices.ContainsFunc(p.forks, func(f fork) bool { return f.decision.Fate == FateSend })
	if in.Severity != slo.Page || outside(in) || !sends {
		return p
	}
	if page := v.world.explaining(in); page != nil {
		told := page.told()
		p = p.each(func(*fork) (Decision, bool) {
			return Decision{Fate: FateMerged, By: page.incident.Key, At: v.now,
				Reason: fmt.Sprintf("it depends on %s, whose page tells it too", page.incident.SLO)}, true
		})
		for i := range p.forks {
			f := &p.forks[i]
			f.page, f.elsewhere = page, !slices.Contains(told, f.receiver)
		}
		return p
	}
	if until := in.Opened.Add(mostHeld); v.now.Before(until) && (p.follows || wasHeld(p.have.Decisions)) {
		return p.each(func(*fork) (Decision, bool) {
			return Decision{Fate: FateHeld, Until: until, At: v.now,
				Reason: "it waits for the page of an SLO that it depends on: " + list(inlined(v.world.dependencies(in.SLO)))}, true
		})
	}
	if !v.world.unheard(in.Key) {
		p.explains = v.world.dependents(in)
	}
	return p
}

// wasHeld reports whether a decision in force holds the page.
func wasHeld(history []Decision) bool {
	return slices.ContainsFunc(inForce(history), func(d Decision) bool { return d.Fate == FateHeld })
}

// mayFollow reports whether a page of an SLO may be about to come at a moment after
// what it is asked for began: it burns, nobody knows how it fares, or its samples of that
// time are not here yet. Without any status nothing is known.
func mayFollow(statuses []slo.Status, began time.Time) bool {
	for i := range statuses {
		s := &statuses[i]
		if s.State == slo.StateUnseen {
			continue // it has never had data to judge
		}
		if !s.State.Known() || s.LastSample.Before(began) {
			return true
		}
		for _, p := range s.Policies {
			if p.Policy.Severity == slo.Page && p.Short.Known && p.Short.Rate > 1 {
				return true
			}
		}
	}
	return len(statuses) == 0
}

// highestBurn is the burn rate at which a page of these statuses fires: of its
// policies that page, the highest that both windows exceed. A ceiling of a
// silence is compared with it, so it is like the factor of a further policy.
func highestBurn(statuses ...slo.Status) float64 {
	highest := 0.0
	for i := range statuses {
		for _, p := range statuses[i].Policies {
			if p.Policy.Severity == slo.Page && p.Long.Known && p.Short.Known {
				highest = max(highest, min(p.Long.Rate, p.Short.Rate))
			}
		}
	}
	return highest
}

// covers reports whether every group of a page is alike one of the dependency's:
// no label that both have differs. What breaches in eu is not explained by us.
func covers(dependency, groups []slo.Labels) bool {
	for _, g := range groups {
		if !slices.ContainsFunc(dependency, func(d slo.Labels) bool { return alike(d, g) }) {
			return false
		}
	}
	return true
}

func alike(a, b slo.Labels) bool {
	for _, l := range a {
		if other := b.Get(l.Name); other != "" && other != l.Value {
			return false
		}
	}
	return true
}
