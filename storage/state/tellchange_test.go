package state_test

import (
	"testing"
	"time"

	"burnline/alerting"
	"burnline/storage/state"
)

func TestNewsOfChangesTakeTheWayOfRowsOneAfterAnother(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		to := alerting.Target{Receiver: "oncall", Integration: "pagerduty/0"}
		tell := func(text string, at time.Time) {
			t.Helper()
			if err := s.TellChange(t.Context(), []alerting.Target{to}, alerting.Message{Summary: text, Class: alerting.ClassChange}, at); err != nil {
				t.Fatal(err)
			}
		}
		deliver := func(at time.Time) string {
			t.Helper()
			claimed, err := s.Claim(t.Context(), alerting.Claim{Destination: alerting.Destination{Name: "pagerduty/1"}, Targets: []alerting.Target{to}, Limit: 10, Lease: lease}, at)
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			for _, r := range claimed.Rows {
				text += r.Message.Summary + " " + string(r.Action) + ";"
				if err := s.Settle(t.Context(), r, alerting.Outcome{State: alerting.RowDelivered, Answer: "202"}, at); err != nil {
					t.Fatal(err)
				}
			}
			return text
		}
		tell("one", start)
		tell("two", start.Add(time.Second))
		if got := deliver(start.Add(2*time.Second)) + deliver(start.Add(3*time.Second)) + deliver(start.Add(4*time.Second)); got != "one change;two change;" {
			t.Errorf("delivered are %q", got)
		}
		// What was told is forgotten after a day, but for the newest.
		tell("three", start.Add(48*time.Hour))
		record, found, err := s.Incident(t.Context(), "burnline-changes")
		if err != nil || !found || len(record.Rows) != 2 || record.Rows[1].Seq != 3 {
			t.Errorf("kept are %+v (%v)", record.Rows, err)
		}
		// It is no incident.
		for _, f := range []alerting.Filter{{}, {OnlyOpen: true}, {Find: "burnline"}} {
			if records, err := s.Incidents(t.Context(), f); err != nil || len(records) != 0 {
				t.Errorf("incidents list %d records (%v)", len(records), err)
			}
		}
	})
}
