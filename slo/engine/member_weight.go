package engine

import "burnline/slo"

// weight is what the samples of a series count. Nearly all series of an SLO have one of two.
type weight struct {
	// count and bucket say that the series carries totals, and that it is a
	// classic histogram's bucket at the threshold.
	count, bucket bool
	native        bool
	// single says what samples are that are events of their own; nil for others.
	single *singles
	// total and bad multiply the difference of a counter (or of a native
	// histogram's count), below that of the observations up to the threshold.
	total, bad, below float64
	threshold         float64
}

// weightOf returns what a series counts by all terms that select it; false when none does.
func (t *table) weightOf(labels slo.Labels) (weight, bool) {
	w := weight{single: t.single, count: t.ask != nil}
	wanted := t.ask != nil
	for i := range t.terms {
		if t.terms[i].match.Match(labels) {
			t.weigh(&w, &t.terms[i])
			t.matched[i].Store(true)
			wanted = true
		}
	}
	return w, wanted || t.wants(labels) // which notes a bucket that is not the one
}

// shared returns the one copy of a weight. The caller holds mu.
func (t *table) shared(w weight) *weight {
	for _, have := range t.weights {
		if *have == w {
			return have
		}
	}
	t.weights = append(t.weights, &w)
	return &w
}

// weigh adds one term to what a series counts. Bad events are kept as such:
// with good events given, a total adds to them and a good one takes away.
func (t *table) weigh(w *weight, term *boundTerm) {
	sign := 1.0
	if term.Minus {
		sign = -1
	}
	switch term.Role {
	case slo.RoleTotal:
		w.total += sign
		w.count = true
		if t.inverse {
			w.bad += sign
		}
	case slo.RoleGood:
		w.bad -= sign
		w.bucket = w.bucket || term.LE > 0
	case slo.RoleBad:
		w.bad += sign
	case slo.RoleNative:
		w.native, w.threshold, w.count = true, term.Threshold, true
		w.total += sign
		w.bad += sign
		w.below -= sign
	case slo.RoleSample:
		w.count = true
	}
}
