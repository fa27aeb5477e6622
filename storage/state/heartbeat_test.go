package state_test

import (
	"testing"
	"time"

	"burnline/alerting"
	"burnline/storage/state"
)

func TestHeartbeatsTakeTheWayOfRowsAndDoNotPileUp(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		to := alerting.Target{Receiver: "deadman", Integration: "webhook/0"}
		far := alerting.Destination{Name: "webhook/1"}
		beat := func(at time.Time) {
			t.Helper()
			if err := s.Beat(t.Context(), alerting.Heartbeat{Targets: []alerting.Target{to}, Every: time.Minute}, alerting.Message{Summary: at.String()}, at); err != nil {
				t.Fatal(err)
			}
		}
		claim := func(at time.Time) []alerting.Row {
			t.Helper()
			claimed, err := s.Claim(t.Context(), alerting.Claim{Destination: far, Targets: []alerting.Target{to}, Limit: 10, Lease: lease}, at)
			if err != nil {
				t.Fatal(err)
			}
			return claimed.Rows
		}
		last := func() time.Time {
			t.Helper()
			at, err := s.LastBeat(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		// Nobody sends for an hour; one waits.
		for i := range 60 {
			beat(start.Add(time.Duration(i) * time.Minute))
		}
		if !last().IsZero() {
			t.Error("one counts as delivered before any was")
		}
		at := start.Add(time.Hour)
		rows := claim(at)
		if len(rows) != 1 || rows[0].Message.Summary != start.Add(59*time.Minute).String() {
			t.Fatalf("the outbox holds %+v, want the newest heartbeat alone", rows)
		}
		// While one is being tried no other is written, nor soon after.
		beat(at)
		if err := s.Settle(t.Context(), rows[0], alerting.Outcome{State: alerting.RowDelivered, Answer: "200"}, at); err != nil {
			t.Fatal(err)
		}
		beat(start.Add(59*time.Minute + 30*time.Second))
		if rows := claim(at.Add(time.Second)); len(rows) != 0 {
			t.Errorf("%d heartbeats come too soon", len(rows))
		}
		if got := last(); !got.Equal(at) {
			t.Errorf("the last heartbeat arrived at %s, want %s", got, at)
		}
		beat(at.Add(time.Minute))
		if rows := claim(at.Add(2 * time.Minute)); len(rows) != 1 {
			t.Errorf("%d heartbeats are due a minute later, want 1", len(rows))
		}
		if got := last(); !got.Equal(at) {
			t.Error("it is forgotten when the last one arrived")
		}
		// It is no incident.
		for _, f := range []alerting.Filter{{}, {OnlyOpen: true}, {Find: "burnline"}} {
			if records, err := s.Incidents(t.Context(), f); err != nil || len(records) != 0 {
				t.Errorf("incidents list %d records (%v)", len(records), err)
			}
		}
		if told, err := s.Told(t.Context(), start.Add(-time.Hour)); err != nil || len(told) != 0 {
			t.Errorf("silences would mute %d heartbeats (%v)", len(told), err)
		}
	})
}
