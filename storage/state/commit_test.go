package state_test

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/internal/harness/patience"
	"burnline/slo"
	"burnline/storage/state"
)

// start is the moment at which the tests' incidents start.
var start = time.Date(2026, time.March, 3, 14, 2, 0, 123456789, time.UTC)

// transition is a step of the incident key at start plus after.
func transition(kind slo.TransitionKind, key string, after time.Duration) slo.Transition {
	t := slo.Transition{
		Kind: kind, At: start.Add(after), Reason: "burn 36.2",
		Incident: slo.Incident{Key: key, SLO: "checkout/availability", Severity: slo.Page,
			Group: slo.NewLabels("region", "eu"), Groups: []slo.Labels{slo.NewLabels("region", "eu")},
			Started: start, Opened: start.Add(time.Minute), Episode: "e1", EpisodeStarted: start, Number: 1},
	}
	if kind == slo.IncidentClosed {
		t.Incident.Closed = t.At
	}
	return t
}

// planned returns a plan of rows "receiver action" for the transition.
func planned(t slo.Transition, rows ...[2]string) alerting.Change {
	return alerting.Change{Transition: t, Plan: func(alerting.Existing) alerting.Plan {
		p := alerting.Plan{Title: "Buying", Newest: alerting.Message{Summary: string(t.Kind)}, Reason: alerting.ReasonOpened}
		for _, r := range rows {
			p.Rows = append(p.Rows, alerting.Row{Key: t.Incident.Key, Receiver: r[0], Integration: "pagerduty/0", Action: alerting.Action(r[1]),
				Message: alerting.Message{Summary: "Buying: every request fails.", Severity: slo.Page, Time: start,
					Links: []alerting.Link{{Text: "SLO", Href: "https://x"}}, Details: []alerting.Detail{{Name: "a", Value: "b"}}}})
		}
		return p
	}}
}

// commit commits or fails the test.
func commit(t *testing.T, s *state.Spooled, c alerting.Change) {
	t.Helper()
	if err := s.Commit(t.Context(), c, c.Transition.At); err != nil {
		t.Fatalf("commit %s of %s: %v", c.Transition.Kind, c.Transition.Incident.Key, err)
	}
}

// record reads an incident that is there.
func record(t *testing.T, s *state.Spooled, key string) alerting.Record {
	t.Helper()
	r, ok, err := s.Incident(t.Context(), key)
	if err != nil || !ok {
		t.Fatalf("read incident %s: found %v, %v", key, ok, err)
	}
	return r
}

// openKeys returns the keys of the open incidents.
func openKeys(t *testing.T, s *state.Spooled) []string {
	t.Helper()
	open, err := s.OpenIncidents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.OpenCount(t.Context()); err != nil || n != len(open) {
		t.Errorf("%d incidents are counted as open, %v; want %d", n, err, len(open))
	}
	keys := []string{}
	for _, in := range open {
		keys = append(keys, in.Key)
	}
	return keys
}

func TestACommittedTransitionIsThereAfterReopening(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		tr := transition(slo.IncidentOpened, "k1", time.Minute)
		commit(t, open(), planned(tr, [2]string{"oncall", "trigger"}))
		s := open()
		got := record(t, s, "k1")
		if !reflect.DeepEqual(got.Incident, tr.Incident) {
			t.Errorf("incident is %+v, want %+v", got.Incident, tr.Incident)
		}
		if got.Title != "Buying" || got.Summary != "opened" {
			t.Errorf("title %q, summary %q", got.Title, got.Summary)
		}
		if want := []alerting.Step{{Kind: slo.IncidentOpened, At: tr.At, Reason: "burn 36.2"}}; !reflect.DeepEqual(got.Transitions, want) {
			t.Errorf("steps are %v, want %v", got.Transitions, want)
		}
		want := planned(tr, [2]string{"oncall", "trigger"}).Plan(alerting.Existing{}).Rows[0]
		want.ID, want.Seq, want.State, want.CreatedAt, want.NextAt = got.Rows[0].ID, 1, alerting.RowPending, tr.At, tr.At
		if !reflect.DeepEqual(got.Rows, []alerting.Row{want}) {
			t.Errorf("rows are %+v, want %+v", got.Rows, want)
		}
		if keys := openKeys(t, s); !slices.Equal(keys, []string{"k1"}) {
			t.Errorf("open are %v", keys)
		}
	})
}

func TestTheSameTransitionTwiceChangesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		join := transition(slo.IncidentJoined, "k1", 2*time.Minute)
		join.Incident.Groups = append(join.Incident.Groups, slo.NewLabels("region", "us"))
		for _, c := range []alerting.Change{
			planned(transition(slo.IncidentOpened, "k1", time.Minute), [2]string{"oncall", "trigger"}),
			planned(join, [2]string{"oncall", "update"}),
			planned(transition(slo.IncidentClosed, "k1", 3*time.Minute), [2]string{"oncall", "resolve"}),
		} {
			commit(t, s, c)
			before := record(t, s, "k1")
			commit(t, s, c)
			c.Transition.Incident.Groups = slices.Clone(c.Transition.Incident.Groups)
			if after := record(t, s, "k1"); !reflect.DeepEqual(before, after) {
				t.Errorf("%s twice: %+v became %+v", c.Transition.Kind, before, after)
			}
		}
		got := record(t, s, "k1")
		if len(got.Rows) != 3 || len(got.Transitions) != 3 || len(got.Incident.Groups) != 2 || got.Incident.Closed != start.Add(3*time.Minute) {
			t.Errorf("the story is %+v", got)
		}
		// An opening that arrives again, late, opens nothing.
		commit(t, s, planned(transition(slo.IncidentOpened, "k1", time.Minute), [2]string{"oncall", "trigger"}))
		if keys := openKeys(t, s); len(keys) != 0 {
			t.Errorf("open are %v", keys)
		}
	})
}

func TestOneIncidentIsOpenPerSLOGroupAndSeverity(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		commit(t, s, planned(transition(slo.IncidentOpened, "k1", time.Minute), [2]string{"oncall", "trigger"}))
		commit(t, s, planned(transition(slo.IncidentOpened, "k2", 2*time.Minute), [2]string{"oncall", "trigger"}))
		if keys := openKeys(t, s); !slices.Equal(keys, []string{"k1"}) {
			t.Fatalf("open are %v, want the first alone", keys)
		}
		if rows := record(t, s, "k2").Rows; len(rows) != 1 {
			t.Errorf("the second opening wrote rows: %+v", rows)
		}
		// What is said of the second key is said of the first incident.
		closing := planned(transition(slo.IncidentClosed, "k2", 3*time.Minute))
		commit(t, s, closing)
		if keys := openKeys(t, s); len(keys) != 0 {
			t.Errorf("open are %v after the closing of the second key", keys)
		}
		// Another group, severity or SLO is an incident of its own.
		for i, change := range []func(*slo.Incident){
			func(in *slo.Incident) {},
			func(in *slo.Incident) { in.Group = slo.NewLabels("region", "us") },
			func(in *slo.Incident) { in.Severity = slo.Ticket },
			func(in *slo.Incident) { in.SLO = "checkout/latency" },
		} {
			tr := transition(slo.IncidentOpened, fmt.Sprintf("n%d", i), 4*time.Minute)
			change(&tr.Incident)
			commit(t, s, planned(tr, [2]string{"oncall", "trigger"}))
		}
		if keys := openKeys(t, s); len(keys) != 4 {
			t.Errorf("open are %v", keys)
		}
	})
}

func TestTwoNodesThatOpenAtOnceMakeOneIncident(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		a, b := open(), open()
		ctx := patience.Context(t)
		for round := range 20 {
			var group sync.WaitGroup
			for i, s := range []*state.Spooled{a, b} {
				group.Go(func() {
					// Odd rounds race with the same key, even ones with two.
					tr := transition(slo.IncidentOpened, fmt.Sprintf("r%d-%d", round, i*(round%2)), time.Minute)
					tr.Incident.SLO = fmt.Sprintf("slo/%d", round)
					if err := s.Commit(ctx, planned(tr, [2]string{"oncall", "trigger"}), tr.At); err != nil {
						t.Errorf("round %d, node %d: %v", round, i, err)
					}
				})
			}
			group.Wait()
		}
		records, err := a.Incidents(t.Context(), alerting.Filter{OnlyOpen: true})
		if err != nil || len(records) != 20 {
			t.Fatalf("%d incidents are open, want 20; %v", len(records), err)
		}
		for _, r := range records {
			if len(r.Rows) != 1 {
				t.Errorf("%s has %d rows", r.Incident.Key, len(r.Rows))
			}
		}
	})
}

func TestAPageThatRisesClosesItsTicketInTheSameTransaction(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		ticket := transition(slo.IncidentOpened, "k0", time.Minute)
		ticket.Incident.Severity = slo.Ticket
		commit(t, s, planned(ticket, [2]string{"oncall", "trigger"}))
		page := transition(slo.IncidentOpened, "k1", 5*time.Minute)
		page.Incident.Replaces = "k0"
		var saw alerting.Existing
		commit(t, s, alerting.Change{Transition: page, Plan: func(have alerting.Existing) alerting.Plan {
			saw = have
			return alerting.Plan{Title: "Buying", Newest: alerting.Message{Summary: "page"}, Rows: []alerting.Row{
				{Key: "k1", Receiver: "oncall", Integration: "pagerduty/0", Action: alerting.ActionTrigger},
				{Key: "k0", Receiver: "oncall", Integration: "pagerduty/0", Action: alerting.ActionResolve},
			}}
		}})
		if len(saw.Rows) != 0 || len(saw.Replaced) != 1 || saw.Replaced[0].Key != "k0" {
			t.Errorf("the plan saw %+v", saw)
		}
		if keys := openKeys(t, s); !slices.Equal(keys, []string{"k1"}) {
			t.Errorf("open are %v", keys)
		}
		got := record(t, s, "k0")
		if got.Incident.Closed != page.At || len(got.Rows) != 2 || got.Rows[1].Seq != 2 || got.Transitions[1].Reason != "rose to page k1" {
			t.Errorf("the ticket is %+v", got)
		}
	})
}

func TestAnOpeningLaterThanTheClosingOpensAgain(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		commit(t, s, planned(transition(slo.IncidentOpened, "k1", time.Minute), [2]string{"oncall", "trigger"}))
		commit(t, s, planned(transition(slo.IncidentClosed, "k1", 2*time.Minute), [2]string{"oncall", "resolve"}))
		commit(t, s, planned(transition(slo.IncidentOpened, "k1", 9*time.Minute), [2]string{"oncall", "trigger"}))
		got := record(t, s, "k1")
		if !got.Incident.Closed.IsZero() || len(got.Rows) != 3 || got.Rows[2].Seq != 3 {
			t.Errorf("the incident is %+v", got)
		}
	})
}

func TestWhatTheStoreHasNeverHeardOfIsTakenAsItIs(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		commit(t, s, planned(transition(slo.IncidentClosed, "k1", time.Minute)))
		join := transition(slo.IncidentJoined, "k2", time.Minute)
		commit(t, s, planned(join, [2]string{"oncall", "trigger"}))
		if keys := openKeys(t, s); !slices.Equal(keys, []string{"k2"}) {
			t.Errorf("open are %v", keys)
		}
		if err := s.Commit(t.Context(), alerting.Change{Transition: slo.Transition{Kind: slo.IncidentOpened}}, start); err == nil {
			t.Error("an incident without a key was taken")
		}
	})
}

func TestAPlanThatSupersedesWhatWasAttemptedWritesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		commit(t, s, planned(transition(slo.IncidentOpened, "k1", time.Minute), [2]string{"oncall", "trigger"}))
		if rows := claim(t, s, time.Minute); len(rows) != 1 {
			t.Fatalf("claimed %v", rows)
		}
		before := record(t, s, "k1")
		err := s.Commit(t.Context(), alerting.Change{Transition: transition(slo.IncidentClosed, "k1", 2*time.Minute),
			Plan: func(have alerting.Existing) alerting.Plan {
				return alerting.Plan{Supersede: []int64{have.Rows[0].ID}}
			}}, start)
		if err == nil {
			t.Error("an attempted row was superseded")
		}
		if after := record(t, s, "k1"); !reflect.DeepEqual(before, after) {
			t.Errorf("%+v became %+v", before, after)
		}
	})
}

func TestAnSLOMayBurnAndLackDataAtTheSameTime(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		commit(t, s, planned(transition(slo.IncidentOpened, "burns", time.Minute), [2]string{"oncall", "trigger"}))
		dark := transition(slo.IncidentOpened, "dark", 2*time.Minute)
		dark.Incident.Cause = slo.CauseNoData
		commit(t, s, planned(dark, [2]string{"oncall", "trigger"}))
		if keys := openKeys(t, s); !slices.Equal(keys, []string{"burns", "dark"}) {
			t.Fatalf("open are %v", keys)
		}
		again := dark
		again.Incident.Key = "dark at another node"
		commit(t, s, planned(again, [2]string{"oncall", "trigger"}))
		if keys := openKeys(t, open()); !slices.Equal(keys, []string{"burns", "dark"}) {
			t.Errorf("a second opening without data is not the first: %v", keys)
		}
	})
}

func TestFurtherSLOsJoinAnIncidentWithoutData(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		blind := transition(slo.IncidentOpened, "k1", time.Minute)
		blind.Incident.SLO, blind.Incident.Cause, blind.Incident.SLOs = "blind/job=checkout", slo.CauseNoData, []string{"a/a", "b/b"}
		commit(t, s, planned(blind, [2]string{"oncall", "trigger"}))
		join := blind
		join.Kind, join.At, join.Incident.SLOs = slo.IncidentJoined, start.Add(2*time.Minute), []string{"a/a", "b/b", "c/c"}
		for range 2 {
			commit(t, s, planned(join, [2]string{"oncall", "update"}))
		}
		r := record(t, s, "k1")
		if !slices.Equal(r.Incident.SLOs, join.Incident.SLOs) || len(r.Transitions) != 2 || len(r.Rows) != 2 {
			t.Errorf("the incident is of %v after %d steps and %d rows", r.Incident.SLOs, len(r.Transitions), len(r.Rows))
		}
	})
}

func TestWhatHappenedWhileBlindIsKeptClosed(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		commit(t, s, planned(transition(slo.IncidentOpened, "now", 3*time.Hour), [2]string{"oncall", "trigger"}))
		past := transition(slo.IncidentRecorded, "past", 4*time.Hour)
		past.Incident.Closed = start.Add(20 * time.Minute)
		for range 2 {
			commit(t, s, planned(past))
		}
		r := record(t, s, "past")
		if !reflect.DeepEqual(r.Incident, past.Incident) || len(r.Transitions) != 1 || len(r.Rows) != 0 {
			t.Errorf("kept is %+v", r)
		}
		if keys := openKeys(t, open()); !slices.Equal(keys, []string{"now"}) {
			t.Errorf("open are %v", keys)
		}
	})
}

// Labels hold what their senders put there; a page must not fail for it.
func TestLabelsThatADatabaseRefusesLoseNoPage(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		hostile := func(kind slo.TransitionKind, key string, after time.Duration) alerting.Change {
			tr := transition(kind, key, after)
			tr.Incident.SLO, tr.Incident.Cause = "blind/job=a\x00b\xff", slo.CauseNoData
			tr.Incident.Group = slo.NewLabels("re\x00gion", "e\x00u")
			tr.Reason = "nothing of a\x00b arrives"
			c := planned(tr, [2]string{"oncall", "trigger"})
			plan := c.Plan
			c.Plan = func(have alerting.Existing) alerting.Plan {
				p := plan(have)
				p.Title = "Blind to a\x00b"
				return p
			}
			return c
		}
		commit(t, s, hostile(slo.IncidentOpened, "k1", time.Minute))
		commit(t, s, hostile(slo.IncidentOpened, "k2", 2*time.Minute))
		if keys := openKeys(t, s); !slices.Equal(keys, []string{"k1"}) {
			t.Errorf("open are %v", keys)
		}
		commit(t, s, hostile(slo.IncidentClosed, "k1", 3*time.Minute))
		if keys := openKeys(t, s); len(keys) != 0 {
			t.Errorf("open are %v", keys)
		}
	})
}
