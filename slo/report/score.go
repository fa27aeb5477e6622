package report

import "burnline/slo"

// weightOf is how much an SLO counts: 4 of tier 1, 2 of tier 2, 1 of every other.
func weightOf(d *slo.Definition) float64 {
	switch d.Labels["tier"] {
	case "1":
		return 4
	case "2":
		return 2
	}
	return 1
}

// tallying adds up a score and the states.
type tallying struct {
	Tally
	weight, kept       float64
	rawWeight, rawKept float64
}

func (t *tallying) add(weight float64, s *Stretch) {
	t.Corrected.add(s.Corrected.State)
	t.Raw.add(s.Raw.State)
	// What corrections take out whole was not promised, so it is neither kept nor missed.
	if s.Corrected.State != Excluded {
		t.weight += weight
		if s.Corrected.State == Kept || s.Corrected.State == Partly {
			t.kept += weight * s.Known()
		}
	}
	t.rawWeight += weight
	if s.Raw.State == Kept || s.Raw.State == Partly {
		t.rawKept += weight * max(0, 1-s.Raw.Missing/s.Hours)
	}
}

func (t *tallying) score() Score {
	return Score{Corrected: share(t.kept, t.weight), Raw: share(t.rawKept, t.rawWeight), Weight: t.weight, Kept: t.kept}
}

func share(part, whole float64) *float64 {
	if whole <= 0 {
		return nil
	}
	v := 100 * part / whole
	return &v
}
