package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// status returns that of a region.
func (s *story) status(region string) slo.Status {
	for _, st := range s.engine.Status(s.def.ID) {
		if st.Group.Get("region") == strings.Trim(region, "-") {
			return st
		}
	}
	s.t.Fatalf("%s: there is no group %s", s.where, region)
	return slo.Status{}
}

func (s *story) state(region, want string) {
	for _, st := range s.engine.Status(s.def.ID) {
		if g := st.Group.Get("region"); g == strings.Trim(region, "-") {
			if string(st.State) != want {
				s.t.Fatalf("%s: %s is %s (%s), expected %s", s.where, region, st.State, st.Reason, want)
			}
			return
		}
	}
	s.t.Fatalf("%s: there is no group %s", s.where, region)
}

// left checks what is left of a region's budget in percent, or that it is unknown.
func (s *story) left(region, want string) {
	b := s.status(region).Budget
	if want == "unknown" {
		if b.Known {
			s.t.Fatalf("%s: the budget is known: %+v", s.where, b)
		}
		return
	}
	if got := 100 * b.Remaining; !b.Known || math.Abs(got-s.number(want)) > 0.005 {
		s.t.Fatalf("%s: %.4f %% of the budget is left (known: %t), expected %s", s.where, got, b.Known, want)
	}
}

// window checks the events that a region has in one of the windows that are judged.
func (s *story) window(region, name string, want [2]float64) {
	for _, b := range s.status(region).Burns {
		if b.Name != name {
			continue
		}
		if !near(b.Counts.Total, want[0]) || !near(b.Counts.Bad(), want[1]) {
			s.t.Fatalf("%s: got %v events in %s, %v of them bad", s.where, b.Counts.Total, name, b.Counts.Bad())
		}
		return
	}
	s.t.Fatalf("%s: there is no window %s", s.where, name)
}

// holding is what holds the newest incident of a region open.
func (s *story) holding(region string) slo.Holding {
	all := s.status(region).Holds
	if len(all) == 0 {
		s.t.Fatalf("%s: nothing of %s is held open", s.where, region)
	}
	return all[0]
}

// rests compares what is said of the end of a failing.
func (s *story) rests(region string, want []string) {
	h := s.holding(region)
	got := []string{"no"}
	if h.Rests() {
		got = []string{"since=" + h.Stopped.Sub(s.zero).String(), "until=" + h.Until.Sub(s.zero).String()}
		if h.Rule != nil {
			got = append(got, "rule="+slo.FormatDuration(h.Rule.Policy.Long))
		}
		got = append(got, fmt.Sprintf("failed=%.0f", h.Failed.Bad()))
	}
	for _, one := range want {
		if name, value, ok := strings.Cut(one, "="); ok {
			if d, err := time.ParseDuration(value); err == nil && name != "rule" {
				one = name + "=" + d.String()
			}
		}
		if !slices.Contains(got, one) {
			s.t.Fatalf("%s: it says %v of %+v, expected %v", s.where, got, h, want)
		}
	}
}
