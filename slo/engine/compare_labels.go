package engine

import (
	"slices"
	"strings"

	"burnline/slo"
)

// distinguishing returns the labels by which the events of the series can be compared, those
// that say most to people first: all that the series have, but for
//   - the metric's name and a histogram's bucket;
//   - labels of which no value occurs in every way that series count: a total and bad events,
//     or a histogram's count and bucket. Such a label says how an event ended, as code does and
//     whatever hangs on it, or is told of one side only: it can't tell where events fail.
//
// A label with one value, as the selectors fix it, compares nothing, and is left to
// explain.Find to leave out.
func distinguishing(members []*member) []string {
	ways := map[*weight]bool{}
	occurs := map[slo.Label]map[*weight]bool{}
	for _, m := range members {
		if m.total == 0 && m.bad == 0 && m.single == nil {
			continue // added and taken away
		}
		ways[m.weight] = true
		for _, l := range m.labels() {
			if occurs[l] == nil {
				occurs[l] = map[*weight]bool{}
			}
			occurs[l][m.weight] = true
		}
	}
	values := map[string]int{}
	shared := map[string]bool{}
	for l, in := range occurs {
		values[l.Name]++
		shared[l.Name] = shared[l.Name] || len(in) == len(ways)
	}
	var names []string
	for name := range values {
		if shared[name] && name != slo.MetricName && name != "le" {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if oneOfMany(a) != oneOfMany(b) {
			if oneOfMany(a) {
				return 1
			}
			return -1
		}
		return strings.Compare(a, b)
	})
	return names
}

// oneOfMany reports whether a label names one of many alike, such as a pod: where another label
// says the same, that one tells people more.
func oneOfMany(label string) bool {
	for part := range strings.FieldsFuncSeq(label, func(r rune) bool { return r == '_' || r == '.' }) {
		switch part {
		case "instance", "pod", "host", "hostname", "node", "container", "replica", "task", "ip", "addr", "address", "uid", "id":
			return true
		}
	}
	return false
}
