package propose

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"burnline/slo"
)

// strange is what the name of a service can't have in an ID.
var strange = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// tellsService returns the label that tells the service of a row; false where it has none.
func tellsService(row Row) (slo.Matcher, bool) {
	for _, label := range serviceLabels() {
		if value := row.Get(label); value != "" {
			return slo.Matcher{Label: label, Op: slo.MatchEqual, Value: value}, true
		}
	}
	return slo.Matcher{}, false
}

// usable is a name as IDs take it; "" where nothing of it is left.
func usable(name string) string { return strings.Trim(strange.ReplaceAllString(name, "-"), "-._") }

// short is a service's name without its namespace: the job of OpenTelemetry is namespace/name.
func short(by slo.Matcher) string {
	if by.Label == "job" {
		return usable(by.Value[strings.LastIndex(by.Value, "/")+1:])
	}
	return usable(by.Value)
}

// called are the names of services in files, by what tells them in the data. Where two would be called
// the same, their namespaces come before their names. A gap says of each that gets no name why, and of metrics that
// tell no service.
func called(rows []Row) (map[slo.Matcher]string, []Gap) {
	var all []slo.Matcher
	var gaps []Gap
	for _, row := range rows {
		name := row.Get(slo.MetricName)
		if !known(row) {
			continue
		}
		if by, ok := tellsService(row); ok {
			all = append(all, by)
			continue
		}
		gaps = append(gaps, Gap{Message: fmt.Sprintf("%s has series that don't say whose they are: they have none of the labels %s", name, strings.Join(serviceLabels(), ", ")),
			Instead: "add one where they come from, or write the SLO by hand (docs/slos.md)"})
	}
	slices.SortFunc(all, func(a, b slo.Matcher) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Value, b.Value))
	})
	all = slices.Compact(all)
	alike := map[slo.Matcher]int{}
	for _, by := range all {
		alike[slo.Matcher{Label: by.Label, Value: short(by)}]++
	}
	names, owner := map[slo.Matcher]string{}, map[slo.Matcher]slo.Matcher{}
	for _, by := range all {
		name := short(by)
		if name == "" {
			gaps = append(gaps, Gap{Message: fmt.Sprintf("%s=%q was left out: the name of a service is made of A-Z, a-z, 0-9, dots, dashes and _, and it has none of them", by.Label, by.Value),
				Instead: "write its SLOs by hand under such a name (docs/slos.md), or give its metrics a label service_name that has one"})
			continue
		}
		if alike[slo.Matcher{Label: by.Label, Value: name}] > 1 {
			name = usable(by.Value)
		}
		key := slo.Matcher{Label: by.Label, Value: name}
		if first, taken := owner[key]; taken {
			gaps = append(gaps, Gap{Message: fmt.Sprintf("%s=%q was left out: it would be called %s, as %q is", by.Label, by.Value, name, first.Value),
				Instead: "write its SLOs by hand under another name (docs/slos.md), or give its metrics a label service_name"})
			continue
		}
		owner[key], names[by] = by, name
	}
	return names, uniqueGaps(gaps)
}

// known reports whether proposals are made of series like this.
func known(row Row) bool {
	for _, s := range shapes() {
		if _, ok := s.part(row.Get(slo.MetricName)); ok && meets(row, s.only) {
			return true
		}
	}
	return false
}

// uniqueGaps says everything once, in the order in which it came up.
func uniqueGaps(gaps []Gap) []Gap {
	var all []Gap
	for _, g := range gaps {
		if !slices.Contains(all, g) {
			all = append(all, g)
		}
	}
	return all
}
