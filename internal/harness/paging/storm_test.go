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

// direct carries requests to a handler without a network, so that virtual time passes.
type direct struct{ http.Handler }

// RoundTrip implements http.RoundTripper.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	d.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// virtual plays against PagerDuty's stand-in in virtual time.
func virtual(t *testing.T, play func(t *testing.T, router *alerting.Router, pd *standin.Server)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		pd := standin.New(standin.Options{})
		store, err := state.Open(t.Context(), state.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = store.Close() }() // nothing is read any more
		c := pagerduty.DefaultConfig()
		c.RoutingKey = key
		sender, err := pagerduty.New(c, pagerduty.Options{Transport: direct{pd}})
		if err != nil {
			t.Fatal(err)
		}
		var router *alerting.Router
		deliverer, err := alerting.NewDeliverer(alerting.DelivererOptions{Store: store, Now: time.Now,
			Senders: func(string, string) (alerting.Sender, bool) { return sender, true },
			Backlog: func(ctx context.Context, waiting []alerting.Backlog) error { return router.Backlog(ctx, waiting) }})
		if err != nil {
			t.Fatal(err)
		}
		router, err = alerting.NewRouter(alerting.Options{Store: store, Now: time.Now, Wake: deliverer.Wake,
			Config: alerting.Config{Receivers: []alerting.ReceiverConfig{{Name: "oncall", Integrations: []alerting.Integration{{Name: "pagerduty/0"}}}}}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- deliverer.Run(ctx) }()
		play(t, router, pd)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// opens commits an incident.
func opens(t *testing.T, router *alerting.Router, name string, severity slo.Severity) {
	t.Helper()
	err := router.Commit(t.Context(), slo.Transition{Kind: slo.IncidentOpened, At: time.Now(), Since: slo.Counts{Total: 1}, Incident: slo.Incident{
		Key: name, SLO: "shop/" + name, Severity: severity, Started: time.Now(), Opened: time.Now(), Number: 1}})
	if err != nil {
		t.Fatal(err)
	}
}

// pass lets virtual time pass.
func pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

// The stand-in counts a sliding minute as PagerDuty does, and answers 429 beyond 120.
func TestAStormNeverMeetsPagerDutysLimitAndPagesOvertakeTickets(t *testing.T) {
	virtual(t, func(t *testing.T, router *alerting.Router, pd *standin.Server) {
		for i := range 400 {
			opens(t, router, fmt.Sprintf("ticket%03d", i), slo.Ticket)
		}
		pass(10 * time.Second)
		opens(t, router, "buyers", slo.Page)
		synctest.Wait()
		if !slices.ContainsFunc(pd.Incidents(), func(in standin.Incident) bool { return in.DedupKey == "buyers" }) {
			t.Error("a page about customers waits in the middle of a storm of tickets")
		}
		for i := range 100 {
			opens(t, router, fmt.Sprintf("page%03d", i), slo.Page)
		}
		pass(52 * time.Second)
		pages := 0
		for _, in := range pd.Incidents() {
			if strings.HasPrefix(in.DedupKey, "page") {
				pages++
			}
		}
		if pages != 100 {
			t.Errorf("after a minute %d of 100 pages had overtaken the tickets", pages)
		}
		pass(10 * time.Minute)
		throttled := 0
		for _, r := range pd.Requests() {
			if r.Status == http.StatusTooManyRequests {
				throttled++
			}
		}
		incidents := pd.Incidents()
		took := incidents[len(incidents)-1].Opened.Sub(incidents[0].Opened)
		t.Logf("%d incidents in %s, %d requests, %d of them beyond the limit", len(incidents), took, len(pd.Requests()), throttled)
		if throttled > 0 || len(incidents) != 502 { // with the one that tells of the rest
			t.Errorf("%d incidents, %d answers of 429; want 502 and none", len(incidents), throttled)
		}
		for _, in := range incidents {
			if in.Notifications != 1 {
				t.Errorf("of %s people were notified %d times", in.DedupKey, in.Notifications)
			}
		}
	})
}

func TestATenMinuteOutageOfPagerDutyLosesNothing(t *testing.T) {
	virtual(t, func(t *testing.T, router *alerting.Router, pd *standin.Server) {
		down := make([]standin.Fault, 1000)
		for i := range down {
			down[i] = standin.Answer(http.StatusServiceUnavailable, "")
		}
		pd.Script(down...)
		for i := range 50 {
			opens(t, router, fmt.Sprintf("k%02d", i), slo.Page)
			pass(12 * time.Second)
		}
		tries := len(pd.Requests())
		if len(pd.Incidents()) != 0 || tries > 80 {
			t.Errorf("%d incidents and %d requests during the outage, want none and few", len(pd.Incidents()), tries)
		}
		pd.Recover()
		pass(16 * time.Second)
		t.Logf("%d requests during the outage of 10 min; %d of 50 incidents told within 16 s after it", tries, len(pd.Incidents()))
		if n := len(pd.Incidents()); n != 50 {
			t.Errorf("%d of 50 incidents were told within 16 s after the outage", n)
		}
	})
}
