package state_test

import (
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

// rose commits a ticket that oncall is told of, and five minutes later its rise to a page for a receiver.
func rose(t *testing.T, s *state.Spooled, ticket, page, receiver string) {
	t.Helper()
	opened := transition(slo.IncidentOpened, ticket, 0)
	opened.Incident.SLO, opened.Incident.Severity = "slo/"+ticket, slo.Ticket
	commit(t, s, planned(opened, [2]string{"oncall", "trigger"}))
	settle(t, s, expect(t, s, 0, ticket+" oncall 1")[0], alerting.Outcome{State: alerting.RowDelivered}, 0)
	rises := transition(slo.IncidentOpened, page, 5*time.Minute)
	rises.Incident.SLO, rises.Incident.Replaces = "slo/"+ticket, ticket
	change := planned(rises, [2]string{receiver, "trigger"}, [2]string{"oncall", "resolve"})
	plan := change.Plan
	change.Plan = func(have alerting.Existing) alerting.Plan {
		p := plan(have)
		p.Rows[1].Key = ticket
		return p
	}
	commit(t, s, change)
}

func TestTheEndOfATicketThatRoseFollowsThePage(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		for _, c := range []struct {
			name    string
			answer  alerting.Outcome
			follows time.Duration
		}{
			{"told", alerting.Outcome{State: alerting.RowDelivered}, 0},
			{"refused", alerting.Outcome{State: alerting.RowRefused}, 0},
			{"tried again, and again", alerting.Outcome{State: alerting.RowPending, NextAt: start.Add(time.Hour)}, 2 * time.Minute},
		} {
			ticket, page := "ticket "+c.name, "page "+c.name
			rose(t, s, ticket, page, "oncall")
			row := expect(t, s, 5*time.Minute, page+" oncall 1")[0]
			expect(t, s, 5*time.Minute)
			settle(t, s, row, c.answer, 5*time.Minute)
			if c.follows > 0 {
				expect(t, s, 5*time.Minute+c.follows-time.Second)
			}
			end := expect(t, s, 5*time.Minute+c.follows, ticket+" oncall 2")[0]
			settle(t, s, end, alerting.Outcome{State: alerting.RowDelivered}, 6*time.Minute)
		}
	})
}

func TestTheEndOfATicketWaitsForNoPageElsewhere(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		rose(t, s, "ticket", "page", "director")
		expect(t, s, 5*time.Minute, "page director 1", "ticket oncall 2")
	})
}

// A limit that holds both back is told of the page alone, and does not put the end before it.
func TestTheEndOfATicketFollowsThePageThroughALimit(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		rose(t, s, "ticket", "page", "oncall")
		at := start.Add(5 * time.Minute)
		deferred, err := s.Defer(t.Context(), alerting.Deferral{Targets: []alerting.Target{{Receiver: "oncall", Integration: "pagerduty/0"}},
			PerMinute: 40, Wait: time.Second, Why: "40 a minute"}, at)
		if err != nil || deferred.Rows != 1 {
			t.Fatalf("%+v waits, %v", deferred, err)
		}
		expect(t, s, 5*time.Minute, "page oncall 1")
		expect(t, s, 5*time.Minute)
	})
}
