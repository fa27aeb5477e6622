package alerting_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/alertmanager/timeinterval"

	"burnline/alerting"
	"burnline/slo"
)

// routed is a story whose router judges open incidents again, with two teams: the
// bank, whose SLO is bank/pay, and the web, whose SLOs depend on it.
type routed struct {
	*story
	config alerting.Config
	mu     sync.Mutex
	states map[string][]slo.Status
	// early are the silences that a router knows before it looks at open incidents.
	early  []alerting.Silence
	finish []func()
}

// tellRouted runs such a story.
func tellRouted(t *testing.T, change func(*alerting.Config), play func(r *routed)) {
	t.Helper()
	tell(t, func(s *story) {
		r := &routed{story: s, config: teams(), states: map[string][]slo.Status{}}
		if change != nil {
			change(&r.config)
		}
		s.receiver.wide = true
		r.restart()
		s.run()
		play(r)
		r.halt()
	})
}

// teams is a configuration with a receiver for each team.
func teams() alerting.Config {
	in := []alerting.Integration{{Name: "pagerduty/0"}}
	return alerting.Config{
		Receivers: []alerting.ReceiverConfig{{Name: "oncall", Integrations: in}, {Name: "bank", Integrations: in}, {Name: "web", Integrations: in}},
		Route:     alerting.Route{Receiver: "oncall"},
		Teams:     map[string]string{"bank": "bank", "web": "web"},
		DependsOn: slo.Dependencies{"shop/buy": {"bank/pay"}, "web/home": {"shop/buy"}},
	}
}

// restart replaces the router by a new one, as after a crash.
func (r *routed) restart() {
	r.t.Helper()
	r.halt()
	router, err := alerting.NewRouter(alerting.Options{Store: r.store, Alerts: r.store, Config: r.config, Now: r.now, Wake: r.deliverer.Wake, Statuses: r.statuses})
	if err != nil {
		r.t.Fatal(err)
	}
	r.router = router
	r.serving.Store(router)
	router.SetSilences(r.early)
	if err := router.Reload(context.Background(), r.config); err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- router.Run(ctx) }()
	r.finish = append(r.finish, func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Errorf("the router ended with %v", err)
		}
	})
}

// halt stops the router.
func (r *routed) halt() {
	for _, f := range r.finish {
		f()
	}
	r.finish = nil
}

func (r *routed) statuses(id string) []slo.Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.states[id]
}

// burns sets the burn rate of an SLO as the engine sees it now.
func (r *routed) burns(id string, rate float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	burn := slo.Burn{Known: true, Rate: rate}
	r.states[id] = []slo.Status{{State: slo.StateOK, LastSample: time.Now().Add(time.Hour), Policies: []slo.PolicyStatus{
		{Policy: slo.Policy{Severity: slo.Page}, Long: burn, Short: burn}}}}
}

// happens commits a transition of the SLO's incident, whose key is its name.
func (r *routed) happens(kind slo.TransitionKind, id, team string, change ...func(*slo.Transition)) {
	r.t.Helper()
	service, name, _ := strings.Cut(id, "/")
	r.commit(kind, name, append([]func(*slo.Transition){func(t *slo.Transition) {
		t.Incident.SLO, t.Incident.Team, t.Incident.Opened, t.Incident.Started = id, team, t.At, t.At
		if kind != slo.IncidentOpened {
			t.Incident.Opened, t.Incident.Started = r.start, r.start
		}
		t.Definition = &slo.Definition{ID: id, Service: service, Name: name, Team: team, Objective: 99.9}
	}}, change...)...)
}

func (r *routed) opens(id, team string, change ...func(*slo.Transition)) {
	r.happens(slo.IncidentOpened, id, team, change...)
}
func (r *routed) closes(id, team string) { r.happens(slo.IncidentClosed, id, team) }

// told fails the test unless exactly this was sent since the last time; a text is
// compared as far as it is given.
func (r *routed) told(want ...string) {
	r.t.Helper()
	got := r.receiver.lines()
	r.receiver.mu.Lock()
	r.receiver.log = nil
	r.receiver.mu.Unlock()
	// Rows of different chains leave side by side.
	slices.Sort(got)
	slices.Sort(want)
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		r.t.Errorf("sent:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// decided fails the test unless these are all decisions of an incident.
func (r *routed) decided(key string, want ...string) {
	r.t.Helper()
	if got := r.decisions(key); !slices.Equal(got, want) {
		r.t.Errorf("decisions of %s:\n  %s\nwant:\n  %s", key, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// decisions are those about an incident, each with its time since the start.
func (r *routed) decisions(key string) []string {
	r.t.Helper()
	record, _, err := r.store.Incident(context.Background(), key)
	if err != nil {
		r.t.Fatal(err)
	}
	var got []string
	for _, d := range record.Decisions {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", d.At.Sub(r.start).Round(time.Second), d.Receiver, d.Fate, d.By)))
	}
	return got
}

// where parses a matcher.
func where(t *testing.T, text string) labels.Matchers {
	t.Helper()
	m, err := labels.ParseMatcher(text)
	if err != nil {
		t.Fatal(err)
	}
	return labels.Matchers{m}
}

func (r *routed) silence(service string, lasts time.Duration, ceiling float64) alerting.Silence {
	return alerting.Silence{ID: "s1", Matchers: where(r.t, "service="+service), StartsAt: time.Now(), EndsAt: time.Now().Add(lasts),
		Author: "ada", Reason: "deploy", Ceiling: ceiling}
}

func TestASilenceKeepsAPageBackUntilItIsOver(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.router.SetSilences([]alerting.Silence{r.silence("bank", 10*time.Minute, 0)})
		r.pass(time.Minute)
		r.opens("bank/pay", "bank")
		r.pass(8 * time.Minute)
		r.told()
		r.pass(2 * time.Minute)
		r.told("10m0s bank: trigger page of pay: It began under a silence that is over. bank: 1 in 4 ")
		r.closes("bank/pay", "bank")
		r.pass(time.Second)
		r.told("11m0s bank: resolve page of pay: bank recovered")
		r.decided("pay", "1m0s bank silenced s1", "10m0s bank send")
	})
}

func TestASilenceKeepsNoEndBack(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.opens("bank/pay", "bank")
		r.pass(time.Minute)
		r.router.SetSilences([]alerting.Silence{r.silence("bank", 10*time.Minute, 0)})
		r.pass(time.Minute)
		r.happens(slo.IncidentJoined, "bank/pay", "bank", func(t *slo.Transition) { t.Incident.Groups = []slo.Labels{nil, slo.NewLabels("region", "eu")} })
		r.closes("bank/pay", "bank")
		r.pass(time.Minute)
		r.told("0s bank: trigger page of pay: ", "2m0s bank: resolve page of pay: ")
	})
}

func TestWhatEndsUnderASilenceIsToldToNobody(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.router.SetSilences([]alerting.Silence{r.silence("bank", 10*time.Minute, 0)})
		r.opens("bank/pay", "bank")
		r.pass(time.Minute)
		r.closes("bank/pay", "bank")
		r.pass(20 * time.Minute)
		r.told()
		r.decided("pay", "0s bank silenced s1")
	})
}

func TestABurnAboveTheCeilingIsToldInSpiteOfTheSilence(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.router.SetSilences([]alerting.Silence{r.silence("bank", time.Hour, 50)})
		r.burns("bank/pay", 20)
		r.opens("bank/pay", "bank")
		r.pass(time.Minute)
		r.told()
		r.pass(time.Second)
		r.burns("bank/pay", 60)
		r.pass(6 * time.Second)
		r.told("1m5s bank: trigger page of pay: A silence no longer keeps it quiet. ")
	})
}

func TestASilenceThatIsMadeLateStopsWhatNobodyTriedToSend(t *testing.T) {
	tellRouted(t, nil, func(r *routed) {
		r.end() // nothing is sent
		r.opens("bank/pay", "bank")
		r.router.SetSilences([]alerting.Silence{r.silence("bank", 10*time.Minute, 0)})
		r.pass(time.Minute)
		r.kept("pay", "1 trigger superseded 0 silenced by ada: deploy")
		r.run()
		r.pass(10 * time.Minute)
		r.told("10m0s bank: trigger page of pay: It began under a silence")
	})
}

func TestAMutedRouteTellsWhenItsIntervalIsOver(t *testing.T) {
	tellRouted(t, func(c *alerting.Config) {
		// The virtual clock starts at midnight.
		c.Intervals = map[string][]timeinterval.TimeInterval{"early": {{Times: []timeinterval.TimeRange{{StartMinute: 0, EndMinute: 5}}}}}
		c.Route.Routes = []alerting.Route{
			{Receiver: "bank", Matchers: where(t, "team=bank"), Mute: []string{"early"}, Continue: true},
			{Receiver: "oncall", Matchers: where(t, "team=bank")},
		}
	}, func(r *routed) {
		r.opens("bank/pay", "bank")
		r.pass(time.Minute)
		r.told("0s oncall: trigger page of pay: ")
		r.pass(5 * time.Minute)
		r.told("5m0s bank: trigger page of pay: It began in a muted time interval, which is over. ")
		r.decided("pay", "0s bank muted early", "0s oncall send", "5m0s bank send")
	})
}

func TestATicketIsInhibitedWhileAPageOfItsServiceFires(t *testing.T) {
	tellRouted(t, func(c *alerting.Config) {
		c.Inhibit = []alerting.InhibitRule{{Source: where(t, "severity=page"), Target: where(t, "severity=ticket"), Equal: []string{"service"}}}
	}, func(r *routed) {
		r.opens("bank/pay", "bank")
		r.opens("bank/slow", "bank", func(t *slo.Transition) { t.Incident.Severity = slo.Ticket })
		r.opens("shop/slow", "web", func(t *slo.Transition) { t.Incident.Severity, t.Incident.Key = slo.Ticket, "other" })
		r.pass(time.Minute)
		r.told("0s bank: trigger page of pay: ", "0s web: trigger ticket of other: ")
		r.closes("bank/pay", "bank")
		r.pass(time.Minute)
		r.told("1m0s bank: resolve page of pay: ", "1m0s bank: trigger ticket of slow: It began while another alert kept it quiet, which is over. ")
		r.decided("slow", "0s bank inhibited pay", "1m0s bank send")
	})
}

func TestARestartTellsNothingThatAnOutsideAlertKeepsQuiet(t *testing.T) {
	tellRouted(t, func(c *alerting.Config) {
		c.Inhibit = []alerting.InhibitRule{{Source: where(t, "alertname=NodeDown"), Target: where(t, "service=bank")}}
	}, func(r *routed) {
		down := slo.Alert{Origin: alerting.OriginRules, Labels: slo.NewLabels("alertname", "NodeDown"), StartsAt: time.Now()}
		take := func() {
			t.Helper()
			if err := r.router.Alerts(context.Background(), []slo.Alert{down}); err != nil {
				t.Fatal(err)
			}
		}
		take()
		r.pass(time.Second)
		r.opens("bank/pay", "bank")
		r.pass(time.Minute)
		r.told("0s oncall: trigger ticket of ")
		r.restart()
		r.pass(time.Minute)
		r.told()
		down.EndsAt = time.Now()
		take()
		r.pass(time.Minute)
		r.told("2m1s bank: trigger page of pay: It began while another alert kept it quiet, which is over. ", "2m1s oncall: resolve ticket of ")
	})
}
