package engine

import (
	"math"

	"burnline/slo"
)

// Where each sample is an event of its own (a gauge that is compared, the answer of a
// query) nothing depends on the sample before it: it counts at its time. All else, what
// is a duplicate, what comes too late, what storage has to be asked, is as for counters.

// singles says what samples are that are events of their own.
type singles struct {
	// sample says how one of a gauge compares; nil where it is an error ratio.
	sample *slo.SamplesSLI
	// every is the time between two answers of a query, in milliseconds; 0 for samples of
	// storage.
	every int64
}

// singlesOf returns nil where samples only count together with the one before.
func singlesOf(d *slo.Definition) *singles {
	s := &singles{sample: d.SLI.Samples}
	if q := askingOf(d); q != nil {
		s.every = q.every
	} else if d.SLI.Samples == nil {
		return nil
	}
	return s
}

// singlePoint reads a sample that is an event of its own.
func (m *member) singlePoint(s slo.Sample) (point, reading) {
	p := point{t: s.T, v: [2]float64{1, 0}}
	switch {
	case s.H != nil, math.Float64bits(s.V) == staleNaN:
		return p, noValue
	case math.IsNaN(s.V):
		return p, noNumber
	case m.single.sample == nil:
		p.v[1] = min(1, max(0, s.V))
	case !m.single.sample.Op.Holds(s.V, m.single.sample.Value):
		p.v[1] = 1
	}
	return p, readable
}

// single counts a sample (sign 1) or takes it back (sign −1).
func (a *accumulator) single(m *member, p point, sign float64, now int64) {
	a.see(m, p.t-m.single.every, p.t)
	a.traffic.events(p.t, p.t, sign*p.v[0], false, now)
	a.count(a.groups[m.group], p.t, p.t, sign*p.v[0], sign*p.v[1], false, now)
}

// insertSingle counts a sample before the i-th that is held.
func (a *accumulator) insertSingle(se *series, i int, p point, now int64) outcome {
	k := &se.kept
	n := k.len()
	switch {
	case i < n && k.time(i) == p.t:
		return duplicate
	case i == 0 && !se.whole && se.m.single.every == 0:
		return tooLate
	case i == n:
		a.observeInterval(se.m, p.t-k.end())
	}
	if se.m.count {
		a.traffic.reported = now
	}
	a.single(se.m, p, 1, now)
	k.insert(i, p)
	a.trim(se)
	return counted
}

// adoptSingle counts the first sample of a new series that is to be counted.
func (a *accumulator) adoptSingle(se *series, base *point, p point, now int64) outcome {
	if base != nil {
		a.see(se.m, base.t, base.t)
		se.kept.insert(0, *base)
	}
	a.single(se.m, p, 1, now)
	se.kept.insert(se.kept.len(), p)
	return counted
}
