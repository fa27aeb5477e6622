package report

import (
	"slices"
	"time"

	"burnline/slo"
)

// Promise is one SLO with all that is known of how it was kept.
type Promise struct {
	// Definition is the newest wording, also of an SLO that was removed since.
	Definition *slo.Definition
	// Versions are its wordings, the oldest first, with those of the SLO whose place it took
	// before them. None leaves the definition's objective in force for all time.
	Versions []slo.Version
	// Totals are the days of all its groups, in any order; none for an SLO of SLOs.
	Totals []slo.DayTotals
	// Corrected is the time that corrections take out, as slo.Corrected gives it.
	Corrected []slo.Interval
	// Parts are those of an SLO of SLOs, as many as in its definition and in that order; none
	// leaves it without data.
	Parts []Promise
	// Since is when the promise began and Until when it ended, or up to when totals are known;
	// zero is not bounded. Outside of them nothing is missing.
	Since, Until time.Time
}

// quarter is the resolution of totals.
const quarter = 15 * time.Minute

// number returns how many quarters of an hour lie between 1970 and a moment.
func number(at time.Time) int64 {
	s, q := at.Unix(), int64(quarter/time.Second)
	if s < 0 && s%q != 0 {
		return s/q - 1
	}
	return s / q
}

// counts are the events of one quarter, as they happened and without corrected ones.
type counts struct{ raw, corrected slo.Counts }

func sum(a, b slo.Counts) slo.Counts {
	return slo.Counts{Good: a.Good + b.Good, Total: a.Total + b.Total}
}

// Record is a promise made ready to be asked; it is read-only after Read.
type Record struct {
	promise *Promise
	groups  []quarters
	// parts are those of an SLO of SLOs, each once.
	parts []part
}

// part is one SLO of an SLO of SLOs.
type part struct {
	*Record
	weight float64
}

// quarters are those of one group from the first on, without gaps.
type quarters struct {
	first int64
	all   []counts
}

// put sets the quarter with a number. Days come in any order, mostly in that of time.
func (q *quarters) put(n int64, c counts) {
	if len(q.all) == 0 {
		q.first = n
	}
	if n < q.first {
		q.all = append(make([]counts, q.first-n), q.all...)
		q.first = n
	}
	if at := int(n - q.first); at >= len(q.all) {
		q.all = append(q.all, make([]counts, at+1-len(q.all))...)
	}
	q.all[n-q.first] = c
}

// between returns the quarters [from, to) of which something is known.
func (q *quarters) between(from, to int64) []counts {
	from, to = max(from, q.first), min(to, q.first+int64(len(q.all)))
	if from >= to {
		return nil
	}
	return q.all[from-q.first : to-q.first]
}

// Read adds a promise's totals up. The promise is used as long as the record is.
func Read(p *Promise) *Record {
	r := &Record{promise: p}
	at := map[string]int{}
	for i := range p.Totals {
		d := &p.Totals[i]
		name := d.Group.String()
		g, ok := at[name]
		if !ok {
			g = len(r.groups)
			at[name] = g
			r.groups = append(r.groups, quarters{})
		}
		first := number(d.Day)
		for q := range d.Total {
			if c := quarterOf(d, q, p.Corrected); c.raw.Total != 0 || c.corrected.Total != 0 {
				r.groups[g].put(first+int64(q), c)
			}
		}
	}
	if c := p.Definition.SLI.Composite; c != nil {
		for i := range min(len(p.Parts), len(c.Parts)) {
			r.join(p.Parts[i].Definition.ID, &p.Parts[i], c.Parts[i].Weight)
		}
	}
	return r
}

// join adds a part. One that is given twice weighs as much as both together.
func (r *Record) join(id string, p *Promise, weight float64) {
	for i := range r.parts {
		if r.parts[i].promise.Definition.ID == id {
			r.parts[i].weight += weight
			return
		}
	}
	r.parts = append(r.parts, part{Read(p), weight})
}

// quarterOf returns the events of one quarter of a day: raw ones, and those that the corrections
// in force leave. The engine knows to the sample what a correction takes out, as long as it is entered
// within days: then that stands. Of a quarter of which it counted all, a later correction takes the
// share of time that it covers; and what it had taken out counts again where the correction
// was removed.
func quarterOf(d *slo.DayTotals, q int, corrected []slo.Interval) counts {
	counted := slo.Counts{Good: d.Good[q], Total: d.Total[q]}
	out := slo.Counts{Good: d.OutGood[q], Total: d.OutTotal[q]}
	c := counts{raw: sum(counted, out), corrected: counted}
	from := d.Day.Add(time.Duration(q) * quarter)
	switch share := covered(corrected, from, from.Add(quarter)).Seconds() / quarter.Seconds(); {
	case share == 0:
		c.corrected = c.raw
	case out.Total == 0 || share == 1:
		c.corrected = slo.Counts{Good: c.raw.Good * (1 - share), Total: c.raw.Total * (1 - share)}
	}
	return c
}

// covered returns how much of (from, to] the intervals cover; they are in order and don't overlap.
func covered(all []slo.Interval, from, to time.Time) time.Duration {
	i, _ := slices.BinarySearchFunc(all, from, func(in slo.Interval, at time.Time) int {
		if in.To.After(at) {
			return 1
		}
		return -1
	})
	var length time.Duration
	for ; i < len(all) && all[i].From.Before(to); i++ {
		length += slo.Earliest(all[i].To, to).Sub(slo.Latest(all[i].From, from))
	}
	return length
}

// Objective returns the objective in percent by which the stretch (from, to] is judged: the
// strictest that was in force in it, so that nobody keeps a promise by lowering it.
func (p *Promise) Objective(from, to time.Time) float64 {
	if len(p.Versions) == 0 {
		return p.Definition.Objective
	}
	at := p.Versions[0].Objective
	for i, v := range p.Versions {
		switch {
		case i == 0 || v.Ended:
		case !v.Since.After(from):
			at = v.Objective
		case v.Since.Before(to):
			at = max(at, v.Objective)
		}
	}
	return at
}
