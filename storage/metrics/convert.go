package metrics

import (
	"fmt"

	"github.com/prometheus/prometheus/model/labels"

	"burnline/slo"
)

// FromLabels returns Prometheus labels as a set of the domain, without labels
// whose value is empty. The result keeps its own copy of every string.
func FromLabels(ls labels.Labels) slo.Labels {
	return SharedLabels(ls.Copy())
}

// SharedLabels is FromLabels without a copy: the set lasts as long as ls.
func SharedLabels(ls labels.Labels) slo.Labels {
	out := make(slo.Labels, 0, ls.Len())
	ls.Range(func(l labels.Label) {
		if l.Value != "" {
			out = append(out, slo.Label{Name: l.Name, Value: l.Value})
		}
	})
	return out
}

// ToLabels returns a set of the domain as Prometheus labels.
func ToLabels(ls slo.Labels) labels.Labels {
	b := labels.NewScratchBuilder(len(ls))
	for _, l := range ls {
		if l.Value != "" {
			b.Add(l.Name, l.Value)
		}
	}
	b.Sort()
	return b.Labels()
}

// ToMatchers returns the selector as Prometheus matchers. The error names the
// label whose regular expression or operator is wrong.
func ToMatchers(sel slo.Selector) ([]*labels.Matcher, error) {
	out := make([]*labels.Matcher, 0, len(sel.Matchers)+1)
	if sel.Name != "" {
		out = append(out, labels.MustNewMatcher(labels.MatchEqual, slo.MetricName, sel.Name))
	}
	for _, m := range sel.Matchers {
		kind, ok := matchType(m.Op)
		if !ok {
			return nil, fmt.Errorf("matcher of label %q: unknown operator %q", m.Label, m.Op)
		}
		matcher, err := labels.NewMatcher(kind, m.Label, m.Value)
		if err != nil {
			return nil, fmt.Errorf("matcher of label %q: %w", m.Label, err)
		}
		out = append(out, matcher)
	}
	return out, nil
}

// matchType returns the comparison as Prometheus calls it; false when there is
// none of that name.
func matchType(op slo.MatchOp) (labels.MatchType, bool) {
	switch op {
	case slo.MatchEqual:
		return labels.MatchEqual, true
	case slo.MatchNotEqual:
		return labels.MatchNotEqual, true
	case slo.MatchRegexp:
		return labels.MatchRegexp, true
	case slo.MatchNotRegexp:
		return labels.MatchNotRegexp, true
	}
	return 0, false
}
