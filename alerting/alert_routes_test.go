package alerting_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/timeinterval"

	"burnline/alerting"
	"burnline/slo"
)

// env sets the label env.
func env(value string) func(*slo.Alert) {
	return func(a *slo.Alert) { a.Labels = a.Labels.With("env", value) }
}

// always is a route that is muted at any time.
func always(c *alerting.Config) []string {
	c.Intervals = map[string][]timeinterval.TimeInterval{"always": {{}}}
	return []string{"always"}
}

func TestAMutedRouteDoesNotMuteWhatAnotherOneLeadsToTheSameReceiver(t *testing.T) {
	tell(t, func(s *story) {
		c := byName()
		c.Route.Routes = []alerting.Route{
			{Receiver: "oncall", GroupBy: c.Route.GroupBy, GroupInterval: time.Minute, Matchers: matchers("env=staging"), Mute: always(&c)},
			{Receiver: "oncall", GroupBy: c.Route.GroupBy, GroupInterval: time.Minute, Matchers: matchers("env=prod")},
		}
		s.configure(c)
		s.run()
		s.runAlerts()
		// The muted one is the newer of the two, and comes first in a list.
		s.alerts(disk(s, "p", env("prod"), func(a *slo.Alert) { a.StartsAt = s.start.Add(-time.Minute) }), disk(s, "a", env("staging")))
		s.pass(2 * time.Minute)
		s.alerts(disk(s, "q", env("prod")), disk(s, "b", env("staging"), func(a *slo.Alert) { a.StartsAt = s.now() }))
		s.pass(time.Minute)
		s.told(
			"0s oncall trigger firing p: DiskFull: The disk of p is full.",
			"2m0s oncall update firing p q: DiskFull: 2 alerts fire: The disk of q is full. … and 1 more",
		)
	})
}

// inhibiting keeps DiskFull quiet while Outage fires.
func inhibiting() alerting.Config {
	c := oncall()
	c.Inhibit = []alerting.InhibitRule{{Source: matchers("alertname=Outage"), Target: matchers("alertname=DiskFull")}}
	return c
}

func outage(s *story, change ...func(*slo.Alert)) slo.Alert {
	return disk(s, "x", append([]func(*slo.Alert){func(a *slo.Alert) { a.Labels = slo.NewLabels("alertname", "Outage", "severity", "page") }}, change...)...)
}

func TestTheEndOfAnInhibitorThatAnotherNodeHeardIsHeardHereToo(t *testing.T) {
	tell(t, func(s *story) {
		other, err := alerting.NewRouter(alerting.Options{Store: s.store, Alerts: s.store, Config: inhibiting(), Now: s.now, Wake: s.deliverer.Wake})
		if err != nil {
			t.Fatal(err)
		}
		s.configure(inhibiting())
		s.run()
		s.runAlerts()
		s.alerts(outage(s), disk(s, "a"))
		s.pass(time.Minute)
		// Senders tell both nodes; the other one is the first to hear the end.
		gone := outage(s, ended(s.now()))
		if err := other.Alerts(context.Background(), []slo.Alert{gone}); err != nil {
			t.Fatal(err)
		}
		s.alerts(gone)
		s.pass(time.Minute)
		s.alerts(disk(s, "b"))
		s.pass(time.Second)
		told := strings.Join(s.messages(), "\n")
		for _, host := range []string{"trigger firing a", "2m0s oncall trigger firing b"} {
			if !strings.Contains(told, host) {
				t.Errorf("%s is missing, since what inhibits it ended; told:\n%s", host, told)
			}
		}
	})
}

func TestAnInhibitorThatEndedWhileItsRuleWasAwayInhibitsNothing(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(inhibiting())
		s.run()
		s.alerts(outage(s))
		s.configure(oncall())
		s.alerts(outage(s, ended(s.now())))
		s.configure(inhibiting())
		s.alerts(disk(s, "a"))
		s.pass(time.Second)
		if told := strings.Join(s.messages(), "\n"); !strings.Contains(told, "trigger firing a") {
			t.Errorf("it is kept quiet by an alert that ended; told:\n%s", told)
		}
	})
}

func TestASenderThatMissesATurnIsNotSilent(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(oncall())
		s.run()
		s.runAlerts()
		// As Prometheus does it: every minute, for four of them. The news of one in four get lost.
		for range 5 {
			for _, gap := range []time.Duration{59 * time.Second, 59 * time.Second, 123 * time.Second} {
				s.alerts(api(s, "a", ended(s.now().Add(4*time.Minute))))
				s.pass(gap)
			}
		}
		s.told("0s oncall trigger firing a: DiskFull: The disk of a is full.")
	})
}

// stuck is a store that answers nobody who brings alerts.
type stuck struct {
	alerting.AlertStore
	on bool
}

func (s *stuck) StoredAlerts(ctx context.Context, prints []string) (map[string]*alerting.OutsideAlert, error) {
	if s.on {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.AlertStore.StoredAlerts(ctx, prints)
}

func TestAStoreThatTakesTooLongIsNoSilenceOfTheSender(t *testing.T) {
	tell(t, func(s *story) {
		store := &stuck{AlertStore: s.store}
		s.through(store)
		s.run()
		s.runAlerts()
		s.alerts(api(s, "a"))
		store.on = true
		for range 7 {
			s.pass(time.Minute)
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			if err := s.router.Alerts(ctx, []slo.Alert{api(s, "a")}); err == nil {
				t.Fatal("nothing was in the way")
			}
			cancel()
		}
		if len(s.open()) != 1 {
			t.Error("an alert ended because storing its news took too long")
		}
	})
}

// slow is a store that takes its time for a transaction over alerts.
type slow struct {
	alerting.AlertStore
	takes time.Duration
}

func (s *slow) AlertTx(ctx context.Context, now time.Time, do func(alerting.AlertTx) error) error {
	select {
	case <-time.After(s.takes):
		return s.AlertStore.AlertTx(ctx, now, do)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestWhatASenderGaveUpIsStoredOnceItsTransactionBegan(t *testing.T) {
	tell(t, func(s *story) {
		store := &slow{AlertStore: s.store, takes: 15 * time.Second}
		s.through(store)
		s.run()
		var all sync.WaitGroup
		for i, host := range []string{"a", "b"} {
			all.Go(func() {
				<-time.After(time.Duration(i) * time.Second)
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				defer cancel()
				_ = s.router.Alerts(ctx, []slo.Alert{api(s, host)}) // it has given up by the time there is an answer
			})
		}
		all.Wait()
		if n := len(s.open()); n != 1 {
			t.Errorf("%d incidents are open, want that of the alerts that were begun; the others are sent again", n)
		}
	})
}

func TestARouteThatNobodySaidGroupByOfMakesAnIncidentOfEachAlert(t *testing.T) {
	tell(t, func(s *story) {
		c := oncall()
		c.Route.GroupBy = alerting.Grouping{}
		s.configure(c)
		s.alerts(disk(s, "a"), disk(s, "b"))
		if n := len(s.open()); n != 2 {
			t.Errorf("%d incidents are open, want one for each", n)
		}
		c.Route.GroupBy = alerting.Grouping{Labels: []string{}}
		s.configure(c)
		s.alerts(disk(s, "c"), disk(s, "d"))
		if n := len(s.open()); n != 3 {
			t.Errorf("%d incidents are open, want one more, of both", n)
		}
	})
}
