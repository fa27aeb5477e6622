package alerting_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// withFallback is oncall, whose fallback is backup, and the router that judges beside it.
func withFallback(s *story) (stop func()) {
	config := oncall()
	config.Receivers[0].Fallback = "backup"
	config.Receivers = append(config.Receivers, alerting.ReceiverConfig{Name: "backup", Integrations: []alerting.Integration{{Name: "email/0"}}})
	config.Route.Receiver = "oncall"
	s.receiver.ends, s.receiver.wide = true, true
	if err := s.router.Reload(context.Background(), config); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.router.Run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	}
}

// heard are the messages that a receiver took.
func (s *story) heard(name string) []string {
	return slices.DeleteFunc(s.receiver.lines(), func(line string) bool { return !strings.Contains(line, " "+name+": ") })
}

// fails makes a receiver fail from now on.
func (r *receiver) fails(name string, with alerting.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failing, r.failure = name, with
}

func TestAFallbackIsToldAfterTwoMinutesAndOfTheEnd(t *testing.T) {
	tell(t, func(s *story) {
		defer withFallback(s)()
		s.receiver.fails("oncall", retry("503 down"))
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(119 * time.Second)
		if got := s.heard("backup"); len(got) != 0 {
			t.Errorf("the fallback was told too early: %v", got)
		}
		s.pass(8 * time.Second)
		got := s.heard("backup")
		if len(got) != 1 || !strings.Contains(got[0], "backup: trigger page of k1: For oncall, which could not be told (503 down): shop/k1: 1 in 4 events fails.") {
			t.Fatalf("the fallback was told %q", got)
		}
		s.pass(10 * time.Minute)
		s.receiver.fails("", alerting.Result{})
		s.pass(time.Minute)
		s.commit(slo.IncidentClosed, "k1")
		s.pass(time.Second)
		if got := s.heard("backup"); len(got) != 2 || !strings.Contains(got[1], "backup: resolve page of k1") {
			t.Errorf("the fallback was told %q, want the incident and its end once each", got)
		}
		if rows := s.rows("k1"); !slices.ContainsFunc(rows, func(r string) bool { return strings.HasPrefix(r, "1 trigger delivered") }) {
			t.Errorf("the receiver was never told: %v", rows)
		}
	})
}

func TestAFallbackIsToldOfARefusalAndOfRowsThatAFailingDestinationNeverSaw(t *testing.T) {
	tell(t, func(s *story) {
		defer withFallback(s)()
		s.receiver.fails("oncall", refuse("400 wrong key"))
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(6 * time.Second)
		if got := s.heard("backup"); len(got) != 1 || !strings.Contains(got[0], "k1: For oncall, which refused this (400 wrong key): ") {
			t.Errorf("of a refusal the fallback was told %q", got)
		}
		s.receiver.fails("oncall", retry("503"))
		s.storm("many", 30)
		s.pass(3 * time.Minute)
		if got := s.heard("backup"); len(got) != 31 {
			t.Errorf("the fallback was told %d times, want once for each incident", len(got))
		}
	})
}

func TestNobodyFallsBackForWhatWaitsBehindALimitOrIsOver(t *testing.T) {
	tell(t, func(s *story) {
		defer withFallback(s)()
		s.receiver.perMinute = 2
		s.storm("many", 8)
		s.run()
		s.pass(30 * time.Second)
		s.receiver.fails("oncall", retry("503"))
		s.commit(slo.IncidentOpened, "short")
		s.commit(slo.IncidentClosed, "short")
		s.pass(20 * time.Second)
		s.receiver.fails("", alerting.Result{})
		s.pass(10 * time.Minute)
		if got := s.heard("backup"); len(got) != 0 {
			t.Errorf("the fallback was told %q", got)
		}
	})
}
