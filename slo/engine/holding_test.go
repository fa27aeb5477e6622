package engine

import (
	"slices"
	"testing"
	"time"

	"burnline/slo"
)

// An incident opens by one rule and is often held open by another: what holds it is the judgement of now.
func TestWhatHoldsAnIncidentOpenIsTheJudgementOfNow(t *testing.T) {
	t.Parallel()
	const reason = "A page policy fires: burn 49.3 and 49.3 over 6h and 30m, above 6."
	status := func(region, reason string, firing ...slo.Severity) slo.Status {
		s := slo.Status{State: slo.StateBurning, Reason: reason}
		if region != "" {
			s.Group = slo.NewLabels("region", region)
		}
		for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
			s.Policies = append(s.Policies, slo.PolicyStatus{Severity: severity, Firing: slices.Contains(firing, severity)})
		}
		return s
	}
	burns, rests := status("", reason, slo.Page, slo.Ticket), status("", "No policy fires any more.")
	byTicket := status("", "A ticket policy fires.", slo.Ticket)
	for _, c := range []struct {
		name     string
		severity slo.Severity
		raised   string
		statuses []slo.Status
		want     string
	}{
		{"the rule that fires now", slo.Page, "", []slo.Status{burns}, reason},
		{"the recovery that is to be proved", slo.Page, "", []slo.Status{rests}, "No policy fires any more."},
		{"of a page for which a ticket's rule alone fires, that no rule of a page does", slo.Page, "", []slo.Status{byTicket}, "No page policy fires any more. A ticket policy fires."},
		{"of a page that was raised from a ticket, the ticket's rule", slo.Page, "it hurts many", []slo.Status{byTicket}, "A ticket policy fires."},
		{"a ticket by its own rule", slo.Ticket, "", []slo.Status{byTicket}, "A ticket policy fires."},
		{"data that is missing", slo.Page, "", []slo.Status{status("", "No series of the total has reported.")}, "No series of the total has reported."},
		{"of several groups one that burns", slo.Page, "", []slo.Status{rests, status("eu", reason, slo.Page)}, `{region="eu"}: ` + reason + " (the first of 2 groups)"},
		{"a group that is gone", slo.Page, "", nil, "Its groups report no longer."},
	} {
		o := &openIncident{Incident: slo.Incident{Key: "k1", Severity: c.severity, Raised: c.raised, Groups: []slo.Labels{nil}}}
		for _, s := range c.statuses {
			if len(s.Group) > 0 {
				o.Groups = append(o.Groups, s.Group)
			}
		}
		in := &holder{sight: &sight{groups: c.statuses}}
		if got := in.reason(o); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Who tells of an open incident after a restart gets no figures while the counts that belong to it are still to be read:
// none is not the same as nobody.
func TestAnIncidentIsSeenOnlyWithTheCountsThatBelongToIt(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.play("restart", "slo objective=99.9 window=30d\nrate - total=10\nhistory 4d\nbegin\nrate - total=10 bad=10\nat 2m\n> 52s opened page -\n")
	var open slo.Incident
	for _, in := range s.open {
		open = in
	}
	if seen, ok := s.engine.Sight(open); !ok || seen.Since.Bad() != 1200 {
		t.Errorf("before the restart it is seen as %+v, %v", seen.Since, ok)
	}
	e, err := New(Options{Reader: s.store, Commit: s.commit, Now: func() time.Time { return s.now }})
	s.check(err)
	e.Restore([]slo.Incident{open})
	s.check(e.Update([]slo.Definition{s.def}))
	if seen, ok := e.Sight(open); ok {
		t.Errorf("before anything was read it is seen as %+v", seen.Since)
	}
	s.engine = e
	s.tick()
	if seen, ok := e.Sight(open); !ok || seen.Since.Bad() != 1200 || seen.Policy == nil {
		t.Errorf("after the restart it is seen as %+v, %v", seen.Since, ok)
	}
}
