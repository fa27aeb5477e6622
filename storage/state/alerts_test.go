package state_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

// hook tells one receiver of alerts, by their name.
func hook() alerting.Config {
	return alerting.Config{
		Receivers: []alerting.ReceiverConfig{{Name: "hook", Integrations: []alerting.Integration{{Name: "webhook/0"}}}},
		Route:     alerting.Route{Receiver: "hook", GroupBy: alerting.Grouping{Labels: []string{"alertname"}}},
	}
}

// node is a router on a store, with its clock at start plus after.
func node(t *testing.T, s *state.Spooled, after *time.Duration) *alerting.Router {
	t.Helper()
	r, err := alerting.NewRouter(alerting.Options{Store: s, Alerts: s, Config: hook(), Now: func() time.Time { return start.Add(*after) }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Two nodes that are told the same at once open each incident once, and lose nothing.
func TestTheSameAlertsOnTwoNodesMakeOneIncidentPerGroup(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s, after := open(), time.Minute
		const n = 1200
		alerts := stormOf(n)
		var sending sync.WaitGroup
		errs := make(chan error, 1000)
		for i, r := range []*alerting.Router{node(t, s, &after), node(t, s, &after)} {
			mine := slices.Clone(alerts)
			if i == 1 {
				slices.Reverse(mine)
			}
			for part := range slices.Chunk(mine, 100) {
				sending.Go(func() {
					for { // a sender repeats what was not taken
						err := r.Alerts(context.Background(), part)
						if err == nil || errors.Is(err, alerting.ErrBadAlert) {
							errs <- err
							return
						}
					}
				})
			}
		}
		sending.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
		groups, err := s.ListAlertGroups(t.Context(), alerting.AlertFilter{})
		if err != nil || len(groups) != 500 {
			t.Fatalf("%d groups are open, %v", len(groups), err)
		}
		found := 0
		for _, g := range groups {
			if g.Firing != len(g.Alerts) || g.Resolved != 0 {
				t.Errorf("group %s counts %d that fire and has %d", g.Labels, g.Firing, len(g.Alerts))
			}
			found += len(g.Alerts)
			rows := record(t, s, g.Key).Rows
			if len(rows) != 1 || rows[0].Action != alerting.ActionTrigger {
				t.Errorf("group %s has the rows %+v", g.Labels, rows)
			}
		}
		if found != n || len(openKeys(t, s)) != 500 {
			t.Errorf("%d alerts, %d incidents", found, len(openKeys(t, s)))
		}
	})
}

func TestAlertsAreListedByMatchersReceiverAndIncident(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s, after := open(), time.Minute
		r := node(t, s, &after)
		alerts := stormOf(1002) // two of the first two names more
		alerts[0].Labels = alerts[0].Labels.With("odd", "a\x00b\xff")
		if err := r.Alerts(t.Context(), alerts); err != nil {
			t.Fatal(err)
		}
		gone := alerts[500]
		gone.EndsAt = start
		after = 2 * time.Minute
		if err := r.Alerts(t.Context(), []slo.Alert{gone}); err != nil {
			t.Fatal(err)
		}
		name, err := labels.NewMatcher(labels.MatchEqual, "alertname", "Alert000")
		if err != nil {
			t.Fatal(err)
		}
		filter := alerting.AlertFilter{Matchers: labels.Matchers{name}}
		firing, err := s.ListAlerts(t.Context(), filter)
		if err != nil || len(firing) != 2 || firing[0].Places[0].Receiver != "hook" || firing[0].Fingerprint == "" {
			t.Fatalf("of one name fire %+v, %v", firing, err)
		}
		filter.Receiver = func(name string) bool { return name == "other" }
		if none, err := s.ListAlerts(t.Context(), filter); err != nil || len(none) != 0 {
			t.Errorf("of another receiver: %+v, %v", none, err)
		}
		key := firing[0].Places[0].Key
		of, err := s.ListAlerts(t.Context(), alerting.AlertFilter{Incident: key})
		if err != nil || len(of) != 3 || of[2].Status != alerting.AlertResolved || of[2].Reason != "the alert is resolved" {
			t.Errorf("of the incident: %+v, %v", of, err)
		}
		second, err := s.ListAlerts(t.Context(), alerting.AlertFilter{Incident: key, Offset: 1, Limit: 1})
		if err != nil || len(second) != 1 || second[0].Fingerprint != of[1].Fingerprint {
			t.Errorf("the second is %+v, %v", second, err)
		}
	})
}

// A claimed row has its alerts as they stand then: what fires, and what ended since it
// was last told.
func TestAClaimedRowHasItsAlerts(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s, after := open(), time.Minute
		r := node(t, s, &after)
		alerts := stormOf(1500)
		mine := []slo.Alert{alerts[7], alerts[507], alerts[1007]}
		if err := r.Alerts(t.Context(), mine); err != nil {
			t.Fatal(err)
		}
		statuses := func() (all []string) {
			t.Helper()
			claimed, err := s.Claim(t.Context(), alerting.Claim{Lease: time.Minute, Limit: 10}, start.Add(after))
			rows := claimed.Rows
			if err != nil || len(rows) != 1 {
				t.Fatalf("claimed %+v, %v", rows, err)
			}
			for _, a := range rows[0].Alerts {
				all = append(all, a.Status)
			}
			if err := s.Settle(t.Context(), rows[0], alerting.Outcome{State: alerting.RowDelivered}, start.Add(after)); err != nil {
				t.Fatal(err)
			}
			return all
		}
		if got := statuses(); !slices.Equal(got, []string{"firing", "firing", "firing"}) {
			t.Errorf("the trigger has %v", got)
		}
		end := func(a slo.Alert) slo.Alert {
			a.EndsAt = start.Add(after)
			return a
		}
		after = 10 * time.Minute
		if err := r.Alerts(t.Context(), []slo.Alert{end(mine[0])}); err != nil {
			t.Fatal(err)
		}
		if got := statuses(); !slices.Equal(got, []string{"firing", "firing", "resolved"}) {
			t.Errorf("the update has %v", got)
		}
		after = 20 * time.Minute
		if err := r.Alerts(t.Context(), []slo.Alert{end(mine[1]), end(mine[2])}); err != nil {
			t.Fatal(err)
		}
		if got := statuses(); !slices.Equal(got, []string{"resolved", "resolved"}) {
			t.Errorf("the resolve has %v; what was told as ended is not told again", got)
		}
	})
}

// What a sender repeats every minute costs a write only when the stored expiry draws near.
func TestARepetitionIsNoWrite(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s, after := open(), time.Minute
		r := node(t, s, &after)
		alert := stormOf(1)
		written := map[time.Time]bool{}
		for range 10 {
			if err := r.Alerts(t.Context(), alert); err != nil {
				t.Fatal(err)
			}
			views, err := s.ListAlerts(t.Context(), alerting.AlertFilter{})
			if err != nil || len(views) != 1 {
				t.Fatalf("%+v, %v", views, err)
			}
			if left := views[0].Expires.Sub(start.Add(after)); left < 200*time.Second {
				t.Errorf("it expires in %s", left)
			}
			written[views[0].Updated] = true
			after += time.Minute
		}
		if len(written) != 5 {
			t.Errorf("ten times told is %d times written", len(written))
		}
	})
}
