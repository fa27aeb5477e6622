package report

import (
	"time"

	"burnline/slo"
)

// State says in a word how a promise was kept over some stretch of time.
type State string

// The states. Only Kept is good: the others are bad or unknown.
const (
	// Kept: every hour had events, and no more of them failed than the objective allows.
	Kept State = "kept"
	// Missed: more failed than the objective allows, in at least one group.
	Missed State = "missed"
	// NoData: there were no events.
	NoData State = "no data"
	// Partly: kept by the events that were seen, but some hours had none.
	Partly State = "partly no data"
	// Excluded: corrections take out everything that was seen, and of no hour that they leave nothing
	// is known.
	Excluded State = "excluded"
)

// Side is one way of counting: with everything, or without what corrections take out.
type Side struct {
	// Good, Bad and Total are events. (Of SLOs of time slices and ratios: slices.)
	Good  float64 `json:"good"`
	Bad   float64 `json:"bad"`
	Total float64 `json:"total"`
	// Attained is the share of good events in percent; 0 where State is no data or excluded.
	Attained float64 `json:"attained"`
	// Spent is the share of the error budget of the stretch that was spent, of its worst group:
	// bad ÷ (total × (1 − objective/100)). 1 is all of it.
	Spent float64 `json:"spent"`
	State State   `json:"state"`
	// Missing is how many whole hours had no events; on the corrected side without the part
	// that corrections take out.
	Missing float64 `json:"hours_without_data"`
}

// Unknown reports whether nothing can be said.
func (s *Side) Unknown() bool { return s.State == NoData || s.State == Excluded }

// Stretch is how a promise was kept over the time (From, To].
type Stretch struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Objective is in percent, see Promise.Objective.
	Objective float64 `json:"objective"`
	// Corrected leaves out what corrections take out, Raw has everything.
	Corrected Side `json:"corrected"`
	Raw       Side `json:"raw"`
	// Hours is how many hours the promise was in force and is over, and Excluded how many of them
	// corrections take out.
	Hours    float64 `json:"hours"`
	Excluded float64 `json:"hours_excluded"`
}

// Known is the part of the stretch, 0–1, of which something is known: the hours that have
// events, of those that corrections leave.
func (s *Stretch) Known() float64 {
	left := s.Hours - s.Excluded
	if left <= 0 || s.Corrected.Unknown() {
		return 0
	}
	return max(0, 1-s.Corrected.Missing/left)
}

// Over returns how the promise was kept in (from, to], which begin and end at full quarters of
// an hour.
func (r *Record) Over(from, to time.Time) Stretch {
	s := Stretch{From: from, To: to, Objective: r.promise.Objective(from, to)}
	from = slo.Latest(from, r.promise.Since)
	if !r.promise.Until.IsZero() {
		to = slo.Earliest(to, r.promise.Until)
	}
	if !from.Before(to) {
		s.Corrected.State, s.Raw.State = NoData, NoData
		return s
	}
	s.Hours = to.Sub(from).Hours()
	s.Excluded = covered(r.promise.Corrected, from, to).Hours()
	r.missing(&s, from, to)
	budget := 1 - s.Objective/100
	s.Raw.judge(r.tallies(from, to, func(c counts) slo.Counts { return c.raw }), budget, false)
	s.Corrected.judge(r.tallies(from, to, func(c counts) slo.Counts { return c.corrected }), budget, s.Excluded >= s.Hours || s.Raw.Total > 0 && s.Corrected.Missing == 0)
	return s
}

// tallies adds up the events of each group; of an SLO of SLOs there is one.
func (r *Record) tallies(from, to time.Time, side func(counts) slo.Counts) []slo.Counts {
	if c := r.promise.Definition.SLI.Composite; c != nil {
		var all slo.Mixture
		for _, p := range r.parts {
			var one slo.Counts
			for _, g := range p.tallies(from, to, side) {
				one = sum(one, g)
			}
			all.Add(p.weight, one)
		}
		return []slo.Counts{all.Counts(c.Method)}
	}
	all := make([]slo.Counts, len(r.groups))
	for i, g := range r.groups {
		for _, c := range g.between(number(from), number(to.Add(quarter-1))) {
			all[i] = sum(all[i], side(c))
		}
	}
	return all
}

// allowance forgives what adding up rounds off.
const allowance = 1e-9

// judge sets the side from the events of the groups. A group without events says nothing where
// others have some: it is idle. hidden is true where nothing is left of what there was.
func (s *Side) judge(groups []slo.Counts, budget float64, hidden bool) {
	var all slo.Counts
	missed := false
	for _, g := range groups {
		if g.Total <= allowance {
			continue
		}
		all = sum(all, g)
		bad := max(0, g.Bad())
		s.Spent = max(s.Spent, bad/(g.Total*budget))
		missed = missed || bad > g.Total*budget*(1+allowance)
	}
	s.Good, s.Total, s.Bad = all.Good, all.Total, max(0, all.Bad())
	switch {
	case all.Total == 0 && hidden:
		s.State = Excluded
	case all.Total == 0:
		s.State = NoData
	case missed:
		s.State = Missed
	case s.Missing > 0:
		s.State = Partly
	default:
		s.State = Kept
	}
	if all.Total > 0 {
		s.Attained = 100 * (1 - s.Bad/s.Total)
	}
}

// missing counts the whole hours of the stretch, from its beginning on, that have no events.
func (r *Record) missing(s *Stretch, from, to time.Time) {
	skipped := (from.Sub(s.From) + time.Hour - 1) / time.Hour
	for h := s.From.Add(skipped * time.Hour); !h.Add(time.Hour).After(to); h = h.Add(time.Hour) {
		if end := h.Add(time.Hour); !r.seen(number(h), number(end)) {
			s.Raw.Missing++
			s.Corrected.Missing += (time.Hour - covered(r.promise.Corrected, h, end)).Hours()
		}
	}
}

// seen reports whether any group, or any part, has events in the quarters [first, last).
func (r *Record) seen(first, last int64) bool {
	for _, p := range r.parts {
		if p.seen(first, last) {
			return true
		}
	}
	for _, g := range r.groups {
		for _, c := range g.between(first, last) {
			if c.raw.Total > 0 {
				return true
			}
		}
	}
	return false
}
