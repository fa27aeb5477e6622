package alerting_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"burnline/alerting"
	"burnline/slo"
)

func TestAPageLeavesAtOnceAndItsResolveFollows(t *testing.T) {
	tell(t, func(s *story) {
		s.run()
		s.pass(300 * time.Millisecond) // between two polls
		s.commit(slo.IncidentOpened, "k1")
		synctest.Wait()
		s.sent("300ms k1 trigger: accepted")
		s.pass(time.Minute)
		s.commit(slo.IncidentClosed, "k1")
		synctest.Wait()
		s.sent("300ms k1 trigger: accepted", "1m0.3s k1 resolve: accepted")
		s.kept("k1", "1 trigger delivered 1 202", "2 resolve delivered 1 202")
	})
}

func TestRetriesBackOffToAMinuteAndNeverEnd(t *testing.T) {
	tell(t, func(s *story) {
		for range 9 {
			s.receiver.answers(retry("500"))
		}
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(10 * time.Minute)
		s.sent("0s k1 trigger: retry", "1s k1 trigger: retry", "3s k1 trigger: retry", "7s k1 trigger: retry", "15s k1 trigger: retry",
			"31s k1 trigger: retry", "1m3s k1 trigger: retry", "2m3s k1 trigger: retry", "3m3s k1 trigger: retry", "4m3s k1 trigger: accepted")
		s.kept("k1", "1 trigger delivered 10 202")
	})
}

func TestRetryAfterIsHonouredWithinReason(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.answers(
			alerting.Result{Verdict: alerting.VerdictRetry, RetryAfter: 42 * time.Second, Answer: "429"},
			alerting.Result{Verdict: alerting.VerdictRetry, RetryAfter: 365 * 24 * time.Hour, Answer: "503 of some proxy"})
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(20 * time.Minute)
		s.sent("0s k1 trigger: retry", "42s k1 trigger: retry", "15m42s k1 trigger: accepted")
	})
}

func TestAResolveWaitsForItsTriggerAndOthersDoNot(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.answers(retry("500"), retry("500"))
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		synctest.Wait()
		s.commit(slo.IncidentClosed, "k1") // the trigger was attempted, so both are sent
		s.pass(time.Second)
		s.commit(slo.IncidentOpened, "k2")
		s.pass(10 * time.Second)
		s.sent("0s k1 trigger: retry", "1s k1 trigger: retry", "1s k2 trigger: accepted", "3s k1 trigger: accepted", "3s k1 resolve: accepted")
	})
}

func TestWhatIsOverBeforeItCouldBeSentIsToldInOneGo(t *testing.T) {
	tell(t, func(s *story) {
		s.commit(slo.IncidentOpened, "k1")
		s.pass(time.Minute) // the deliverer is not running yet
		s.commit(slo.IncidentClosed, "k1")
		s.run()
		synctest.Wait()
		s.sent("1m0s k1 trigger: accepted", "1m0s k1 resolve: accepted")
		s.kept("k1", "1 trigger superseded 0 it recovered before the first attempt to send it", "2 trigger delivered 1 202", "3 resolve delivered 1 202")
	})
}

func TestARefusalIsKeptAndQueuedAgainByAReload(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.answers(refuse("400 invalid routing key"))
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(time.Hour)
		s.kept("k1", "1 trigger refused 1 400 invalid routing key")
		if err := s.router.Reload(context.Background(), oncall()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s.sent("0s k1 trigger: refused", "1h0m0s k1 trigger: accepted")
	})
}

func TestARefusalOfWhatIsOverIsNotSentAgain(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.answers(refuse("400"), refuse("400"))
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(time.Minute)
		s.commit(slo.IncidentClosed, "k1")
		s.pass(time.Minute)
		if err := s.router.Reload(context.Background(), oncall()); err != nil {
			t.Fatal(err)
		}
		s.pass(time.Minute)
		s.kept("k1", "1 trigger refused 1 400", "2 resolve refused 1 400")
	})
}

func TestAReceiverThatIsGoneKeepsItsRowsUntilItIsBack(t *testing.T) {
	tell(t, func(s *story) {
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		synctest.Wait()
		s.receiver.configured(false)
		if err := s.router.Reload(context.Background(), alerting.Config{}); err != nil {
			t.Fatal(err)
		}
		s.commit(slo.IncidentClosed, "k1")
		s.pass(10 * time.Minute)
		rows := s.rows("k1")
		if !strings.HasPrefix(rows[1], "2 resolve pending ") || !strings.HasSuffix(rows[1], "receiver oncall (pagerduty/0) is no longer configured; sent when it is back") {
			t.Errorf("the resolve is %q", rows[1])
		}
		s.receiver.configured(true)
		if err := s.router.Reload(context.Background(), oncall()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		s.sent("0s k1 trigger: accepted", "10m0s k1 resolve: accepted")
	})
}

func TestWithoutReceiversAnIncidentIsRecordedAndToldWhenThereIsOne(t *testing.T) {
	tell(t, func(s *story) {
		if err := s.router.Reload(context.Background(), alerting.Config{}); err != nil {
			t.Fatal(err)
		}
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(time.Minute)
		s.sent()
		s.kept("k1")
		// The first receiver is told of what is open.
		if err := s.router.Reload(context.Background(), oncall()); err != nil {
			t.Fatal(err)
		}
		s.pass(time.Minute)
		s.sent("1m0s k1 trigger: accepted")
	})
}

func TestASendThatDiesWithItsProcessIsRepeatedAfterItsLease(t *testing.T) {
	tell(t, func(s *story) {
		s.commit(slo.IncidentOpened, "k1")
		// A process that is killed between the send and the note of its answer
		// leaves a claimed row behind.
		rows, err := s.store.Claim(context.Background(), alerting.Claim{Lease: 15 * time.Second, Limit: 10}, time.Now())
		if err != nil || len(rows.Rows) != 1 {
			t.Fatalf("claimed %v, %v", rows, err)
		}
		s.commit(slo.IncidentClosed, "k1") // may not be merged: the trigger may have arrived
		s.run()
		s.pass(time.Minute)
		s.sent("15s k1 trigger: accepted", "15s k1 resolve: accepted")
		s.kept("k1", "1 trigger delivered 2 202", "2 resolve delivered 1 202")
	})
}

func TestASendThatHangsEndsWithItsTimeAndHoldsNobodyElseUp(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.slow = func(ctx context.Context, row alerting.Row) {
			if row.Key == "k1" {
				<-ctx.Done()
			}
		}
		s.receiver.answers(alerting.Result{Verdict: alerting.VerdictAccepted, Answer: "202"}, retry("time-out"))
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.commit(slo.IncidentOpened, "k2")
		s.pass(5 * time.Second)
		s.sent("0s k2 trigger: accepted", "5s k1 trigger: retry")
	})
}

func TestStoppingLetsASendEndAndKeepsItsAnswer(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.slow = func(context.Context, alerting.Row) {
			timer := time.NewTimer(2 * time.Second)
			<-timer.C
		}
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		synctest.Wait()
		s.end()
		s.sent("2s k1 trigger: accepted")
		s.kept("k1", "1 trigger delivered 1 202")
	})
}

func TestStoppingDoesNotWaitLongerThanItsGrace(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.slow = func(ctx context.Context, _ alerting.Row) { <-ctx.Done() }
		s.receiver.answers(retry("stopped"))
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		synctest.Wait()
		s.end()
		s.sent("3s k1 trigger: retry")
		s.kept("k1", "1 trigger pending 1 stopped")
	})
}

func TestTheOutboxIsMeasured(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.answers(retry("500"), retry("500"), retry("500"), retry("500"))
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(10*time.Second + 500*time.Millisecond)
		want := `
# HELP burnline_outbox_oldest_pending_seconds Age of the oldest message that is not yet delivered; 0 when none waits.
# TYPE burnline_outbox_oldest_pending_seconds gauge
burnline_outbox_oldest_pending_seconds 10
# HELP burnline_outbox_pending_rows Messages that are committed and not yet delivered.
# TYPE burnline_outbox_pending_rows gauge
burnline_outbox_pending_rows 1
`
		if err := testutil.GatherAndCompare(s.registry, strings.NewReader(want), "burnline_outbox_pending_rows", "burnline_outbox_oldest_pending_seconds"); err != nil {
			t.Error(err)
		}
		if n, err := testutil.GatherAndCount(s.registry, "burnline_outbox_attempts_total"); err != nil || n != 5 {
			t.Errorf("attempts are kept by %d results, %v", n, err)
		}
	})
}

func TestADelivererSaysWhatItLacks(t *testing.T) {
	if _, err := alerting.NewDeliverer(alerting.DelivererOptions{}); err == nil {
		t.Error("a deliverer without a store was made")
	}
	_, err := alerting.NewRouter(alerting.Options{})
	if err == nil {
		t.Error("a router without a store was made")
	}
}

// broken is a store whose disk is gone.
type broken struct{ alerting.Store }

func (broken) Commit(context.Context, alerting.Change, time.Time) error {
	return errors.New("the disk is full")
}

func TestACommitThatFailsIsToldToTheEngine(t *testing.T) {
	woken := false
	r, err := alerting.NewRouter(alerting.Options{Store: broken{}, Now: time.Now, Wake: func() { woken = true }})
	if err != nil {
		t.Fatal(err)
	}
	err = r.Commit(t.Context(), slo.Transition{Kind: slo.IncidentOpened, Incident: slo.Incident{SLO: "a/b"}})
	if err == nil || err.Error() != "commit opened incident of a/b: the disk is full" || woken {
		t.Errorf("got %v, woken %v", err, woken)
	}
}
