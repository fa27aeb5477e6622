package state

import (
	"context"
	"errors"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/internal/harness/patience"
	"burnline/slo"
)

// All calls wait while PostgreSQL is told of what is still to be sent, perhaps for longer than an answer is waited
// with. It is recorded nevertheless, or its page would be sent again.
func TestAnAnswerThatComesDuringAReconciliationIsKept(t *testing.T) {
	t.Parallel()
	stores := make([]*Store, 2)
	for i := range stores {
		s, err := Open(t.Context(), Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }() // it is read before
		stores[i] = s
	}
	s := newSpooled(SpoolOptions{}, stores[0])
	s.local = stores[1]
	s.absence.Store(&absence{since: time.Now(), why: errors.New("it is away")})
	now := time.Now()
	err := s.Commit(t.Context(), alerting.Change{
		Transition: slo.Transition{Kind: slo.IncidentOpened, At: now, Incident: slo.Incident{Key: "k", SLO: "a/b", Severity: slo.Page, Opened: now}},
		Plan: func(alerting.Existing) alerting.Plan {
			return alerting.Plan{Rows: []alerting.Row{{Key: "k", Receiver: "oncall", Integration: "pagerduty/0", Seq: 1, Action: alerting.ActionTrigger, CreatedAt: now}}}
		},
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	claimed, err := s.Claim(t.Context(), alerting.Claim{Lease: time.Minute, Limit: 1}, now)
	if err != nil || len(claimed.Rows) != 1 {
		t.Fatalf("claimed are %v, %v", claimed.Rows, err)
	}
	s.gate.Lock()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // it asks before that is over
	defer cancel()
	settled := make(chan error, 1)
	go func() {
		settled <- s.Settle(ctx, claimed.Rows[0], alerting.Outcome{State: alerting.RowDelivered, Answer: "202"}, now)
	}()
	<-ctx.Done()
	s.gate.Unlock()
	if err := <-settled; err != nil {
		t.Errorf("the answer is not recorded: %v", err)
	}
	if r, _, err := s.Incident(t.Context(), "k"); err != nil || r.Rows[0].State != alerting.RowDelivered {
		t.Errorf("the row is %+v, %v", r.Rows, err)
	}
}

// Who asks how Burnline fares is answered while all calls wait for a reconciliation.
func TestWhatTellsOfTheStateDoesNotWaitForAReconciliation(t *testing.T) {
	t.Parallel()
	local, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = local.Close() }() // it is read before
	s := newSpooled(SpoolOptions{}, nil)
	since := time.Now().Add(-time.Minute)
	s.local = local
	s.absence.Store(&absence{since: since, why: errors.New("it is away")})
	ask := func() (depth int) {
		if got, _, why := s.Absence(); !got.Equal(since) || why == nil || !s.isAway() || s.Trouble() != nil {
			t.Errorf("it is away since %s: %v", got, why)
		}
		depth, _, err := s.OutboxDepth(t.Context(), time.Now())
		if err != nil {
			t.Error(err)
		}
		return depth
	}
	before := ask()
	s.gate.Lock()
	defer s.gate.Unlock()
	answered := make(chan int, 1)
	go func() { answered <- ask() }()
	select {
	case depth := <-answered:
		if depth != before {
			t.Errorf("%d rows wait, and %d did before", depth, before)
		}
	case <-time.After(patience.Limit):
		t.Fatal("who asks waits for the gate")
	}
}
