package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"burnline/internal/harness/pagerduty"
)

// A scheduled report is posted once, also when the server is killed in between, and never pages.
func TestAScheduledReportIsSentOnceOverRestarts(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var bodies []string
	address := listen(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		bodies = append(bodies, string(body))
	}))
	got := func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), bodies...)
	}
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey, teamKey}})
	s.write("slos/shop.yaml", shortSLO)
	// Of the last week that is over, since Monday: always within the week in which it is told.
	s.configure(fmt.Sprintf(`
reports: {schedule: [{every: week, at: "Mon 00:00", to: board}]}
alerting:
  receivers: [{name: board, webhook_configs: [{url: %q}], pagerduty_configs: [{routing_key: %s}]}]
  route: {receiver: board}
  global: {pagerduty_url: %q}
`, address, routingKey, listen(t, s.stand)+pagerduty.Path))
	s.start()
	s.eventually("the report is posted", func() bool { return len(got()) > 0 })
	if body := got()[0]; !strings.HasPrefix(body, `{"kind":"report","summary":"Reliability report: Week `) || !strings.Contains(body, `"revision":0`) {
		t.Errorf("posted %.300s", body)
	}
	var posted struct{ Links []struct{ Text, Href string } }
	if err := json.Unmarshal([]byte(got()[0]), &posted); err != nil || len(posted.Links) != 3 {
		t.Fatalf("posted %d links, %v", len(posted.Links), err)
	}
	for i, media := range []string{"text/html", "application/pdf", "text/csv"} {
		resp, err := http.Get(posted.Links[i].Href)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(got, media) {
			t.Errorf("the link %s leads to %d %s, want %s", posted.Links[i].Text, resp.StatusCode, got, media)
		}
	}
	s.eventually("its answer is kept", func() bool { return s.metric(`burnline_outbox_delivery_seconds_count`) >= 1 })
	s.server.Kill()
	s.start()
	var health struct{}
	s.eventually("the server is back", func() bool { return s.get("/api/v1/reports/now", &health) == nil })
	if n := len(got()); n != 1 {
		t.Errorf("it was posted %d times", n)
	}
	if n := len(s.stand.Events()); n != 0 {
		t.Errorf("PagerDuty got %d events of it", n)
	}
}
