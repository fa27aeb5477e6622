package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// replayed is a past in which a page opens for each factor below 10, and a ticket now.
func replayed(_ context.Context, changed slo.Definition, from, to time.Time) (now, then Lived, err error) {
	in := func(severity slo.Severity) LivedIncident {
		return LivedIncident{slo.Incident{SLO: changed.ID, Severity: severity, Groups: []slo.Labels{nil}, Started: from.Add(time.Hour), Opened: from.Add(2 * time.Hour), Closed: from.Add(5 * time.Hour)}, "burn 9 over 1h, above 5"}
	}
	status := slo.Status{ID: changed.ID, Budget: slo.BudgetStatus{Known: true, Remaining: 0.4}}
	now = Lived{[]LivedIncident{in(slo.Ticket)}, []slo.Status{status}}
	then.Statuses = now.Statuses
	for _, p := range changed.Policies {
		if p.Factor < 10 {
			then.Incidents = append(then.Incidents, in(p.Severity))
		}
	}
	return now, then, nil
}

func TestWhatOtherPoliciesWouldHaveToldIsAnswered(t *testing.T) {
	var asked slo.Definition
	var failure error
	var length time.Duration
	srv := serve(t, newShop(noon), func(o *Options) {
		o.WhatIf = func(ctx context.Context, d slo.Definition, from, to time.Time) (Lived, Lived, error) {
			asked, length = d, to.Sub(from)
			now, then, err := replayed(ctx, d, from, to)
			if failure != nil {
				err = failure
			}
			return now, then, err
		}
	})
	status, body := get(t, srv.URL+"/api/v1/whatif?slo=checkout/availability&objective=99.5&days=3&policies="+url.QueryEscape("- {severity: page, long: 1h, short: 5m, factor: 5}"))
	var a whatIfJSON
	if err := json.Unmarshal([]byte(body), &a); status != http.StatusOK || err != nil {
		t.Fatalf("%d %s %v", status, body, err)
	}
	if asked.Objective != 99.5 || len(asked.Policies) != 1 || asked.Policies[0].Factor != 5 || length != 72*time.Hour {
		t.Errorf("replayed were %s of %+v", length, asked)
	}
	if a.Changed.Pages != 1 || a.Now.Tickets != 1 || a.Now.Pages != 0 || *a.Changed.Remaining != 0.4 || a.Policies[0].Long != "1h" || a.Told.Remaining != nil {
		t.Errorf("the answer is %s", body)
	}
	// The page of three days ago was told right at the beginning, and is not among those of two.
	if a.Told.Pages != 2 {
		t.Errorf("%d pages were told in three days, want the open one and that of three days ago", a.Told.Pages)
	}
	send := func(body string) (int, string) {
		resp, err := http.Post(srv.URL+"/api/v1/whatif", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var out strings.Builder
		buf := make([]byte, 64<<10)
		for {
			n, err := resp.Body.Read(buf)
			out.Write(buf[:n])
			if err != nil {
				return resp.StatusCode, out.String()
			}
		}
	}
	if status, body = send(`{"slo": "checkout/availability", "policies": [{"severity": "ticket", "long": "1d", "short": "2h", "budget": "10%"}]}`); status != http.StatusOK || asked.Objective != 99.9 || asked.Policies[0].Severity != slo.Ticket || length != 7*24*time.Hour {
		t.Errorf("by POST: %d %s", status, body)
	}
	for _, c := range []struct {
		name, query string
		failure     error
		status      int
		says        string
	}{
		{"an SLO that is not there", "?slo=no/such", nil, 404, "No SLO has this ID"},
		{"an objective that is none", "?slo=search/latency&objective=101", nil, 422, `"field":"objective"`},
		{"policies that are none", "?slo=search/latency&policies=page", nil, 422, "it is no list"},
		{"too many days", "?slo=search/latency&days=31", nil, 400, "from 1 to 30"},
		{"another one is under way", "?slo=search/latency", ErrBusy, 429, "One runs at a time"},
		{"it takes too long", "?slo=search/latency", context.DeadlineExceeded, 503, "ask for fewer days"},
	} {
		failure = c.failure
		if status, body = get(t, srv.URL+"/api/v1/whatif"+c.query); status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", c.name, status, body)
		}
	}
	failure = nil
	for _, body := range []string{`{`, `{"slo": "search/latency", "days": 99}`, `{"slo": "search/latency", "policy": 1}`} {
		if status, answer := send(body); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
}

func TestThePageOfOtherPoliciesSetsThreeSidesBesideEachOther(t *testing.T) {
	srv := serve(t, newShop(noon), func(o *Options) { o.WhatIf = replayed })
	_, body := get(t, srv.URL+"/slo/search/latency")
	for _, want := range []string{`action="/whatif/search/latency"`, "- {severity: page, long: 1h, short: 5m, budget: 2%}", "- {severity: ticket, long: 3d, short: 6h, budget: 10%}"} {
		if !strings.Contains(body, want) {
			t.Errorf("the SLO's page lacks %q", want)
		}
	}
	status, body := get(t, srv.URL+"/whatif/search/latency?objective=99&days=14&policies="+url.QueryEscape("- {severity: page, long: 1h, short: 5m, factor: 5}"))
	for _, want := range []string{"In the last 14 days these would have told 1 page and 0 tickets; the definition of now tells 0 pages and 1 ticket.", "what was opened then", "burn 9 over 1h, above 5",
		"Nothing is changed or sent", "<option selected>14</option>"} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("status %d; the page lacks %q", status, want)
		}
	}
	status, body = get(t, srv.URL+"/whatif/search/latency?objective=12%22%3E%3Cscript%3E&days=7&policies=-+x")
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "nothing was replayed") || strings.Contains(body, "<script>") || !strings.Contains(body, `value="12&#34;&gt;&lt;script&gt;"`) {
		t.Errorf("what is wrong is not said beside what was entered: %d", status)
	}
	if _, body = get(t, serve(t, newShop(noon), nil).URL+"/slo/search/latency"); strings.Contains(body, "/whatif/") {
		t.Error("the form is shown where nobody replays")
	}
}
