package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"burnline/slo"
)

func (s *story) commit(_ context.Context, tr slo.Transition) error {
	if s.failing {
		return errors.New("the database is away")
	}
	if s.def.SLI.Composite != nil && tr.Incident.SLO != s.def.ID {
		return nil // the story is not about the parts
	}
	region := func(g slo.Labels) string {
		if v := g.Get("region"); v != "" {
			return v
		}
		return "-"
	}
	line := fmt.Sprintf("%s %s %s", s.now.Sub(s.zero), tr.Kind, tr.Incident.Severity)
	if tr.Incident.Cause == slo.CauseNoData {
		line += s.darkLine(tr)
		tr.Incident.Groups = tr.Incident.Groups[:0]
	}
	for _, g := range tr.Incident.Groups {
		line += " " + region(g)
	}
	if tr.Incident.Number > 1 {
		line += fmt.Sprintf(" number=%d", tr.Incident.Number)
	}
	if old, ok := s.open[tr.Incident.Replaces]; ok {
		line += " replaces=" + string(old.Severity)
		s.close(old, tr.At)
	}
	if strings.Contains(tr.Reason, "removed") {
		line += " removed"
	}
	key := tr.Incident.Key
	switch tr.Kind {
	case slo.IncidentOpened:
		if s.keys[key] {
			s.t.Errorf("%s: the key of an earlier incident was used again: %s", s.where, line)
		}
		s.keys[key] = true
		s.open[key] = tr.Incident
		line += " since=" + tr.Incident.Started.Sub(s.zero).String()
	case slo.IncidentJoined:
		s.open[key] = tr.Incident
	case slo.IncidentRecorded:
		s.closed = append(s.closed, tr.Incident)
		line += " since=" + tr.Incident.Started.Sub(s.zero).String()
	case slo.IncidentClosed:
		if _, ok := s.open[key]; !ok {
			s.t.Errorf("%s: an incident closes that is not open: %s", s.where, line)
		}
		s.close(tr.Incident, tr.At)
	}
	s.seen = append(s.seen, line)
	return nil
}

// raise is the rule about impact.
func (s *story) raise(slo.Incident, *slo.Definition) string {
	if s.hurts {
		return "it hurts many"
	}
	return ""
}

// close does what the store does when an incident closes.
func (s *story) close(inc slo.Incident, at time.Time) {
	delete(s.open, inc.Key)
	inc.Closed = at
	s.closed = append(s.closed, inc)
}

func (s *story) expect(want string) {
	if len(s.seen) == 0 {
		s.t.Fatalf("%s: no transition, expected %q", s.where, want)
	}
	got := s.seen[0]
	s.seen = s.seen[1:]
	if !strings.Contains(want, "since=") {
		got, _, _ = strings.Cut(got, " since=")
	}
	if normal(got) != normal(want) {
		s.t.Fatalf("%s: got %q, expected %q (then %q)", s.where, got, want, s.seen)
	}
}

// normal writes the leading duration in one way.
func normal(line string) string {
	first, rest, _ := strings.Cut(line, " ")
	if d, err := time.ParseDuration(first); err == nil {
		first = d.String()
	}
	return first + " " + rest
}
