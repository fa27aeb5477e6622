package web

import "burnline/slo"

// countJSON is a selector of what an SLO counts.
type countJSON struct {
	// Role is total, good, bad, native or sample; Minus takes it away.
	Role   string `json:"role"`
	Minus  bool   `json:"minus,omitempty"`
	Metric string `json:"metric"`
	// Matchers all have to match.
	Matchers []matcherJSON `json:"matchers"`
}

type matcherJSON struct {
	Label string `json:"label"`
	// Op is =, !=, =~ or !~.
	Op    string `json:"op"`
	Value string `json:"value"`
}

// spansJSON says which spans are counted, and which of them as bad.
type spansJSON struct {
	Service string `json:"service"`
	Where   string `json:"where"`
	Bad     string `json:"bad"`
}

// toCounts lists what an SLO counts; nothing where a query or other SLOs are asked.
func toCounts(d *slo.Definition) []countJSON {
	all := []countJSON{}
	if d.SLI.Spans != nil {
		return all
	}
	for _, t := range d.Terms() {
		one := countJSON{Role: t.Role.String(), Minus: t.Minus, Metric: t.Selector.Name, Matchers: []matcherJSON{}}
		for _, m := range t.Selector.Matchers {
			one.Matchers = append(one.Matchers, matcherJSON{m.Label, string(m.Op), m.Value})
		}
		all = append(all, one)
	}
	return all
}

func toSpans(d *slo.Definition) *spansJSON {
	s := d.SLI.Spans
	if s == nil {
		return nil
	}
	return &spansJSON{s.Service, s.Where, s.Bad}
}
