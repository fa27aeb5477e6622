package engine

import (
	"errors"
	"math"
	"time"

	"burnline/slo"
)

// slicing turns events into slices of time, of which each is one event itself. It
// holds the events of every slice of the longest window, so that a sample that comes
// late, or a difference that is taken back, judges its slices anew.
type slicing struct {
	tier // the events of each slice
	slo.Budgeting
}

// sliced fails where slices of time, or the moments at which a query is asked, have no
// length that can be counted in.
func sliced(d *slo.Definition) error {
	if q := askingOf(d); q != nil && q.every < 1000 {
		return errors.New("a query is asked once a second at most: say how long a slice is")
	}
	if d.Budgeting.Sliced() && d.SLI.Composite == nil && d.Budgeting.Slice < time.Second {
		return errors.New("a slice of time has a second at least")
	}
	return nil
}

// newSlicing returns nil where events are counted as they are.
func newSlicing(k keep) *slicing {
	if !k.slices.Sliced() {
		return nil
	}
	step := k.slices.Slice.Milliseconds()
	return &slicing{Budgeting: k.slices, tier: tier{step: step, keep: k.longest.Milliseconds() + 2*step + 2*hour}}
}

// verdict returns what a slice with such events counts as: nothing without events.
// (design, "Slices and ratios")
func (s *slicing) verdict(total, bad float64) (known, lost float64) {
	const rounding = 1e-9
	if total <= rounding {
		return 0, 0
	}
	if s.Method == slo.RatioTimeslices {
		return 1, min(1, max(0, bad/total))
	}
	if total-bad < s.Target*total-rounding*max(1, total) {
		return 1, 1
	}
	return 1, 0
}

// addSlices counts events within their slices and returns by how much that changes the
// number of slices and of bad ones. A slice counts at its end: until then it lies
// after every window.
func (r *rings) addSlices(from, to int64, total, bad float64, spread bool, now int64) (counted, lost float64) {
	s := r.slices
	change := func(b int64, share float64) {
		p, at := s.at(b, now)
		if p == nil {
			return
		}
		k0, l0 := s.verdict(p.at(at))
		p.add(at, total*share, bad*share)
		k1, l1 := s.verdict(p.at(at))
		end := (b + 1) * s.step
		r.put(end, end, k1-k0, l1-l0, false, now)
		counted, lost = counted+k1-k0, lost+l1-l0
	}
	if !spread {
		if to > r.clip {
			change(s.bucket(to), 1)
		}
		return counted, lost
	}
	begin := max(from, r.clip, now-s.keep)
	for b := floorDiv(begin, s.step); b*s.step < to; b++ {
		if low, high := max(b*s.step, begin), min((b+1)*s.step, to); high > low {
			change(b, float64(high-low)/float64(to-from))
		}
	}
	return counted, lost
}

// at returns the counts of one bucket.
func (p *page) at(i int) (total, bad float64) { return get(p.total, i), get(p.bad, i) }

// unfinished returns what slices that end after now count already.
func (r *rings) unfinished(now time.Time) slo.Counts {
	var open slo.Counts
	if r.slices == nil {
		return open
	}
	s := &r.slices.tier
	for b := s.bucket(now.UnixMilli()); b < (s.first+int64(len(s.pages)))*pageSize; b++ {
		if (b+1)*s.step > now.UnixMilli() {
			known, lost := r.slices.verdict(s.total(b, b+1))
			open.Total, open.Good = open.Total+known, open.Good+known-lost
		}
	}
	return open
}

// finished returns everything that the rings hold but for slices that still last.
func (r *rings) finished(now time.Time) slo.Counts {
	all, open := r.all(), r.unfinished(now)
	return slo.Counts{Total: all.Total - open.Total, Good: all.Good - open.Good}
}

// events returns the events themselves of about (from, to], where slices are what
// counts; else the counts.
func (r *rings) events(from, to time.Time) slo.Counts {
	if r.slices == nil {
		return since(r, from, to)
	}
	s := &r.slices.tier
	total, bad := s.total(floorDiv(from.UnixMilli(), s.step), s.bucket(to.UnixMilli())+1)
	return slo.Counts{Total: total, Good: total - bad}
}

// edge returns the newest moment up to t at which no slice is cut and a full hour
// begins, so that counts before it and after it can be kept apart.
func (k keep) edge(t int64) int64 {
	unit := k.unit()
	if unit > 62*24*hour {
		return math.MinInt64 // there is none to speak of: read everything again
	}
	return floorDiv(t, unit) * unit
}

// unit is the time between two edges.
func (k keep) unit() int64 {
	if !k.slices.Sliced() {
		return hour
	}
	slice := k.slices.Slice.Milliseconds()
	return hour / gcd(hour, slice) * slice
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
