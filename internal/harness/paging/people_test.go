// Package paging tests the router, the outbox, a store and PagerDuty's sender together against PagerDuty's stand-in, in virtual time.
package paging

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"burnline/alerting"
	"burnline/alerting/pagerduty"
	standin "burnline/internal/harness/pagerduty"
	"burnline/slo"
	"burnline/storage/state"
)

// key is a routing key of the documented form.
const key = "0123456789abcdef0123456789ABCDEF"

// night is a router, a deliverer and PagerDuty's sender before the stand-in, within a bubble of
// virtual time. What people do there comes back by webhooks.
type night struct {
	t      *testing.T
	start  time.Time
	stand  *standin.Server
	router *alerting.Router
	seen   int
	// down lets webhooks find nobody.
	down bool
}

// carry lets a handler answer requests without a network.
type carry func(*http.Request) *http.Response

func (c carry) RoundTrip(r *http.Request) (*http.Response, error) { return c(r), nil }

func answer(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// tonight tells a story of one night.
func tonight(t *testing.T, play func(n *night)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store, err := state.Open(context.Background(), state.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		n := &night{t: t, start: time.Now(), stand: standin.New(standin.Options{OnCall: map[string]string{key: "grace"}})}
		c := pagerduty.DefaultConfig()
		c.RoutingKey, c.URL = key, "http://pagerduty.test"+standin.Path
		sender, err := pagerduty.New(c, pagerduty.Options{Now: time.Now, Transport: carry(func(r *http.Request) *http.Response { return answer(n.stand, r) })})
		if err != nil {
			t.Fatal(err)
		}
		deliverer, err := alerting.NewDeliverer(alerting.DelivererOptions{Store: store, Now: time.Now,
			Senders: func(string, string) (alerting.Sender, bool) { return sender, true }})
		if err != nil {
			t.Fatal(err)
		}
		n.router, err = alerting.NewRouter(alerting.Options{Store: store, Now: time.Now, Wake: deliverer.Wake, Config: alerting.Config{
			Receivers: []alerting.ReceiverConfig{{Name: "oncall", Integrations: []alerting.Integration{{Name: "pagerduty/0", KeepsIncidents: true}}}},
			Route:     alerting.Route{RepeatInterval: 30 * time.Minute},
		}})
		if err != nil {
			t.Fatal(err)
		}
		hooks, err := pagerduty.NewWebhooks(pagerduty.WebhookOptions{Secrets: func() ([]string, error) { return []string{"old", "new"}, nil }, Attender: n.router})
		if err != nil {
			t.Fatal(err)
		}
		n.stand.Subscribe(standin.Subscription{URL: "http://burnline.test/", Secrets: []string{"new", "newest"}, Twice: true,
			Transport: carry(func(r *http.Request) *http.Response {
				if n.down {
					return &http.Response{StatusCode: http.StatusBadGateway, Body: http.NoBody}
				}
				return answer(hooks, r)
			})})
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 2)
		go func() { ended <- n.router.Run(ctx) }()
		go func() { ended <- deliverer.Run(ctx) }()
		play(n)
		stop()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}

// pass lets time pass and webhooks arrive.
func (n *night) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
	n.stand.DeliverWebhooks()
	synctest.Wait()
}

// commit commits a transition of an incident of checkout/pay.
func (n *night) commit(kind slo.TransitionKind, key string, severity slo.Severity, replaces string) {
	n.t.Helper()
	err := n.router.Commit(context.Background(), slo.Transition{Kind: kind, At: time.Now(), Since: slo.Counts{Good: 3, Total: 4}, Ending: slo.EndingRecovered, Incident: slo.Incident{
		Key: key, SLO: "checkout/pay", Severity: severity, Started: n.start, Opened: time.Now(), Number: 1, Groups: []slo.Labels{nil}, Replaces: replaces}})
	if err != nil {
		n.t.Fatal(err)
	}
	n.pass(0)
}

// act lets a person do something in PagerDuty.
func (n *night) act(person string, do standin.Deed, dedup string) {
	n.t.Helper()
	if !n.stand.Act(person, do, key, dedup) {
		n.t.Errorf("%s can't be %s", dedup, do)
	}
	n.pass(0)
}

// woke fails the test unless exactly these notifications were sent since it was asked before.
func (n *night) woke(want ...string) {
	n.t.Helper()
	var got []string
	all := n.stand.Notifications()
	for _, one := range all[n.seen:] {
		text, _, _ := strings.Cut(one.Summary, " As of")
		text, _, _ = strings.Cut(text, ": 1 in 4")
		got = append(got, fmt.Sprintf("%s %s %s #%d: %s", one.At.Sub(n.start).Round(time.Second), one.Person, one.Urgency, one.Incident, text))
	}
	n.seen = len(all)
	if !slices.Equal(got, want) {
		n.t.Errorf("notified:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// stands fails the test unless PagerDuty shows these incidents.
func (n *night) stands(want ...string) {
	n.t.Helper()
	var got []string
	for _, in := range n.stand.Incidents() {
		got = append(got, fmt.Sprintf("#%d %s %s %v", in.Number, in.DedupKey, in.Status, in.AcknowledgedBy))
	}
	if !slices.Equal(got, want) {
		n.t.Errorf("incidents:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestARiseFromAnAcknowledgedTicketToAPageWakesSomebody(t *testing.T) {
	tonight(t, func(n *night) {
		n.commit(slo.IncidentOpened, "ticket", slo.Ticket, "")
		n.pass(time.Minute)
		n.act("ada", standin.Acknowledge, "ticket")
		n.pass(2 * time.Hour)
		n.woke("0s grace low #1: checkout/pay")
		n.commit(slo.IncidentOpened, "page", slo.Page, "ticket")
		n.woke("2h1m0s grace high #2: checkout/pay")
		n.stands("#1 ticket resolved [ada]", "#2 page triggered []")
		n.pass(20 * time.Minute) // what Burnline resolved itself is nothing that a person did
		n.woke()
	})
}

func TestWhatSomebodyResolvesWhileItBurnsIsANewIncident(t *testing.T) {
	tonight(t, func(n *night) {
		n.commit(slo.IncidentOpened, "k1", slo.Page, "")
		n.pass(10 * time.Minute)
		n.act("ada", standin.Resolve, "k1")
		n.pass(4 * time.Minute)
		n.woke("0s grace high #1: checkout/pay")
		n.pass(2 * time.Minute)
		n.woke("15m0s grace high #2: Resolved by hand at 00:10 UTC by ada, but it is still burning.")
		n.stands("#1 k1 resolved []", "#2 k1 triggered []")
		n.act("grace", standin.Acknowledge, "k1")
		n.pass(2 * time.Hour)
		n.woke()
		n.commit(slo.IncidentClosed, "k1", slo.Page, "")
		n.stands("#1 k1 resolved []", "#2 k1 resolved [grace]")
		n.pass(20 * time.Minute)
		n.woke()
	})
}

func TestWhatIsReopenedIsNotToldAnew(t *testing.T) {
	tonight(t, func(n *night) {
		n.commit(slo.IncidentOpened, "k1", slo.Page, "")
		n.act("ada", standin.Resolve, "k1")
		n.pass(time.Minute)
		n.act("ada", standin.Reopen, "k1")
		n.pass(10 * time.Minute)
		n.woke("0s grace high #1: checkout/pay", "1m0s grace high #1: checkout/pay")
		n.stands("#1 k1 triggered []")
	})
}

func TestAnAcknowledgementInPagerDutyStopsRepeats(t *testing.T) {
	texts := func(n *night) int { return len(n.stand.Incidents()[0].Summaries) }
	tonight(t, func(n *night) {
		n.commit(slo.IncidentOpened, "k1", slo.Page, "")
		n.pass(31 * time.Minute)
		n.woke("0s grace high #1: checkout/pay") // a repeat wakes nobody
		if got := texts(n); got != 2 {
			t.Errorf("the incident had %d texts, want the first and its repeat", got)
		}
		n.act("ada", standin.Acknowledge, "k1")
		n.pass(3 * time.Hour)
		if got := texts(n); got != 2 {
			t.Errorf("the incident had %d texts, though somebody has it", got)
		}
		n.commit(slo.IncidentJoined, "k1", slo.Page, "")
		n.woke() // nor does news of what somebody has
		n.act("ada", standin.Unacknowledge, "k1")
		n.pass(6 * time.Second)
		if got := texts(n); got < 3 {
			t.Errorf("the incident had %d texts, though nobody has it any more", got)
		}
	})
}

func TestAnAcknowledgementElsewhereIsKnownInPagerDuty(t *testing.T) {
	tonight(t, func(n *night) {
		n.commit(slo.IncidentOpened, "k1", slo.Page, "")
		if err := n.router.Acknowledge(context.Background(), "k1", "ada", alerting.ViaWeb, time.Now()); err != nil {
			t.Fatal(err)
		}
		n.pass(time.Second)
		n.stands("#1 k1 acknowledged [Burnline]")
		n.woke("0s grace high #1: checkout/pay")
	})
}

func TestWebhooksThatFindNobodyComeAgain(t *testing.T) {
	tonight(t, func(n *night) {
		n.commit(slo.IncidentOpened, "k1", slo.Page, "")
		n.down = true
		n.act("ada", standin.Acknowledge, "k1")
		n.pass(time.Minute)
		n.down = false
		n.pass(time.Minute)
		if left := n.stand.DeliverWebhooks(); left != 0 || n.stand.Disabled() {
			t.Errorf("%d webhooks are left, switched off: %v", left, n.stand.Disabled())
		}
		n.pass(2 * time.Hour)
		if got := len(n.stand.Incidents()[0].Summaries); got != 1 {
			t.Errorf("the incident was told %d times, though somebody has it", got)
		}
	})
}

func TestEditingRoutesNeitherOrphansNorDuplicates(t *testing.T) {
	tonight(t, func(n *night) {
		n.commit(slo.IncidentOpened, "k1", slo.Page, "")
		places := []alerting.Integration{{Name: "pagerduty/0", KeepsIncidents: true}}
		err := n.router.Reload(context.Background(), alerting.Config{
			Receivers: []alerting.ReceiverConfig{{Name: "oncall", Integrations: places}, {Name: "second", Integrations: places}},
			Route:     alerting.Route{Receiver: "second"},
		})
		if err != nil {
			t.Fatal(err)
		}
		n.pass(time.Minute)
		n.stands("#1 k1 triggered []")
		n.commit(slo.IncidentClosed, "k1", slo.Page, "")
		n.stands("#1 k1 resolved []")
		n.woke("0s grace high #1: checkout/pay")
	})
}
