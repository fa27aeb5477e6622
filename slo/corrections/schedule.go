package corrections

import (
	"sort"
	"sync"
	"time"

	"burnline/slo"
)

// zoneSlack is more than clocks of one zone are ever set forth or back.
const zoneSlack = 26 * time.Hour

// schedule expands a rule on the clock on the wall of a time zone: an
// occurrence begins when the clock shows its time and ends when it shows the end's,
// whatever was done to the clock in between. It expands as far as it was asked, and
// remembers that. It is safe for concurrent use.
type schedule struct {
	in     *time.Location
	wall   time.Time // when the first begins, on the wall
	length time.Duration
	until  time.Time // no occurrence begins after it

	mu       sync.Mutex
	next     func() (time.Time, bool)
	expanded []slo.Interval
	ended    bool
}

var _ slo.Schedule = (*schedule)(nil)

// Between implements slo.Schedule.
func (s *schedule) Between(from, to time.Time) []slo.Interval {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expand(func(newest slo.Interval) bool { return newest.From.Before(to) })
	var found []slo.Interval
	// Intervals are in order of their beginnings, and nearly so of their ends.
	earliest := from.Add(-s.length - zoneSlack)
	first := sort.Search(len(s.expanded), func(i int) bool { return !s.expanded[i].From.Before(earliest) })
	for _, in := range s.expanded[first:] {
		if !in.From.Before(to) {
			break
		}
		if in.To.After(from) {
			found = append(found, in)
		}
	}
	return found
}

// expand goes on while more holds of the newest interval. The caller holds mu.
func (s *schedule) expand(more func(slo.Interval) bool) {
	for !s.ended {
		if n := len(s.expanded); n > 0 && !more(s.expanded[n-1]) {
			return
		}
		wall, ok := s.next()
		begin := slo.OnTheWall(wall, s.in)
		if !ok || begin.After(s.until) {
			s.ended = true
			return
		}
		in := slo.Interval{From: begin, To: slo.OnTheWall(wall.Add(s.length), s.in)}
		if in.From.Before(in.To) { // the clock may skip a short one
			s.expanded = append(s.expanded, in)
		}
	}
}

// check refuses a rule that doesn't begin with the first interval, or
// doesn't end before it begins again: both are slips.
func (s *schedule) check(c *slo.Correction, found *slo.Problems) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expand(func(slo.Interval) bool { return len(s.expanded) < 32 })
	const shape = "Mon 2006-01-02 15:04"
	switch {
	case len(s.expanded) == 0:
		found.Add("rrule", ruleExample, "it never recurs")
		return
	case !s.expanded[0].From.Equal(c.From):
		found.Add("from", "write that moment, or change the rule", "%s is not a moment of the rule; the first is %s",
			c.From.In(s.in).Format(shape), s.expanded[0].From.Format(shape))
		return
	}
	for i := 1; i < len(s.expanded); i++ {
		if s.expanded[i].From.Before(s.expanded[i-1].To) {
			found.Add("to", "write the end of the first interval; UNTIL= in rrule ends the rule", "each interval lasts %s, longer than until the next one",
				slo.FormatDuration(s.length))
			return
		}
	}
}
