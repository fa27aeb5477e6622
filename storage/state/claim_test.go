package state_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/internal/harness/patience"
	"burnline/slo"
	"burnline/storage/state"
)

// pager is a destination that takes 40 messages a minute, two of them urgent ones only.
var pager = alerting.Destination{Name: "pager", PerMinute: 40}

// told opens n incidents of a severity, each with one row for the receiver oncall.
func told(t *testing.T, s *state.Spooled, prefix string, n int, severity slo.Severity) {
	t.Helper()
	for i := range n {
		tr := transition(slo.IncidentOpened, fmt.Sprintf("%s%03d", prefix, i), 0)
		tr.Incident.SLO, tr.Incident.Severity = "slo/"+tr.Incident.Key, severity
		change := planned(tr, [2]string{"oncall", "trigger"})
		plan := change.Plan
		change.Plan = func(have alerting.Existing) alerting.Plan {
			p := plan(have)
			for i := range p.Rows {
				p.Rows[i].Message.Severity = severity
			}
			return p
		}
		commit(t, s, change)
	}
}

// limited claims for the pager.
func limited(t *testing.T, s *state.Spooled, now time.Time) alerting.Claimed {
	t.Helper()
	claimed, err := s.Claim(t.Context(), alerting.Claim{Destination: pager, Targets: []alerting.Target{{Receiver: "oncall", Integration: "pagerduty/0"}}, Limit: 100, Lease: lease}, now)
	if err != nil {
		t.Fatal(err)
	}
	return claimed
}

func TestALimitHoldsForAllNodesTogetherAndOverARestart(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		first, second := open(), open()
		told(t, first, "ticket", 60, slo.Ticket)
		at := start.Add(time.Minute)
		if n := len(limited(t, first, at).Rows); n != 20 {
			t.Errorf("%d tickets were claimed, want 20: half of the places are kept", n)
		}
		got := limited(t, second, at.Add(10*time.Second))
		if len(got.Rows) != 0 || got.Wait != 51*time.Second || got.Held {
			t.Errorf("another node got %d rows and waits for %s", len(got.Rows), got.Wait)
		}
		told(t, second, "page", 3, slo.Page)
		if got := names(limited(t, open(), at.Add(20*time.Second)).Rows); !slices.Equal(got, []string{"page000 oncall 1", "page001 oncall 1", "page002 oncall 1"}) {
			t.Errorf("the places that are kept went to %v", got)
		}
		if got := names(limited(t, open(), at.Add(61*time.Second)).Rows); len(got) != 17 || got[3] != "ticket020 oncall 1" {
			t.Errorf("after a minute %d rows are claimed: %v", len(got), got)
		}
	})
}

func TestWhatIsUrgentDoesNotWaitBehindItsOwnPast(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		told(t, s, "a", 1, slo.Ticket)
		told(t, s, "b", 1, slo.Ticket)
		end := transition(slo.IncidentClosed, "b000", time.Second)
		end.Incident.SLO, end.Incident.Severity = "slo/b000", slo.Ticket
		commit(t, s, planned(end, [2]string{"oncall", "resolve"}))
		claimed, err := s.Claim(t.Context(), alerting.Claim{Limit: 1, Lease: lease}, start.Add(time.Minute))
		if err != nil || !slices.Equal(names(claimed.Rows), []string{"b000 oncall 1"}) {
			t.Errorf("first went %v, want the ticket whose end waits; %v", names(claimed.Rows), err)
		}
	})
}

// Two nodes whose clocks are an hour wrong agree on what is due, what is held and for how long.
func TestOnPostgreSQLTheClockOfTheDatabaseAloneCounts(t *testing.T) {
	dsn := server.Database(t)
	open := func() *state.Spooled {
		s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: state.Options{DSN: dsn, Dir: t.TempDir()}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	fast, slow := open(), open()
	ahead, behind := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	tr := transition(slo.IncidentOpened, "k1", 0)
	if err := fast.Commit(t.Context(), planned(tr, [2]string{"oncall", "trigger"}), ahead); err != nil {
		t.Fatal(err)
	}
	if due, err := slow.Due(t.Context(), behind); err != nil || len(due) != 1 {
		t.Errorf("what a fast node wrote is due at %v for a slow one, %v", due, err)
	}
	rows := limited(t, slow, behind).Rows
	if len(rows) != 1 {
		t.Fatal("a slow node could not claim what a fast one wrote")
	}
	if n := len(limited(t, fast, ahead).Rows); n != 0 {
		t.Error("a fast node claimed a row that a slow one holds")
	}
	retry := alerting.Outcome{State: alerting.RowPending, NextAt: behind.Add(time.Millisecond), Answer: "500"}
	if err := slow.Settle(t.Context(), rows[0], retry, behind); err != nil {
		t.Fatal(err)
	}
	patience.Until(t, "a row that waits for a millisecond is due for a fast node", func() bool {
		rows = limited(t, fast, ahead).Rows
		return len(rows) == 1
	})
	hold := alerting.Outcome{State: alerting.RowPending, NextAt: ahead, Destination: pager.Name, Hold: time.Minute}
	if err := fast.Settle(t.Context(), rows[0], hold, ahead); err != nil {
		t.Fatal(err)
	}
	if got := limited(t, slow, behind); !got.Held || got.Wait <= 0 || got.Wait > time.Minute {
		t.Errorf("a slow node waits for %s, want what is left of a minute", got.Wait)
	}
}
