package impact

import (
	"time"

	"burnline/slo"
)

// incident is what an open incident did so far: its own counts, which go on when its first
// minutes are forgotten.
type incident struct {
	totals
	// from is when it started, in seconds, as finely as the pieces are cut; groups are those
	// that it covers.
	from   int64
	groups map[string]bool
	// known is from when, in seconds, all is counted: spans before it were not seen.
	known int64
	// gap is true where spans in between may be missing: the process was killed.
	gap bool
	// asked is when somebody wanted to know last.
	asked time.Time
	// saved is how many events it had when it was kept last.
	saved float64
}

// partial reports whether it counts less than all.
func (in *incident) partial() bool {
	return in.gap || in.known > in.from || in.hurt.full || in.seen.full
}

// incident returns the counts of an open incident, which begin with what the pieces since
// its start hold. The caller holds mu.
func (w *watched) incident(t *Tracker, of slo.Incident, now time.Time) *incident {
	in := w.open[of.Key]
	if in == nil {
		from := of.Started.Unix()
		from -= from % fine
		in = &incident{from: from, groups: map[string]bool{}, known: from}
		if of.Started.Before(t.began) {
			in.known = t.began.Unix()
		}
		in.known = max(in.known, now.Unix()-keptFor)
		w.open[of.Key] = in
	}
	in.asked = now
	groups := of.Groups
	if len(groups) == 0 {
		groups = []slo.Labels{of.Group}
	}
	for _, labels := range groups {
		if key := labels.String(); !in.groups[key] {
			in.groups[key] = true
			if g := w.groups[key]; g != nil {
				in.take(g, t.by)
			}
		}
	}
	return in
}

// take adds what the pieces of a group hold since the start.
func (in *incident) take(g *group, by tally) {
	g.since(in.from, func(p *piece, after bool) {
		if after {
			in.merge(&p.totals, by)
		}
	})
}
