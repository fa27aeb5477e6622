package remote

import (
	"regexp"
	"slices"
	"strings"

	"burnline/slo"
)

// maxAlternatives is how many values a merged matcher lists; with more it is left out.
const maxAlternatives = 100

// merge returns one selector per metric that selects at least what the given
// ones select together, in order of name. It may select more: what no SLO wants is
// sorted out series by series.
func merge(selectors []slo.Selector) []slo.Selector {
	byName := map[string][]slo.Selector{}
	var names []string
	for _, s := range selectors {
		if _, ok := byName[s.Name]; !ok {
			names = append(names, s.Name)
		}
		byName[s.Name] = append(byName[s.Name], s)
	}
	slices.Sort(names)
	out := make([]slo.Selector, 0, len(names))
	for _, name := range names {
		out = append(out, slo.Selector{Name: name, Matchers: common(byName[name])})
	}
	return out
}

// common returns matchers that every selector implies: those that all of them
// share, and, for labels that each compares with a value, the list of these values.
func common(selectors []slo.Selector) []slo.Matcher {
	var out []slo.Matcher
	for _, m := range selectors[0].Matchers {
		shared := !slices.ContainsFunc(selectors, func(s slo.Selector) bool { return !slices.Contains(s.Matchers, m) })
		if !shared && m.Op == slo.MatchEqual {
			m, shared = alternatives(m.Label, selectors)
		}
		if shared && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// alternatives returns a matcher for all the values that the selectors compare
// the label with; false when one of them does not, or there are too many.
func alternatives(label string, selectors []slo.Selector) (slo.Matcher, bool) {
	var values []string
	for _, s := range selectors {
		i := slices.IndexFunc(s.Matchers, func(m slo.Matcher) bool { return m.Label == label && m.Op == slo.MatchEqual })
		if i < 0 {
			return slo.Matcher{}, false
		}
		values = append(values, regexp.QuoteMeta(s.Matchers[i].Value))
	}
	slices.Sort(values)
	values = slices.Compact(values)
	return slo.Matcher{Label: label, Op: slo.MatchRegexp, Value: strings.Join(values, "|")}, len(values) <= maxAlternatives
}
