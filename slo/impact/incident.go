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
	// cut is true of what was read where its node may have seen more after it wrote.
	cut bool
	// asked is when somebody wanted to know last.
	asked time.Time
	// saved is how many events it had when it was kept last, at savedAt.
	saved   float64
	savedAt time.Time
	// others are what other nodes kept of it, by their names.
	others map[string]*other
}

// partial reports whether it counts less than all.
func (in *incident) partial() bool {
	return in.gap || in.known > in.from || in.hurt.full || in.seen.full
}

// incident returns the counts of an open incident, which begin with what the pieces since
// its start hold. The caller holds mu.
func (w *watched) incident(t *Tracker, of slo.Incident, now time.Time) *incident {
	groups := of.Groups
	if len(groups) == 0 {
		groups = []slo.Labels{of.Group}
	}
	keys := make([]string, len(groups))
	for i, labels := range groups {
		keys[i] = labels.String()
	}
	return w.follow(t, of.Key, of.Started, keys, now)
}

// follow is incident by what is known of one: its key, its start and its groups as text.
func (w *watched) follow(t *Tracker, key string, started time.Time, groups []string, now time.Time) *incident {
	in := w.open[key]
	if in == nil {
		from := started.Unix()
		from -= from % fine
		in = &incident{from: from, groups: map[string]bool{}, known: from}
		if started.Before(t.began) {
			in.known = t.began.Unix()
		}
		in.known = max(in.known, now.Unix()-keptFor)
		w.open[key] = in
	}
	in.asked = now
	for _, group := range groups {
		if !in.groups[group] {
			in.groups[group] = true
			if g := w.groups[group]; g != nil {
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
