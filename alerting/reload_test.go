package alerting_test

import (
	"context"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

// heldStore lets a commit go on only when it is released.
type heldStore struct {
	*state.Store
	reached, released chan struct{}
}

// Commit implements alerting.Store.
func (s heldStore) Commit(ctx context.Context, c alerting.Change, now time.Time) error {
	close(s.reached)
	<-s.released
	return s.Store.Commit(ctx, c, now)
}

func TestAnIncidentCommittedDuringAReloadIsToldByTheNewConfiguration(t *testing.T) {
	real, err := state.Open(t.Context(), state.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = real.Close() })
	store := heldStore{real, make(chan struct{}), make(chan struct{})}
	router, err := alerting.NewRouter(alerting.Options{Store: store, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	committed, reloaded := make(chan error, 1), make(chan error, 1)
	go func() {
		committed <- router.Commit(t.Context(), slo.Transition{Kind: slo.IncidentOpened, At: time.Now(),
			Incident: slo.Incident{Key: "k1", SLO: "shop/k1", Severity: slo.Page, Opened: time.Now()}})
	}()
	<-store.reached // planned without a receiver, and not yet written
	go func() { reloaded <- router.Reload(t.Context(), oncall()) }()
	select {
	case err := <-reloaded:
		t.Errorf("the reload did not wait for what was planned before it: %v", err)
		reloaded <- err
	case <-time.After(100 * time.Millisecond): // it waits
	}
	close(store.released)
	for _, ended := range []chan error{committed, reloaded} {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	record, _, err := real.Incident(t.Context(), "k1")
	if err != nil || len(record.Rows) != 1 || record.Rows[0].Receiver != "oncall" {
		t.Errorf("rows are %+v, %v; want one at oncall", record.Rows, err)
	}
}

func TestAPageOfARenamedReceiverIsTakenByTheNewOne(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.answers(retry("500"), retry("500"), retry("500"))
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(time.Second)
		renamed := alerting.Config{Receivers: []alerting.ReceiverConfig{{Name: "sre", Integrations: []alerting.Integration{{Name: "pagerduty/0"}}}}}
		s.receiver.onlyKnows("sre")
		for range 2 { // the second reload finds it told
			if err := s.router.Reload(context.Background(), renamed); err != nil {
				t.Fatal(err)
			}
			s.pass(10 * time.Second)
		}
		s.kept("k1", "1 trigger pending 5 receiver oncall (pagerduty/0) is no longer configured; sent when it is back", "1 trigger delivered 2 202")
	})
}

func TestWhatOpensAgainIsToldWhereEndsAreLeftOut(t *testing.T) {
	tell(t, func(s *story) {
		c := oncall()
		c.Receivers[0].Integrations[0].SkipResolved = true
		if err := s.router.Reload(context.Background(), c); err != nil {
			t.Fatal(err)
		}
		s.run()
		for range 2 {
			s.commit(slo.IncidentOpened, "k")
			s.pass(time.Minute)
			s.commit(slo.IncidentClosed, "k")
			s.pass(time.Minute)
		}
		s.kept("k", "1 trigger delivered 1 202", "2 trigger delivered 1 202")
	})
}
