package maintenance

import (
	"cmp"
	"slices"
	"strings"

	"burnline/alerting"
	"burnline/internal/spelling"
	"burnline/slo"
)

// mostNamed is how many names are offered in the place of one that there is not.
const mostNamed = 5

// strangers finds the names of a scope that no SLO has: mostly slips of the pen, which nobody would notice before
// the alerts come.
func strangers(s alerting.Scope, defs []*slo.Definition, found *slo.Problems) {
	for _, p := range parts(s) {
		if slices.ContainsFunc(*found, func(have slo.Problem) bool { return have.Field == p.field }) {
			continue // what is no name is said already
		}
		what := "no SLO has the " + p.label
		if p.field == "slos" {
			what = "there is no SLO"
		}
		for _, name := range p.names {
			one := scopeOf(p.field, name)
			if slices.ContainsFunc(defs, one.Concerns) {
				continue
			}
			instead := "confirm it if alerts of other systems have it"
			if near := nearest(name, namesOf(p.field, defs)); len(near) > 0 {
				instead = "write " + strings.Join(near, " or ") + ", or " + instead
			}
			found.Add(p.field, instead, "%s %.100q", what, name)
		}
	}
}

// scopeOf is one name of one kind.
func scopeOf(field, name string) alerting.Scope {
	switch names := []string{name}; field {
	case "slos":
		return alerting.Scope{SLOs: names}
	case "services":
		return alerting.Scope{Services: names}
	case "teams":
		return alerting.Scope{Teams: names}
	default:
		return alerting.Scope{Journeys: names}
	}
}

// namesOf are the names of one kind that SLOs have, in order.
func namesOf(field string, defs []*slo.Definition) []string {
	var all []string
	for _, d := range defs {
		if name := map[string]string{"slos": d.ID, "services": d.Service, "teams": d.Team, "journeys": d.Journey}[field]; name != "" {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// nearest are the names that are most like one, the most alike first: all of them where they are few.
func nearest(name string, all []string) []string {
	name = strings.ToLower(name[:min(len(name), 100)])
	near := slices.Clone(all)
	slices.SortStableFunc(near, func(a, b string) int { return cmp.Compare(distance(name, a), distance(name, b)) })
	if len(near) > mostNamed {
		near = slices.DeleteFunc(near, func(other string) bool { return distance(name, other) > max(2, 2*len(name)/3) })
	}
	return near[:min(len(near), mostNamed)]
}

// distance is how far one name is from another: none where the other holds the one.
func distance(a, b string) int {
	b = strings.ToLower(b)
	if strings.Contains(b, a) {
		return 0
	}
	return spelling.Distance(a, b)
}
