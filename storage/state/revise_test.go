package state_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

// fate is a decision about the receiver oncall.
func fate(f alerting.Fate, by string, at time.Duration) alerting.Decision {
	return alerting.Decision{Receiver: "oncall", Fate: f, By: by, Until: start.Add(at + time.Hour), Reason: "because", At: start.Add(at)}
}

func TestDecisionsAreKeptWithTheIncident(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		first, second := fate(alerting.FateSilenced, "s1", time.Minute), fate(alerting.FateSend, "", 2*time.Minute)
		second.Until = time.Time{}
		change := planned(transition(slo.IncidentOpened, "k1", time.Minute))
		was := change.Plan
		change.Plan = func(have alerting.Existing) alerting.Plan {
			p := was(have)
			p.Decisions = []alerting.Decision{first}
			return p
		}
		commit(t, s, change)
		var saw alerting.Existing
		n, err := s.Revise(t.Context(), alerting.Revision{Keys: []string{"k1", "nobody knows it"}, Plan: func(open []alerting.Standing) []alerting.Plan {
			saw = open[0].Existing
			return []alerting.Plan{{
				Newest:    alerting.Message{Summary: "newer"},
				Rows:      []alerting.Row{{Key: "k1", Receiver: "oncall", Integration: "pagerduty/0", Action: alerting.ActionTrigger, NextAt: start.Add(time.Hour)}},
				Decisions: []alerting.Decision{second},
			}}
		}}, start.Add(2*time.Minute))
		if err != nil || n != 1 {
			t.Errorf("%d rows were written, %v; want 1", n, err)
		}
		if saw.Key != "k1" || saw.Newest.Summary != "opened" || !reflect.DeepEqual(saw.Decisions, []alerting.Decision{first}) {
			t.Errorf("the revision saw %+v", saw)
		}
		got := record(t, open(), "k1")
		if !reflect.DeepEqual(got.Decisions, []alerting.Decision{first, second}) || got.Summary != "newer" {
			t.Errorf("kept is %+v with the text %q", got.Decisions, got.Summary)
		}
		if len(got.Rows) != 1 || !got.Rows[0].NextAt.Equal(start.Add(time.Hour)) {
			t.Errorf("the row that waits is %+v", got.Rows)
		}
		expect(t, s, 59*time.Minute)
		// A change of the configuration is no reason for what waits for another one.
		if _, err := s.Revise(t.Context(), alerting.Revision{Requeue: true}, start.Add(30*time.Minute)); err != nil {
			t.Fatal(err)
		}
		expect(t, s, 59*time.Minute)
		expect(t, s, time.Hour, "k1 oncall 1")
	})
}

func TestARevisionSeesOpenIncidentsAlone(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		for i, key := range []string{"k2", "over", "k1"} {
			tr := transition(slo.IncidentOpened, key, time.Duration(i)*time.Minute)
			tr.Incident.SLO, tr.Incident.Opened = "slo/"+key, tr.At
			commit(t, s, planned(tr, [2]string{"oncall", "trigger"}))
		}
		over := transition(slo.IncidentClosed, "over", time.Hour)
		over.Incident.SLO = "slo/over"
		commit(t, s, planned(over))
		for _, c := range []struct {
			name string
			keys []string
			want []string
		}{
			{"all, oldest first", nil, []string{"k2", "k1"}},
			{"none", []string{}, nil},
			{"those that are asked for and open", []string{"k1", "over"}, []string{"k1"}},
		} {
			var saw []string
			_, err := s.Revise(t.Context(), alerting.Revision{Keys: c.keys, Plan: func(open []alerting.Standing) []alerting.Plan {
				saw = nil
				for _, o := range open {
					saw = append(saw, o.Incident.Key)
				}
				return make([]alerting.Plan, len(open))
			}}, start)
			if err != nil || !slices.Equal(saw, c.want) {
				t.Errorf("%s: saw %q, want %q; %v", c.name, saw, c.want, err)
			}
		}
	})
}

func TestTheMarkTellsWhatIsOpen(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		var want alerting.OpenMark
		check := func(step string) {
			t.Helper()
			if got, err := s.OpenMark(t.Context()); err != nil || got != want {
				t.Errorf("%s: the mark is %+v, want %+v; %v", step, got, want, err)
			}
		}
		check("nothing is open")
		for i, key := range []string{"a", "b"} {
			tr := transition(slo.IncidentOpened, key, time.Duration(i)*time.Minute)
			tr.Incident.SLO, tr.Incident.Opened = "slo/"+key, tr.At
			commit(t, s, planned(tr))
			want.Add(tr.At, 0)
			check("one more")
		}
		closing := transition(slo.IncidentClosed, "a", time.Hour)
		closing.Incident.SLO = "slo/a"
		commit(t, s, planned(closing))
		want = alerting.OpenMark{}
		want.Add(start.Add(time.Minute), 0)
		check("one is over")
	})
}

// A node that opened an incident second, under another key, ends the first.
func TestTheEndOfASecondKeyIsToldUnderTheFirst(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		config := alerting.Config{Receivers: []alerting.ReceiverConfig{{Name: "oncall", Integrations: []alerting.Integration{{Name: "pagerduty/0"}}}}}
		for i, key := range []string{"k1", "k2"} {
			router, err := alerting.NewRouter(alerting.Options{Store: s, Config: config, Now: func() time.Time { return start.Add(time.Hour) }})
			if err != nil {
				t.Fatal(err)
			}
			if err := router.Commit(t.Context(), transition(slo.IncidentOpened, key, time.Minute)); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				continue
			}
			if err := router.Commit(t.Context(), transition(slo.IncidentClosed, key, time.Hour)); err != nil {
				t.Errorf("the end under the second key: %v", err)
			}
		}
		if rows := record(t, s, "k1").Rows; len(rows) == 0 || rows[len(rows)-1].Action != alerting.ActionResolve {
			t.Errorf("the rows are %+v", rows)
		}
	})
}

func TestIncidentsAreFoundByWhatPeopleCallThem(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		for key, id := range map[string]string{"abc1": "shop/buy", "abd2": "shop/buy_now", "f00": "bank/pay/99"} {
			tr := transition(slo.IncidentOpened, key, time.Minute)
			tr.Incident.SLO = id
			commit(t, s, planned(tr))
		}
		router, err := alerting.NewRouter(alerting.Options{Store: s, Alerts: s, Now: func() time.Time { return start },
			Config: alerting.Config{Route: alerting.Route{GroupBy: alerting.Grouping{Labels: []string{"cluster"}}}}})
		if err != nil {
			t.Fatal(err)
		}
		full := slo.Alert{Origin: alerting.OriginRules, Labels: slo.NewLabels("alertname", "DiskFull", "cluster", "eu"), StartsAt: start}
		if err := router.Alerts(t.Context(), []slo.Alert{full}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			text string
			want int
		}{{"ab", 2}, {"abc1", 1}, {"shop/buy", 1}, {"buy", 1}, {"buy_now", 1}, {"buyxnow", 0}, {"99", 1}, {"%", 0}, {"", 4},
			{"DiskFull", 1}, {"Disk", 0}, {`"`, 0}, {"\x00", 0}} {
			found, err := s.Incidents(t.Context(), alerting.Filter{Find: c.text})
			if err != nil || len(found) != c.want {
				t.Errorf("%q finds %d, want %d; %v", c.text, len(found), c.want, err)
			}
		}
	})
}
