package propose

import (
	"slices"
	"strings"

	"burnline/slo"
)

// Known is an SLO that there is already.
type Known struct {
	ID, Service string
	// Latency says that it is about how long something takes.
	Latency bool
	// Spans is the service whose spans it counts; "" where it counts none.
	Spans string
	// Selectors are what it counts.
	Selectors []slo.Selector
}

// KnownOf is what a definition covers.
func KnownOf(d *slo.Definition) Known {
	k := Known{ID: d.ID, Service: d.Service, Latency: d.SLI.Latency != nil}
	if s := d.SLI.Spans; s != nil {
		k.Spans = s.Service
		k.Latency = strings.Contains(s.Bad, "duration")
		return k
	}
	for _, t := range d.Terms() {
		k.Selectors = append(k.Selectors, t.Selector)
		buckets := slices.ContainsFunc(t.Selector.Matchers, func(m slo.Matcher) bool { return m.Label == "le" })
		k.Latency = k.Latency || buckets || strings.HasSuffix(t.Selector.Name, "_bucket")
	}
	return k
}

// coveredBy returns the ID of the SLO that makes a proposal needless; "" for none. One of the same
// service that is about the same, speed or success, is enough, whatever it counts by.
func coveredBy(c *Candidate, known []Known) string {
	for _, k := range known {
		if k.Latency != c.latency {
			continue
		}
		if k.Service == c.Service || k.Spans != "" && k.Spans == c.by.Value {
			return k.ID
		}
		for _, s := range k.Selectors {
			if strings.TrimSuffix(strings.TrimSuffix(s.Name, "_count"), "_bucket") != strings.TrimSuffix(c.Metric, "_count") {
				continue
			}
			if slices.ContainsFunc(c.rows, func(r Row) bool { return mayMatch(s, r) }) {
				return k.ID
			}
		}
	}
	return ""
}

// mayMatch reports whether a selector takes series of a row, as far as its labels are known.
func mayMatch(s slo.Selector, row Row) bool {
	narrowed := slo.Selector{Name: row.Get(slo.MetricName)}
	for _, m := range s.Matchers {
		if row.Get(m.Label) != "" {
			narrowed.Matchers = append(narrowed.Matchers, m)
		}
	}
	matching, err := narrowed.Compile()
	return err == nil && matching.Match(row)
}
