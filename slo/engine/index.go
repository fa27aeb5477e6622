package engine

import "burnline/slo"

// index finds the SLOs that may count a series without asking all of them: where
// ten thousand SLOs select one metric by a label of their own, each new series is
// looked at by one of them. Its fields don't change once it is built.
type index struct {
	metrics map[string]*metricIndex
}

// metricIndex are the SLOs that select one metric.
type metricIndex struct {
	// any are those with a selector that no label's value narrows.
	any []*tracked
	// labels are the names of the labels that narrow the others, and byLabel finds them.
	labels  []string
	byLabel map[slo.Label][]*tracked
}

// newIndex indexes each selector by that of its label's values by which the fewest
// SLOs select the metric.
func newIndex(all []*tracked) *index {
	x := &index{metrics: map[string]*metricIndex{}}
	uses := map[string]map[slo.Label]int{}
	eachSelector(all, func(_ *tracked, sel *slo.Selector) {
		if uses[sel.Name] == nil {
			uses[sel.Name] = map[slo.Label]int{}
			x.metrics[sel.Name] = &metricIndex{byLabel: map[slo.Label][]*tracked{}}
		}
		for _, m := range sel.Matchers {
			if narrows(m) {
				uses[sel.Name][slo.Label{Name: m.Label, Value: m.Value}]++
			}
		}
	})
	eachSelector(all, func(t *tracked, sel *slo.Selector) {
		var best slo.Label
		for _, m := range sel.Matchers {
			l := slo.Label{Name: m.Label, Value: m.Value}
			if narrows(m) && (best.Name == "" || uses[sel.Name][l] < uses[sel.Name][best]) {
				best = l
			}
		}
		x.metrics[sel.Name].put(t, best)
	})
	return x
}

func eachSelector(all []*tracked, yield func(*tracked, *slo.Selector)) {
	for _, t := range all {
		for i := range t.table.terms {
			yield(t, &t.table.terms[i].Selector)
		}
	}
}

// narrows reports whether only series match that have the label.
func narrows(m slo.Matcher) bool {
	return m.Op == slo.MatchEqual && m.Value != "" && m.Label != slo.MetricName
}

func (x *metricIndex) put(t *tracked, by slo.Label) {
	if by.Name == "" {
		x.any = addOnce(x.any, t)
		return
	}
	known := false
	for _, name := range x.labels {
		known = known || name == by.Name
	}
	if !known {
		x.labels = append(x.labels, by.Name)
	}
	x.byLabel[by] = addOnce(x.byLabel[by], t)
}

// addOnce adds an SLO unless it was the last to be added.
func addOnce(all []*tracked, t *tracked) []*tracked {
	if n := len(all); n > 0 && all[n-1] == t {
		return all
	}
	return append(all, t)
}

// of yields every SLO that may count the series, one maybe more than once.
func (x *index) of(series slo.Labels, yield func(*tracked)) {
	m := x.metrics[series.Get(slo.MetricName)]
	if m == nil {
		return
	}
	for _, t := range m.any {
		yield(t)
	}
	for _, name := range m.labels {
		for _, t := range m.byLabel[slo.Label{Name: name, Value: series.Get(name)}] {
			yield(t)
		}
	}
}
