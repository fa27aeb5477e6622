package impact

import (
	"slices"
	"time"

	"burnline/slo"
)

// CorrectedFunc returns the time of (from, to] that is taken out of an SLO's budget, in order of time.
type CorrectedFunc func(id string, from, to time.Time) []slo.Interval

// askedAhead is how far ahead corrected time is asked for; it is asked again after half of that.
const askedAhead = time.Hour

// Correct says which time counts for nothing from now on: as in the SLO's own counts, what ends in it hurts nobody
// and fails nowhere. What was counted before stays counted. Nil takes nothing out.
func (t *Tracker) Correct(of CorrectedFunc) { t.corrected.Store(&of) }

// corrected is the time of an SLO that counts for nothing, as far as it was asked for.
type corrected struct {
	by    *CorrectedFunc
	until time.Time
	out   []slo.Interval
}

// of returns the corrected time of an SLO as it is now.
func (c *corrected) of(t *Tracker, id string, now time.Time) []slo.Interval {
	by := t.corrected.Load()
	if by == nil || *by == nil {
		return nil
	}
	if by != c.by || now.After(c.until) {
		c.by, c.until = by, now.Add(askedAhead/2)
		c.out = (*by)(id, now.Add(-keptFor*time.Second), now.Add(askedAhead))
	}
	return c.out
}

// within reports whether a moment lies in one of the intervals, which don't hold their beginning.
func within(all []slo.Interval, at time.Time) bool {
	return slices.ContainsFunc(all, func(in slo.Interval) bool { return at.After(in.From) && !at.After(in.To) })
}
