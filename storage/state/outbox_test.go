package state_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

// lease is how long the tests' claims hold.
const lease = 15 * time.Second

// claim claims everything that is due at start plus after.
func claim(t *testing.T, s *state.Spooled, after time.Duration) []alerting.Row {
	t.Helper()
	claimed, err := s.Claim(t.Context(), alerting.Claim{Lease: lease, Limit: 100}, start.Add(after))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(claimed.Rows, func(a, b alerting.Row) int { return int(a.ID - b.ID) })
	return claimed.Rows
}

// settle ends an attempt.
func settle(t *testing.T, s *state.Spooled, row alerting.Row, o alerting.Outcome, after time.Duration) {
	t.Helper()
	if err := s.Settle(t.Context(), row, o, start.Add(after)); err != nil {
		t.Fatal(err)
	}
}

// names writes rows as "key receiver seq".
func names(rows []alerting.Row) []string {
	all := []string{}
	for _, r := range rows {
		all = append(all, fmt.Sprintf("%s %s %d", r.Key, r.Receiver, r.Seq))
	}
	return all
}

// expect fails the test unless these rows are due at start plus after.
func expect(t *testing.T, s *state.Spooled, after time.Duration, want ...string) []alerting.Row {
	t.Helper()
	rows := claim(t, s, after)
	if got := names(rows); !slices.Equal(got, want) && len(got)+len(want) > 0 {
		t.Fatalf("due at %s are %v, want %v", after, got, want)
	}
	return rows
}

// incident commits an incident with a trigger and a resolve at two receivers.
func incident(t *testing.T, s *state.Spooled, key string) {
	t.Helper()
	open := transition(slo.IncidentOpened, key, 0)
	open.Incident.SLO = "slo/" + key
	commit(t, s, planned(open, [2]string{"oncall", "trigger"}, [2]string{"chat", "trigger"}))
	end := transition(slo.IncidentClosed, key, time.Second)
	commit(t, s, planned(end, [2]string{"oncall", "resolve"}, [2]string{"chat", "resolve"}))
}

func TestARowWaitsForTheOneBeforeItAndForNoOther(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		incident(t, s, "k1")
		rows := expect(t, s, time.Minute, "k1 oncall 1", "k1 chat 1")
		if rows[0].Attempts != 1 {
			t.Errorf("attempts are %d before the send", rows[0].Attempts)
		}
		settle(t, s, rows[1], alerting.Outcome{State: alerting.RowDelivered, Answer: "202"}, time.Minute)
		next := expect(t, s, time.Minute, "k1 chat 2")
		settle(t, s, next[0], alerting.Outcome{State: alerting.RowDelivered}, time.Minute)
		// A refusal ends a row too.
		settle(t, s, rows[0], alerting.Outcome{State: alerting.RowRefused, Answer: "400"}, time.Minute)
		expect(t, s, time.Minute, "k1 oncall 2")
		got := record(t, s, "k1").Rows[0]
		if got.State != alerting.RowRefused || got.Answer != "400" || got.SettledAt != start.Add(time.Minute) || got.Attempts != 1 {
			t.Errorf("the refused row is %+v", got)
		}
	})
}

func TestAClaimGivesTheNewestReceiptOfItsChainAlone(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		incident(t, s, "k1")
		rows := expect(t, s, 0, "k1 oncall 1", "k1 chat 1")
		if rows[1].Receipt != "" {
			t.Errorf("the first row has receipt %q", rows[1].Receipt)
		}
		delivered := func(receipt string) alerting.Outcome {
			return alerting.Outcome{State: alerting.RowDelivered, Answer: "200", Receipt: receipt}
		}
		settle(t, s, rows[0], delivered(""), time.Second)
		settle(t, s, rows[1], delivered("C1 17.1"), time.Second)
		rows = expect(t, s, time.Second, "k1 oncall 2", "k1 chat 2")
		if rows[0].Receipt != "" || rows[1].Receipt != "C1 17.1" {
			t.Errorf("receipts are %q and %q", rows[0].Receipt, rows[1].Receipt)
		}
		// An attempt that ends without a receipt keeps the one before, also over a restart.
		settle(t, s, rows[1], alerting.Outcome{State: alerting.RowPending, NextAt: start, Answer: "500"}, 2*time.Second)
		settle(t, s, rows[0], delivered(""), 2*time.Second)
		if rows = expect(t, open(), 2*time.Second, "k1 chat 2"); rows[0].Receipt != "C1 17.1" {
			t.Errorf("after a retry the receipt is %q", rows[0].Receipt)
		}
		settle(t, s, rows[0], alerting.Outcome{State: alerting.RowPending, NextAt: start, Receipt: "C1 17.2"}, 3*time.Second)
		if rows = expect(t, s, 3*time.Second, "k1 chat 2"); rows[0].Receipt != "C1 17.2" {
			t.Errorf("a row's own receipt is %q", rows[0].Receipt)
		}
	})
}

func TestARetryWaitsForItsTime(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		commit(t, s, planned(transition(slo.IncidentOpened, "k1", 0), [2]string{"oncall", "trigger"}))
		row := expect(t, s, time.Minute, "k1 oncall 1")[0]
		settle(t, s, row, alerting.Outcome{State: alerting.RowPending, NextAt: start.Add(2 * time.Minute), Answer: "500"}, time.Minute)
		expect(t, s, 119*time.Second)
		if got := expect(t, s, 2*time.Minute, "k1 oncall 1")[0]; got.Attempts != 2 || got.Answer != "500" {
			t.Errorf("the row is %+v", got)
		}
	})
}

func TestANewPageDoesNotWaitBehindRetries(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		commit(t, s, planned(transition(slo.IncidentOpened, "k1", 0), [2]string{"hanging", "trigger"}))
		tried := expect(t, s, time.Minute, "k1 hanging 1")[0]
		settle(t, s, tried, alerting.Outcome{State: alerting.RowPending, NextAt: start, Answer: "timed out"}, time.Minute)
		second := transition(slo.IncidentOpened, "k2", 30*time.Second)
		second.Incident.SLO = "slo/k2"
		commit(t, s, planned(second, [2]string{"oncall", "trigger"}))
		claimed, err := s.Claim(t.Context(), alerting.Claim{Lease: lease, Limit: 1}, start.Add(2*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if got := names(claimed.Rows); !slices.Equal(got, []string{"k2 oncall 1"}) {
			t.Errorf("claimed first is %v, want the page that was never tried", got)
		}
	})
}

func TestAClaimThatIsNotSettledRunsOut(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		commit(t, s, planned(transition(slo.IncidentOpened, "k1", 0), [2]string{"oncall", "trigger"}))
		stalled := expect(t, s, 0, "k1 oncall 1")[0]
		expect(t, s, lease-time.Nanosecond)
		second := expect(t, s, lease, "k1 oncall 1")[0]
		// The first sender wakes up: its failure means nothing, its success does.
		settle(t, s, stalled, alerting.Outcome{State: alerting.RowPending, NextAt: start}, lease)
		settle(t, s, stalled, alerting.Outcome{State: alerting.RowRefused}, lease)
		if got := record(t, s, "k1").Rows[0]; got.State != alerting.RowPending {
			t.Errorf("a stalled failure was taken: %+v", got)
		}
		expect(t, s, lease+time.Second)
		settle(t, s, stalled, alerting.Outcome{State: alerting.RowDelivered, Answer: "202"}, lease)
		settle(t, s, second, alerting.Outcome{State: alerting.RowPending, NextAt: start}, lease)
		if got := record(t, s, "k1").Rows[0]; got.State != alerting.RowDelivered {
			t.Errorf("an acceptance was lost: %+v", got)
		}
	})
}

func TestAClaimEndsWithItsProcessWhereNobodyElseCanHoldIt(t *testing.T) {
	for _, c := range []struct {
		name    string
		options state.Options
		due     time.Duration
	}{
		{"the data folder of SQLite belongs to the new process", state.Options{Dir: t.TempDir()}, 0},
		{"on PostgreSQL another node may be sending", state.Options{DSN: server.Database(t), Dir: t.TempDir(), CallersTime: true}, lease},
	} {
		t.Run(c.name, func(t *testing.T) {
			open := func() *state.Spooled {
				s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: c.options})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = s.Close() })
				return s
			}
			s := open()
			commit(t, s, planned(transition(slo.IncidentOpened, "k1", 0), [2]string{"oncall", "trigger"}))
			expect(t, s, 0, "k1 oncall 1")
			s = open() // the process was killed between the claim and the answer
			if c.due > 0 {
				expect(t, s, c.due-time.Nanosecond)
			}
			if row := expect(t, s, c.due, "k1 oncall 1")[0]; row.Attempts != 2 {
				t.Errorf("a row that may have been sent counts %d attempts, want 2", row.Attempts)
			}
		})
	}
}

func TestTwoNodesNeverClaimTheSameRow(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		nodes := []*state.Spooled{open(), open(), open()}
		const keys = 40
		for i := range keys {
			incident(t, nodes[0], fmt.Sprintf("k%02d", i))
		}
		var mu sync.Mutex
		sent := map[string]int{}
		var group sync.WaitGroup
		for _, s := range nodes {
			group.Go(func() {
				for range 200 {
					claimed, err := s.Claim(context.Background(), alerting.Claim{Lease: lease, Limit: 3}, start.Add(time.Minute))
					if err != nil {
						t.Errorf("claim: %v", err)
						return
					}
					rows := claimed.Rows
					for i, name := range names(rows) {
						mu.Lock()
						sent[name]++
						before := fmt.Sprintf("%s %s %d", rows[i].Key, rows[i].Receiver, rows[i].Seq-1)
						if rows[i].Seq > 1 && sent[before] == 0 {
							t.Errorf("%s was claimed before %s", name, before)
						}
						mu.Unlock()
						if err := s.Settle(context.Background(), rows[i], alerting.Outcome{State: alerting.RowDelivered}, start); err != nil {
							t.Errorf("settle: %v", err)
						}
					}
				}
			})
		}
		group.Wait()
		if len(sent) != keys*4 {
			t.Errorf("%d rows were claimed, want %d", len(sent), keys*4)
		}
		for name, n := range sent {
			if n != 1 {
				t.Errorf("%s was claimed %d times", name, n)
			}
		}
	})
}

func TestRequeueBringsBackWhatAnOpenIncidentStillNeeds(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		refused := func(row alerting.Row) {
			settle(t, s, row, alerting.Outcome{State: alerting.RowRefused, Answer: "400"}, time.Minute)
		}
		// Over: not told again.
		incident(t, s, "over")
		for _, row := range expect(t, s, time.Minute, "over oncall 1", "over chat 1") {
			refused(row)
		}
		for _, row := range expect(t, s, time.Minute, "over oncall 2", "over chat 2") {
			refused(row)
		}
		// Open: refused at oncall, while chat has taken a later row.
		commit(t, s, planned(transition(slo.IncidentOpened, "open", 0), [2]string{"oncall", "trigger"}, [2]string{"chat", "trigger"}))
		for _, row := range expect(t, s, time.Minute, "open oncall 1", "open chat 1") {
			refused(row)
		}
		join := transition(slo.IncidentJoined, "open", time.Minute)
		join.Incident.Groups = append(join.Incident.Groups, slo.NewLabels("region", "us"))
		commit(t, s, planned(join, [2]string{"chat", "update"}))
		settle(t, s, expect(t, s, time.Minute, "open chat 2")[0], alerting.Outcome{State: alerting.RowDelivered}, time.Minute)
		// Waiting: an hour until its next attempt.
		waiting := transition(slo.IncidentOpened, "waiting", 0)
		waiting.Incident.SLO = "slo/waiting"
		commit(t, s, planned(waiting, [2]string{"oncall", "trigger"}))
		settle(t, s, expect(t, s, time.Minute, "waiting oncall 1")[0], alerting.Outcome{State: alerting.RowPending, NextAt: start.Add(time.Hour)}, time.Minute)

		n, err := s.Revise(t.Context(), alerting.Revision{Requeue: true}, start.Add(2*time.Minute))
		if err != nil || n != 1 {
			t.Errorf("%d rows were refused and are pending again, %v", n, err)
		}
		expect(t, s, 2*time.Minute, "open oncall 1", "waiting oncall 1")
	})
}

func TestARevisionTellsOfWhatNobodyHasBeenToldOf(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		for i, rows := range [][][2]string{nil, {{"oncall", "trigger"}}} {
			tr := transition(slo.IncidentOpened, fmt.Sprintf("k%d", i), 0)
			tr.Incident.SLO = fmt.Sprintf("slo/%d", i)
			commit(t, s, planned(tr, rows...))
		}
		tell := func(open []alerting.Standing) []alerting.Plan {
			plans := make([]alerting.Plan, len(open))
			for i, o := range open {
				if len(o.Rows) == 0 {
					plans[i].Rows = []alerting.Row{{Key: o.Incident.Key, Receiver: "new", Integration: "pagerduty/0", Action: alerting.ActionTrigger, Message: o.Newest}}
				}
			}
			return plans
		}
		for _, want := range []int{1, 0} { // the second time everybody has been told
			if n, err := s.Revise(t.Context(), alerting.Revision{Plan: tell}, start); err != nil || n != want {
				t.Errorf("told %d times, want %d; %v", n, want, err)
			}
		}
		rows := expect(t, s, 0, "k1 oncall 1", "k0 new 1")
		if rows[1].Message.Summary != "opened" {
			t.Errorf("the row says %+v", rows[1].Message)
		}
	})
}

func TestARevisionLeavesASendUnderWayAlone(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		commit(t, s, planned(transition(slo.IncidentOpened, "k1", 0), [2]string{"oncall", "trigger"}))
		expect(t, s, time.Minute, "k1 oncall 1")
		if _, err := s.Revise(t.Context(), alerting.Revision{Requeue: true}, start.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		expect(t, s, time.Minute)
	})
}

func TestTheDepthOfTheOutbox(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		depth := func(wantRows int, wantAge time.Duration) {
			t.Helper()
			rows, age, err := s.OutboxDepth(t.Context(), start.Add(time.Minute))
			if err != nil || rows != wantRows || age != wantAge {
				t.Errorf("depth %d, age %s, %v; want %d and %s", rows, age, err, wantRows, wantAge)
			}
		}
		depth(0, 0)
		incident(t, s, "k1")
		depth(4, time.Minute)
		for _, row := range claim(t, s, time.Minute) {
			settle(t, s, row, alerting.Outcome{State: alerting.RowDelivered}, time.Minute)
		}
		depth(2, 59*time.Second)
	})
}
