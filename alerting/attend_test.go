package alerting_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// pager is a configuration with PagerDuty, Slack and mail behind one route, which tells
// the leads after an hour and everybody again every 30 minutes.
func pager() alerting.Config {
	return alerting.Config{
		Receivers: []alerting.ReceiverConfig{
			{Name: "oncall", Integrations: []alerting.Integration{
				{Name: "pagerduty/0", KeepsIncidents: true}, {Name: "slack/0", ShowsWho: true}, {Name: "email/0"}}},
			{Name: "leads", Integrations: []alerting.Integration{{Name: "pagerduty/0", KeepsIncidents: true}}},
		},
		Route: alerting.Route{Receiver: "oncall", GroupBy: alerting.Grouping{Each: true}, RepeatInterval: 30 * time.Minute,
			Escalate: []alerting.Escalation{{After: time.Hour, Receiver: "leads"}}},
	}
}

// paging tells a story with the pager's configuration, with the router and the deliverer
// running.
func paging(t *testing.T, play func(s *story)) {
	tell(t, func(s *story) {
		if err := s.router.Reload(context.Background(), pager()); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- s.router.Run(ctx) }()
		s.run()
		play(s)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// did takes note of what somebody did.
func (s *story) did(key string, kind alerting.AckKind, by, via string) {
	s.t.Helper()
	a := alerting.Acknowledgement{Kind: kind, By: by, Via: via, At: time.Now()}
	if err := s.router.Attend(context.Background(), key, a, ""); err != nil {
		s.t.Fatal(err)
	}
	synctest.Wait()
}

// news are what was written for an incident since the call before, in order: when, to whom and
// how, and how its text begins.
func (s *story) news(key string, want ...string) {
	s.t.Helper()
	record, ok, err := s.store.Incident(context.Background(), key)
	if err != nil || !ok {
		s.t.Fatalf("read incident %s: %v, found %v", key, err, ok)
	}
	var got []string
	for _, r := range record.Rows[s.seen[key]:] {
		text := r.Message.Summary
		if at := strings.Index(text, ": shop/"); at > 0 {
			text = text[:at]
		}
		text, _, _ = strings.Cut(text, ": 1 in 4")
		got = append(got, fmt.Sprintf("%s %s %s %s: %s", r.CreatedAt.Sub(s.start).Round(time.Second), r.Receiver, r.Integration, r.Action, text))
	}
	if s.seen == nil {
		s.seen = map[string]int{}
	}
	s.seen[key] = len(record.Rows)
	if !slices.Equal(got, want) {
		s.t.Errorf("news of %s:\n  %s\nwant:\n  %s", key, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestAnAcknowledgementStopsRepeatsAndIsToldToTheOthers(t *testing.T) {
	paging(t, func(s *story) {
		s.commit(slo.IncidentOpened, "k1")
		s.pass(31 * time.Minute)
		s.did("k1", alerting.AckTaken, "ada", alerting.ViaWeb)
		s.pass(time.Second)
		s.did("k1", alerting.AckTaken, "ada", "slack") // she has it already
		s.pass(28 * time.Minute)
		s.news("k1",
			"0s oncall pagerduty/0 trigger: shop/k1",
			"0s oncall slack/0 trigger: shop/k1",
			"0s oncall email/0 trigger: shop/k1",
			"30m0s oncall pagerduty/0 update: Open for 30 min, and nobody has acknowledged it. As of 00:00 UTC",
			"30m0s oncall slack/0 update: Open for 30 min, and nobody has acknowledged it. As of 00:00 UTC",
			"30m0s oncall email/0 update: Open for 30 min, and nobody has acknowledged it. As of 00:00 UTC",
			"31m0s oncall pagerduty/0 acknowledge: Acknowledged by ada at 00:31 UTC on the web page. shop/k1",
			"31m0s oncall slack/0 update: Acknowledged by ada at 00:31 UTC on the web page. shop/k1")
	})
}

func TestASecondAcknowledgementIsKeptAndShownBesideTheFirst(t *testing.T) {
	paging(t, func(s *story) {
		s.commit(slo.IncidentOpened, "k1")
		s.pass(time.Second)
		s.news("k1", "0s oncall pagerduty/0 trigger: shop/k1", "0s oncall slack/0 trigger: shop/k1", "0s oncall email/0 trigger: shop/k1")
		s.did("k1", alerting.AckTaken, "ada", alerting.ViaWeb)
		s.pass(time.Minute)
		for range 2 {
			s.did("k1", alerting.AckTaken, "bob", alerting.ViaAPI)
			s.pass(time.Second)
		}
		s.news("k1",
			"1s oncall pagerduty/0 acknowledge: Acknowledged by ada at 00:00 UTC on the web page. shop/k1",
			"1s oncall slack/0 update: Acknowledged by ada at 00:00 UTC on the web page. shop/k1",
			"1m1s oncall slack/0 update: Acknowledged by bob at 00:01 UTC by the API; ada has had it since 00:00 UTC. shop/k1")
		record, _, err := s.store.Incident(context.Background(), "k1")
		if err != nil {
			t.Fatal(err)
		}
		if a, has := record.Holder(); !has || a.By != "ada" {
			t.Errorf("who has it is %+v", a)
		}
		if also := record.Also(); len(also) != 1 || also[0].By != "bob" || len(record.Acks) != 2 {
			t.Errorf("who has it too is %+v of %+v", also, record.Acks)
		}
		s.did("k1", alerting.AckGiven, "bob", alerting.ViaAPI)
		s.pass(time.Second)
		if record, _, err = s.store.Incident(context.Background(), "k1"); err != nil || len(record.Also()) != 0 {
			t.Errorf("after it was given back %+v have it too, %v", record.Also(), err)
		}
	})
}

func TestAnAcknowledgementThatIsGivenBackLetsRepeatsGoOn(t *testing.T) {
	paging(t, func(s *story) {
		s.commit(slo.IncidentOpened, "k1")
		s.pass(10 * time.Minute)
		s.did("k1", alerting.AckTaken, "ada", "pagerduty")
		s.pass(35 * time.Minute)
		s.did("k1", alerting.AckGiven, "", "pagerduty")
		s.pass(5 * time.Second)
		s.news("k1",
			"0s oncall pagerduty/0 trigger: shop/k1",
			"0s oncall slack/0 trigger: shop/k1",
			"0s oncall email/0 trigger: shop/k1",
			"10m0s oncall slack/0 update: Acknowledged by ada at 00:10 UTC in PagerDuty. shop/k1",
			"45m0s oncall slack/0 update: Acknowledgement given back by somebody at 00:45 UTC in PagerDuty. shop/k1",
			"45m0s oncall pagerduty/0 update: Open for 45 min, and nobody has acknowledged it. As of 00:00 UTC",
			"45m0s oncall email/0 update: Open for 45 min, and nobody has acknowledged it. As of 00:00 UTC")
	})
}

func TestWhatStaysOpenIsEscalatedOnceThoughSomebodyHasIt(t *testing.T) {
	paging(t, func(s *story) {
		s.commit(slo.IncidentOpened, "k1")
		s.did("k1", alerting.AckTaken, "ada", alerting.ViaWeb)
		s.pass(3 * time.Hour)
		if err := s.router.Reload(context.Background(), pager()); err != nil {
			t.Fatal(err)
		}
		s.commit(slo.IncidentClosed, "k1")
		s.pass(time.Second)
		s.news("k1",
			"0s oncall pagerduty/0 trigger: shop/k1",
			"0s oncall slack/0 trigger: shop/k1",
			"0s oncall email/0 trigger: shop/k1",
			"0s oncall pagerduty/0 acknowledge: Acknowledged by ada at 00:00 UTC on the web page. shop/k1",
			"0s oncall slack/0 update: Acknowledged by ada at 00:00 UTC on the web page. shop/k1",
			"1h0m0s leads pagerduty/0 trigger: Open for 1 h, though acknowledged by ada at 00:00 UTC. As of 00:00 UTC",
			"3h0m0s oncall pagerduty/0 resolve: shop/k1 recovered after 3 h. 1 of 4 events failed from 00:00 to 03:00 UTC.",
			"3h0m0s oncall slack/0 resolve: shop/k1 recovered after 3 h. 1 of 4 events failed from 00:00 to 03:00 UTC.",
			"3h0m0s oncall email/0 resolve: shop/k1 recovered after 3 h. 1 of 4 events failed from 00:00 to 03:00 UTC.",
			"3h0m0s leads pagerduty/0 resolve: shop/k1 recovered after 3 h. 1 of 4 events failed from 00:00 to 03:00 UTC.")
	})
}

func TestAResolveByHandIsToldAgainWhileItGoesOn(t *testing.T) {
	paging(t, func(s *story) {
		s.commit(slo.IncidentOpened, "k1")
		s.pass(10 * time.Minute)
		s.did("k1", alerting.AckResolved, "ada", "pagerduty")
		s.pass(2 * time.Minute)
		s.commit(slo.IncidentJoined, "k1", func(t *slo.Transition) {
			t.Incident.Groups = []slo.Labels{slo.NewLabels("region", "eu")}
		}) // opens nothing there meanwhile
		s.pass(4 * time.Minute)
		s.did("k1", alerting.AckResolved, "ada", "pagerduty")
		s.pass(time.Minute)
		s.did("k1", alerting.AckResolved, "ada", "pagerduty") // no faster than the grace
		s.pass(10 * time.Minute)
		s.news("k1",
			"0s oncall pagerduty/0 trigger: shop/k1",
			"0s oncall slack/0 trigger: shop/k1",
			"0s oncall email/0 trigger: shop/k1",
			"10m0s oncall slack/0 update: Resolved by hand by ada at 00:10 UTC in PagerDuty, while it is still burning; it is told again in 5 min unless it is over by then. shop/k1",
			"12m0s oncall slack/0 update: shop/k1 in region eu",
			"12m0s oncall email/0 update: shop/k1 in region eu",
			"15m0s oncall pagerduty/0 trigger: Resolved by hand at 00:10 UTC by ada, but it is still burning. As of 00:12 UTC",
			"15m0s oncall slack/0 update: Resolved by hand at 00:10 UTC by ada, but it is still burning. As of 00:12 UTC",
			"16m0s oncall slack/0 update: Resolved by hand by ada at 00:16 UTC in PagerDuty, while it is still burning; it is told again in 5 min unless it is over by then. shop/k1 in region eu",
			"17m0s oncall slack/0 update: Resolved by hand by ada at 00:17 UTC in PagerDuty, while it is still burning; it is told again in 5 min unless it is over by then. shop/k1 in region eu",
			"22m0s oncall pagerduty/0 trigger: Resolved by hand at 00:17 UTC by ada, but it is still burning. As of 00:12 UTC",
			"22m0s oncall slack/0 update: Resolved by hand at 00:17 UTC by ada, but it is still burning. As of 00:12 UTC")
	})
}

func TestAResolveByHandOfWhatIsOverIsNoNews(t *testing.T) {
	paging(t, func(s *story) {
		s.commit(slo.IncidentOpened, "k1")
		s.pass(10 * time.Minute)
		s.did("k1", alerting.AckResolved, "ada", "pagerduty")
		s.pass(time.Minute)
		s.commit(slo.IncidentClosed, "k1")
		err := s.router.Acknowledge(context.Background(), "k1", "bob", alerting.ViaAPI, time.Now())
		if !errors.Is(err, alerting.ErrNotOpen) {
			t.Errorf("acknowledging what is over gives %v", err)
		}
		s.pass(time.Hour)
		s.news("k1",
			"0s oncall pagerduty/0 trigger: shop/k1",
			"0s oncall slack/0 trigger: shop/k1",
			"0s oncall email/0 trigger: shop/k1",
			"10m0s oncall slack/0 update: Resolved by hand by ada at 00:10 UTC in PagerDuty, while it is still burning; it is told again in 5 min unless it is over by then. shop/k1",
			"11m0s oncall pagerduty/0 resolve: shop/k1 recovered after 11 min. 1 of 4 events failed from 00:00 to 00:11 UTC.",
			"11m0s oncall slack/0 resolve: shop/k1 recovered after 11 min. 1 of 4 events failed from 00:00 to 00:11 UTC.",
			"11m0s oncall email/0 resolve: shop/k1 recovered after 11 min. 1 of 4 events failed from 00:00 to 00:11 UTC.")
	})
}

func TestSilencedIncidentsAreNeitherRepeatedNorEscalated(t *testing.T) {
	paging(t, func(s *story) {
		s.commit(slo.IncidentOpened, "k1")
		s.router.SetSilences([]alerting.Silence{{ID: "s1", StartsAt: s.start, EndsAt: s.start.Add(2 * time.Hour), Author: "ada", Reason: "known"}})
		s.pass(119 * time.Minute)
		s.pass(2 * time.Minute)
		s.news("k1",
			"0s oncall pagerduty/0 trigger: shop/k1",
			"0s oncall slack/0 trigger: shop/k1",
			"0s oncall email/0 trigger: shop/k1",
			"2h0m0s leads pagerduty/0 trigger: Open for 2 h, and nobody has acknowledged it. As of 00:00 UTC",
			"2h0m0s oncall pagerduty/0 update: Open for 2 h, and nobody has acknowledged it. As of 00:00 UTC",
			"2h0m0s oncall slack/0 update: Open for 2 h, and nobody has acknowledged it. As of 00:00 UTC",
			"2h0m0s oncall email/0 update: Open for 2 h, and nobody has acknowledged it. As of 00:00 UTC")
	})
}

func TestAcknowledgementsAreInTheRecord(t *testing.T) {
	paging(t, func(s *story) {
		s.commit(slo.IncidentOpened, "k1")
		s.did("k1", alerting.AckTaken, "ada", "slack")
		record, _, err := s.store.Incident(context.Background(), "k1")
		if err != nil {
			t.Fatal(err)
		}
		a, has := record.Holder()
		if got := fmt.Sprintf("%v %s %s %d", has, a.Title(), a.Place(), len(record.Acks)); got != "true Acknowledged by ada in Slack 1" {
			t.Errorf("the record says %s", got)
		}
	})
}

func TestAWebhookThatIsToldTwiceIsTakenOnce(t *testing.T) {
	paging(t, func(s *story) {
		s.commit(slo.IncidentOpened, "k1")
		for range 2 {
			a := alerting.Acknowledgement{Kind: alerting.AckTaken, By: "ada", Via: "pagerduty", At: time.Now()}
			err := s.router.Attend(context.Background(), "k1", a, "webhook 1")
			if err != nil && !errors.Is(err, alerting.ErrNotOpen) {
				t.Fatal(err)
			}
			s.pass(time.Minute)
			s.did("k1", alerting.AckGiven, "ada", "pagerduty")
		}
		record, _, err := s.store.Incident(context.Background(), "k1")
		if err != nil || len(record.Acks) != 2 {
			t.Errorf("%d acknowledgements are kept, %v", len(record.Acks), err)
		}
	})
}
