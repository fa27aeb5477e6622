package alerting_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// everybody is shadow mode for all teams.
func everybody() alerting.Shadow { return alerting.Shadow{On: true} }

// owned gives an incident to a team.
func owned(team string) func(*slo.Transition) {
	return func(t *slo.Transition) { t.Incident.Team = team }
}

// among is the region that breaches.
func among(region string) func(*slo.Transition) {
	return func(t *slo.Transition) { t.Incident.Groups = []slo.Labels{nil, slo.NewLabels("region", region)} }
}

func TestInShadowModeEverythingIsPlannedAndNothingIsSent(t *testing.T) {
	tell(t, func(s *story) {
		s.goes(everybody())
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(time.Second)
		s.commit(slo.IncidentJoined, "k1", among("eu"))
		s.pass(time.Minute)
		s.goes(everybody()) // a reload, or a start
		s.commit(slo.IncidentClosed, "k1")
		s.pass(time.Hour)
		s.sent()
		s.kept("k1", "1 trigger shadowed 1 would have paged oncall", "2 update shadowed 1 would have told oncall the news",
			"3 resolve shadowed 1 would have told oncall that it is over")
		if depth, _, err := s.store.OutboxDepth(context.Background(), s.now()); err != nil || depth != 0 {
			t.Errorf("%d rows wait, %v; a row that was shown is not pending", depth, err)
		}
	})
}

func TestGoingLiveTellsWhatIsOpenAndNotThePast(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.wide = true
		s.goes(everybody())
		s.run()
		s.commit(slo.IncidentOpened, "over")
		s.commit(slo.IncidentClosed, "over")
		s.commit(slo.IncidentOpened, "open")
		s.pass(time.Minute)
		s.goes(alerting.Shadow{})
		s.goes(alerting.Shadow{}) // a second reload finds it told
		s.pass(time.Minute)
		s.commit(slo.IncidentClosed, "open")
		s.pass(time.Minute)
		s.sent("1m0s oncall: trigger page of open: It began in shadow mode, which is over. shop/open: 1 in 4 events fails. 1 of 4 events failed since 00:00 UTC.",
			"2m0s oncall: resolve page of open: shop/open recovered after 2 min. 1 of 4 events failed from 00:00 to 00:02 UTC.")
	})
}

func TestGoingBackToShadowEndsForRealWhatWasToldForReal(t *testing.T) {
	tell(t, func(s *story) {
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(time.Minute)
		s.goes(everybody())
		s.commit(slo.IncidentJoined, "k1", among("eu"))
		s.commit(slo.IncidentOpened, "k2")
		s.pass(time.Minute)
		s.commit(slo.IncidentClosed, "k1")
		s.commit(slo.IncidentClosed, "k2")
		s.pass(time.Minute)
		s.sent("0s k1 trigger: accepted", "2m0s k1 resolve: accepted")
		s.kept("k1", "1 trigger delivered 1 202", "2 update shadowed 1 would have told oncall the news", "3 resolve delivered 1 202")
	})
}

func TestWhatNobodyTriedToSendWhenShadowModeBeganIsOnlyShown(t *testing.T) {
	tell(t, func(s *story) {
		s.commit(slo.IncidentOpened, "open")
		s.commit(slo.IncidentOpened, "over")
		s.commit(slo.IncidentClosed, "over") // its trigger and resolve wait
		s.goes(everybody())
		s.run()
		s.pass(time.Minute)
		s.commit(slo.IncidentClosed, "open")
		s.pass(time.Minute)
		s.sent()
	})
}

func TestAPageThatMayHaveArrivedBeforeShadowModeIsEndedForReal(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.answers(retry("time-out"))
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		synctest.Wait()
		s.goes(everybody())
		s.pass(time.Minute)
		s.kept("k1", "1 trigger shadowed 2 would have paged oncall")
		s.commit(slo.IncidentClosed, "k1")
		s.pass(time.Minute)
		s.sent("0s k1 trigger: retry", "1m0s k1 resolve: accepted")
	})
}

func TestAPageThatFailedBeforeShadowModeIsToldWhenItsTeamIsLiveAgain(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.answers(retry("time-out"))
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		synctest.Wait()
		s.goes(everybody())
		s.pass(time.Minute)
		s.goes(alerting.Shadow{})
		s.goes(alerting.Shadow{})
		s.pass(time.Minute)
		s.sent("0s k1 trigger: retry", "1m0s k1 trigger: accepted")
	})
}

func TestOneTeamGoesLiveAndBack(t *testing.T) {
	tell(t, func(s *story) {
		live := alerting.Shadow{On: true, Live: []string{"payments"}}
		s.goes(live)
		s.run()
		s.commit(slo.IncidentOpened, "k1", owned("payments"))
		s.commit(slo.IncidentOpened, "k2", owned("search"))
		s.pass(time.Minute)
		s.goes(everybody())
		s.commit(slo.IncidentClosed, "k1", owned("payments"))
		s.commit(slo.IncidentOpened, "k3", owned("payments"))
		s.pass(time.Minute)
		s.goes(live)
		s.pass(time.Minute)
		s.sent("0s k1 trigger: accepted", "1m0s k1 resolve: accepted", "2m0s k3 trigger: accepted")
	})
}

func TestAlertsOfATeamInShadowModeAreOnlyShown(t *testing.T) {
	tell(t, func(s *story) {
		s.goes(alerting.Shadow{On: true, Live: []string{"payments"}})
		s.run()
		alert := func(team string) slo.Alert {
			return slo.Alert{Origin: "alertmanager", Labels: slo.NewLabels("alertname", "DiskFull", "team", team, "severity", "page"), StartsAt: s.now()}
		}
		if err := s.router.Alerts(context.Background(), []slo.Alert{alert("payments"), alert("search")}); err != nil {
			t.Fatal(err)
		}
		s.pass(time.Minute)
		if n := len(s.receiver.lines()); n != 1 {
			t.Errorf("%d messages were sent, want that of payments: %q", n, s.receiver.told)
		}
		s.goes(alerting.Shadow{})
		s.pass(time.Minute)
		if n := len(s.receiver.lines()); n != 2 {
			t.Errorf("%d messages were sent once everybody is live, want 2: %q", n, s.receiver.told)
		}
	})
}

func TestAHeartbeatIsSentOnlyOnceSomebodyIsLive(t *testing.T) {
	tell(t, func(s *story) {
		s.run()
		s.goes(everybody())
		beat := func() {
			h := alerting.Heartbeat{Targets: []alerting.Target{{Receiver: "oncall", Integration: "pagerduty/0"}}, Every: time.Minute}
			if err := s.store.Beat(context.Background(), h, alerting.Message{Class: alerting.ClassHeartbeat, Severity: slo.Ticket}, s.now()); err != nil {
				t.Fatal(err)
			}
			s.pass(time.Minute)
		}
		beat()
		if n := len(s.receiver.lines()); n != 0 {
			t.Errorf("%d heartbeats were sent in shadow mode", n)
		}
		s.goes(alerting.Shadow{On: true, Live: []string{"payments"}})
		beat()
		if n := len(s.receiver.lines()); n != 1 {
			t.Errorf("%d heartbeats were sent once a team was live, want 1", n)
		}
	})
}
