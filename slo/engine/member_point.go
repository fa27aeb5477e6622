package engine

import (
	"math"

	"burnline/slo"
)

// point is a sample as it is counted: a counter's value in v[0], a native
// histogram's count and its observations up to the threshold, or, where the sample is an
// event of its own, a 1 and how much of it is bad.
type point struct {
	t, st int64
	v     [2]float64
}

// reading is what became of turning a sample into a point.
type reading int

const (
	readable reading = iota
	noValue          // a stale marker, or not the kind of sample that the term counts
	noNumber         // NaN or infinite
)

func (m *member) point(s slo.Sample) (point, reading) {
	p := point{t: s.T, st: s.ST}
	if m.single != nil {
		return m.singlePoint(s)
	}
	switch {
	case s.H != nil:
		p.v[0] = s.H.Count()
		if m.native {
			p.v[1] = s.H.CountBelow(m.threshold)
		}
	case m.native:
		return p, noValue
	default:
		p.v[0] = s.V
	}
	for _, v := range p.v {
		if math.Float64bits(v) == staleNaN {
			return p, noValue
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return p, noNumber
		}
	}
	return p, readable
}
