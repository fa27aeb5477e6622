package state_test

import (
	"fmt"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

const day = 24 * time.Hour

// forget deletes incidents closed before, and alerts ended before, some time after the start.
func forget(t *testing.T, s *state.Spooled, incidents, alerts time.Duration) state.Forgotten {
	t.Helper()
	gone, err := s.Forget(t.Context(), start.Add(incidents), start.Add(alerts))
	if err != nil {
		t.Fatal(err)
	}
	return gone
}

func TestOldIncidentsAreDeletedWithAllThatIsTheirs(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		const n = 250
		for i := range n + 1 {
			key := fmt.Sprintf("k%03d", i)
			tr := transition(slo.IncidentOpened, key, time.Minute)
			tr.Incident.Group = slo.NewLabels("region", fmt.Sprint(i))
			commit(t, s, planned(tr, [2]string{"oncall", "trigger"}))
			second := tr
			second.Incident.Key += "-again" // its alias
			commit(t, s, planned(second))
			if i < n {
				tr.Kind, tr.At = slo.IncidentClosed, tr.At.Add(time.Hour)
				commit(t, s, planned(tr))
			}
		}
		if gone := forget(t, s, 2*day, 2*day); gone != (state.Forgotten{}) {
			t.Errorf("what waits to be told was deleted: %+v", gone)
		}
		claimed, err := s.Claim(t.Context(), alerting.Claim{Limit: n, Lease: time.Minute}, start.Add(2*time.Hour))
		if err != nil || len(claimed.Rows) != n {
			t.Fatalf("claimed %d rows, %v", len(claimed.Rows), err)
		}
		for _, row := range claimed.Rows {
			settle(t, s, row, alerting.Outcome{State: alerting.RowDelivered}, 2*time.Hour)
		}
		if gone := forget(t, s, time.Hour, day); gone != (state.Forgotten{}) {
			t.Errorf("what is not old was deleted: %+v", gone)
		}
		if gone := forget(t, s, 2*day, 2*day); gone != (state.Forgotten{Incidents: n}) {
			t.Errorf("deleted were %+v, want the %d that closed", gone, n)
		}
		if gone := forget(t, s, 2*day, 2*day); gone != (state.Forgotten{}) {
			t.Errorf("then there was more to delete: %+v", gone)
		}
		for key, want := range map[string]bool{"k000": false, "k000-again": false, "k250": true, "k250-again": true} {
			if _, found, err := s.Incident(t.Context(), key); err != nil || found != want {
				t.Errorf("%s is found: %v, %v", key, found, err)
			}
		}
	})
}

func TestOldAlertsAreDeletedOnceTheirGroupsHaveClosed(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s, after := open(), time.Duration(0)
		r := node(t, s, &after)
		send := func(ended time.Duration, names ...string) {
			t.Helper()
			var all []slo.Alert
			for _, name := range names {
				a := slo.Alert{Origin: alerting.OriginRules, StartsAt: start, Labels: slo.NewLabels("alertname", name[:1], "host", name)}
				if ended > 0 {
					a.EndsAt = start.Add(ended)
				}
				all = append(all, a)
			}
			if err := r.Alerts(t.Context(), all); err != nil {
				t.Fatal(err)
			}
		}
		send(0, "A1", "A2", "B1", "C1")
		after = day
		send(day, "A1", "B1")
		after = 5 * day
		send(5*day, "C1")
		if gone := forget(t, s, 0, 3*day); gone != (state.Forgotten{}) {
			t.Errorf("deleted were %+v, though messages wait", gone)
		}
		for range 2 { // triggers, then resolves
			for _, row := range claim(t, s, 6*day) {
				settle(t, s, row, alerting.Outcome{State: alerting.RowDelivered}, 6*day)
			}
		}
		if gone := forget(t, s, 0, 3*day); gone != (state.Forgotten{Alerts: 1}) {
			t.Errorf("deleted were %+v, want B1 alone: the group of A1 is open, and C1 ended late", gone)
		}
		after = 7 * day
		send(0, "B1") // it fires anew
		if n := len(openKeys(t, s)); n != 2 {
			t.Errorf("%d incidents are open, want those of A and B", n)
		}
		send(7*day, "A2", "B1")
		for range 2 {
			for _, row := range claim(t, s, 8*day) {
				settle(t, s, row, alerting.Outcome{State: alerting.RowDelivered}, 8*day)
			}
		}
		if gone := forget(t, s, 9*day, 9*day); gone != (state.Forgotten{Incidents: 4, Alerts: 4}) {
			t.Errorf("deleted were %+v, want everything", gone)
		}
	})
}
