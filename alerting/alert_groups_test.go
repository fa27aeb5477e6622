package alerting_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/alerting"
	"burnline/slo"
)

// byName groups alerts by their name and tells two receivers of those of the team storage.
func byName() alerting.Config {
	c := oncall()
	c.Receivers = append(c.Receivers, alerting.ReceiverConfig{Name: "storage", Integrations: []alerting.Integration{{Name: "webhook/0"}}})
	group := alerting.Grouping{Labels: []string{"alertname"}}
	c.Route = alerting.Route{Receiver: "oncall", GroupBy: group, GroupInterval: 5 * time.Minute}
	return c
}

// configure puts a configuration in force.
func (s *story) configure(c alerting.Config) {
	s.t.Helper()
	if err := s.router.Reload(context.Background(), c); err != nil {
		s.t.Fatal(err)
	}
}

// runAlerts starts what tells groups that are due, and stops it with the story.
func (s *story) runAlerts() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	router := s.router
	go func() { ended <- router.RunAlerts(ctx) }()
	s.stopAlerts = func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	}
}

// api is an alert as a Prometheus server sends it.
func api(s *story, host string, change ...func(*slo.Alert)) slo.Alert {
	return disk(s, host, append([]func(*slo.Alert){func(a *slo.Alert) { a.Origin = alerting.OriginAPI }}, change...)...)
}

// messages returns what receivers were told: time, action, summary.
func (s *story) messages() []string {
	s.receiver.mu.Lock()
	defer s.receiver.mu.Unlock()
	return slices.Clone(s.receiver.told)
}

func (s *story) told(want ...string) {
	s.t.Helper()
	if got := s.messages(); !slices.Equal(got, want) {
		s.t.Errorf("told:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestTheFirstAlertOfAGroupIsToldAtOnceAndOthersAreCollected(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(byName())
		s.run()
		s.runAlerts()
		s.alerts(disk(s, "a"))
		s.pass(time.Minute)
		s.alerts(disk(s, "b"), disk(s, "c"))
		s.pass(time.Minute)
		s.alerts(disk(s, "b", ended(s.now())))
		s.pass(10 * time.Minute)
		s.alerts(disk(s, "d")) // nothing was told for longer than the interval
		s.pass(time.Minute)
		s.alerts(disk(s, "a", ended(s.now())), disk(s, "c", ended(s.now())), disk(s, "d", ended(s.now())))
		s.pass(time.Minute)
		s.alerts(disk(s, "e", func(a *slo.Alert) { a.StartsAt = s.now() }))
		s.pass(time.Second)
		s.told(
			"0s oncall trigger firing a: DiskFull: The disk of a is full.",
			"5m0s oncall update firing a c resolved b: DiskFull: 2 alerts fire, 1 has ended: The disk of a is full. … and 2 more",
			"12m0s oncall update firing a c d: DiskFull: 3 alerts fire, 1 has ended: The disk of a is full. … and 3 more",
			"13m0s oncall resolve resolved a c d: DiskFull ended after 13 min: The disk of a is full. … and 3 more",
			"14m0s oncall trigger firing e: DiskFull: The disk of e is full.",
		)
		if open := s.open(); len(open) != 1 || open[0].Receiver != "oncall" || open[0].SLO != "alert/DiskFull" {
			t.Errorf("open are %+v", open)
		}
	})
}

func TestEachReceiverOfAnAlertHasAnIncidentOfItsOwn(t *testing.T) {
	tell(t, func(s *story) {
		c := byName()
		c.Route.Routes = []alerting.Route{
			{Receiver: "storage", GroupBy: alerting.Grouping{Each: true}, Continue: true, Matchers: matchers("team=storage")},
			{Receiver: "oncall", GroupBy: c.Route.GroupBy},
		}
		s.configure(c)
		s.run()
		s.alerts(disk(s, "a"), disk(s, "b"))
		s.pass(time.Second)
		got := s.messages()
		slices.Sort(got)
		want := []string{
			"0s oncall trigger firing a b: DiskFull: 2 alerts fire: The disk of a is full. … and 1 more",
			"0s storage trigger firing a: DiskFull: The disk of a is full.",
			"0s storage trigger firing b: DiskFull: The disk of b is full.",
		}
		if !slices.Equal(got, want) {
			t.Errorf("told %v", got)
		}
		// Editing routes moves nobody's incident.
		c.Route = alerting.Route{Receiver: "oncall", GroupBy: alerting.Grouping{Each: true}}
		s.configure(c)
		s.alerts(disk(s, "a"), disk(s, "b"), disk(s, "a", ended(s.now())))
		s.pass(time.Second)
		if open := s.open(); len(open) != 2 {
			t.Errorf("%d are open, want those of b", len(open))
		}
		if n := len(s.messages()); n != 4 {
			t.Errorf("%d messages, want one more, which ends that of a: %v", n, s.messages())
		}
	})
}

func TestAnAlertOfTheAPIEndsWhenNobodySendsItAnyMore(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(oncall())
		s.run()
		s.runAlerts()
		for range 7 {
			s.alerts(api(s, "a"), api(s, "b", ended(s.now().Add(4*time.Minute))), disk(s, "rule"))
			s.pass(time.Minute)
		}
		if n := len(s.open()); n != 3 {
			t.Fatalf("%d are open, want all", n)
		}
		s.pass(10 * time.Minute)
		if open := s.open(); len(open) != 1 || open[0].Origin != alerting.OriginRules {
			t.Errorf("open are %+v, want that of the rule", open)
		}
		last := s.messages()[len(s.messages())-1]
		if !strings.Contains(last, "(nobody sent it again, which proves no recovery)") {
			t.Errorf("the end says %q", last)
		}
	})
}

func TestOurOwnAbsenceIsNoSilenceOfTheSender(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(oncall())
		s.run()
		s.runAlerts()
		s.alerts(api(s, "a"))
		s.pass(time.Minute)
		s.stopAlerts()
		s.stopAlerts = nil
		s.pass(time.Hour)
		s.again()
		s.runAlerts()
		s.pass(4 * time.Minute)
		if n := len(s.open()); n != 1 {
			t.Fatal("an alert ended because nobody could take it")
		}
		s.alerts(api(s, "a"))
		s.pass(3 * time.Minute)
		if n := len(s.open()); n != 1 {
			t.Fatal("an alert that was sent again ended")
		}
		s.pass(3 * time.Minute)
		if n := len(s.open()); n != 0 {
			t.Error("an alert goes on though nobody sends it")
		}
	})
}

func TestAGroupIsToldWhenOneOfItsAlertsIsNoLongerKeptQuiet(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(byName())
		s.run()
		s.runAlerts()
		silence := alerting.Silence{ID: "s1", Matchers: matchers("alertname=DiskFull"), StartsAt: s.now(), EndsAt: s.now().Add(time.Hour), Author: "ana", Reason: "new disks"}
		s.router.SetSilences([]alerting.Silence{silence})
		s.alerts(disk(s, "a"), disk(s, "b"))
		s.pass(10 * time.Minute)
		s.told()
		if open := s.open(); len(open) != 1 {
			t.Fatalf("open are %+v: suppression stops alerting, not watching", open)
		}
		views, err := s.store.ListAlerts(context.Background(), alerting.AlertFilter{})
		if err != nil || len(views) != 2 || !slices.Equal(views[0].SilencedBy(), []string{"s1"}) || views[0].Places[0].Fate() != "silenced by ana: new disks" {
			t.Errorf("the alerts are %+v, %v", views, err)
		}
		silence.Matchers = matchers("host=a")
		s.router.SetSilences([]alerting.Silence{silence})
		s.pass(2 * time.Second)
		s.told("10m0s oncall trigger firing b: A silence no longer keeps it quiet. DiskFull: The disk of b is full.")
		s.alerts(disk(s, "b", ended(s.now())))
		s.pass(time.Minute)
		s.pass(50 * time.Minute) // the silence is over
		if got := s.messages(); len(got) != 3 || !strings.HasPrefix(got[2], "1h") {
			t.Errorf("told %v", got)
		}
	})
}

func TestAnInhibitedAlertIsToldOnceItsSourceEnds(t *testing.T) {
	tell(t, func(s *story) {
		c := oncall()
		c.Inhibit = []alerting.InhibitRule{{Source: matchers("alertname=Outage"), Target: matchers("alertname=DiskFull")}}
		s.configure(c)
		s.run()
		s.runAlerts()
		outage := disk(s, "x", func(a *slo.Alert) { a.Labels = slo.NewLabels("alertname", "Outage", "severity", "page") })
		s.alerts(disk(s, "a"), outage)
		s.pass(time.Minute)
		if got := s.messages(); len(got) != 1 || !strings.Contains(got[0], "Outage") {
			t.Fatalf("told %v, want the outage alone", got)
		}
		outage.EndsAt = s.now()
		s.alerts(outage)
		s.pass(2 * time.Second)
		if got := s.messages(); len(got) != 3 || !slices.ContainsFunc(got, func(m string) bool { return strings.Contains(m, "trigger firing a") }) {
			t.Errorf("told %v", got)
		}
	})
}

func TestWhatCanNotBeTakenIsRefusedAloneAndSaysWhy(t *testing.T) {
	tell(t, func(s *story) {
		s.run()
		big := disk(s, "big", func(a *slo.Alert) {
			a.Annotations = map[string]string{"x": strings.Repeat("y", alerting.MaxAlertBytes)}
		})
		err := s.router.Alerts(context.Background(), []slo.Alert{{}, big, disk(s, "a")})
		if err == nil || !strings.Contains(err.Error(), "alert 1: ") || !strings.Contains(err.Error(), "DiskFull has 65,588 bytes") {
			t.Errorf("the error is %v", err)
		}
		if n := len(s.open()); n != 1 {
			t.Errorf("%d are open, want the good one", n)
		}
	})
}

func TestAnAlertWithoutReceiverIsToldOnceThereIsOne(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(alerting.Config{Route: alerting.Route{GroupBy: alerting.Grouping{Each: true}}})
		s.run()
		s.runAlerts()
		s.alerts(disk(s, "a"))
		s.pass(time.Minute)
		s.configure(oncall())
		s.pass(2 * time.Second)
		s.told("1m0s oncall trigger firing a: DiskFull: The disk of a is full.")
	})
}

// matchers are equalities: name=value.
func matchers(text ...string) (all labels.Matchers) {
	for _, m := range text {
		name, value, _ := strings.Cut(m, "=")
		one, err := labels.NewMatcher(labels.MatchEqual, name, value)
		if err != nil {
			panic(fmt.Sprint(err))
		}
		all = append(all, one)
	}
	return all
}

// What a message that left late told of already is no news for those who list the alerts of a
// message as they stand; for others its text is.
func TestWhatALateMessageToldIsNotToldAgain(t *testing.T) {
	for name, want := range map[string][]string{
		"lists alerts": {
			"5s oncall trigger firing a b: DiskFull: The disk of a is full.",
			"10m0s oncall update firing a b c: DiskFull: 3 alerts fire: The disk of a is full. … and 2 more",
		},
		"has a text": {
			"5s oncall trigger firing a b: DiskFull: The disk of a is full.",
			"5m0s oncall update firing a b: DiskFull: 2 alerts fire: The disk of a is full. … and 1 more",
			"10m0s oncall update firing a b c: DiskFull: 3 alerts fire: The disk of a is full. … and 2 more",
		},
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, func(s *story) {
				c := byName()
				c.Receivers[0].Integrations[0].ListsAlerts = name == "lists alerts"
				s.configure(c)
				s.runAlerts()
				s.alerts(disk(s, "a"))
				s.pass(time.Second)
				s.alerts(disk(s, "b"))
				s.pass(4 * time.Second)
				s.run()
				s.pass(6 * time.Minute)
				s.alerts(disk(s, "c"))
				s.pass(4*time.Minute + 30*time.Second)
				s.told(want...)
			})
		})
	}
}

// A message that waits, for a receiver that is away, tells all that came meanwhile.
func TestWhatComesWhileTheFirstMessageWaitsIsToldByIt(t *testing.T) {
	tell(t, func(s *story) {
		c := byName()
		c.Receivers[0].Integrations[0].ListsAlerts = true
		s.configure(c)
		s.runAlerts()
		s.alerts(disk(s, "a"))
		s.pass(time.Minute)
		s.alerts(disk(s, "b"))
		s.pass(5 * time.Minute)
		s.run()
		s.pass(10 * time.Minute)
		s.told("6m0s oncall trigger firing a b: DiskFull: The disk of a is full.")
	})
}
