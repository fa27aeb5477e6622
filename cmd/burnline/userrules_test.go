package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"burnline/internal/harness/backends"
)

// ruleFile alerts as long as the shop answers, for the recorded series to be seen at work.
const ruleFile = `
groups:
  - name: shop
    interval: 1s
    rules:
      - {record: "shop:requests:max", expr: max by (job) (shop_requests_total)}
      - alert: ShopAnswers
        expr: shop:requests:max > 0
        for: 1s
        labels: {severity: critical, service: shop}
        annotations: {summary: "The {{ $labels.job }} shop answered at least {{ if gt $value 0.0 }}one{{ end }} request."}
`

// TestUsersRulesPageAndEnd runs a user's rule file on the embedded store.
func TestUsersRulesPageAndEnd(t *testing.T) {
	t.Parallel()
	newStory(t, nil).rules()
}

// TestUsersRulesRunOnARemoteStore runs it by the API and the remote write of a Prometheus.
func TestUsersRulesRunOnARemoteStore(t *testing.T) {
	t.Parallel()
	backend := backends.Run(t, func(ctx context.Context, dir string) (*backends.Backend, error) { return backends.Prometheus(ctx, dir) })
	newStory(t, nil, fmt.Sprintf("metrics: {remote: {write_url: %q, query_url: %q}}", backend.WriteURL, backend.QueryURL)).rules()
}

// rules tells the story: a bad file changes nothing, a good one pages once, over a kill of
// the server too, and a rule that no longer holds resolves.
func (s *story) rules() {
	t := s.t
	t.Helper()
	s.eventually("requests are counted", func() bool { return s.counted().Total > 0 })
	config, err := os.ReadFile(filepath.Join(s.dir, "burnline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("rules/shop.yaml", strings.Replace(ruleFile, "(shop_requests_total)", "((shop_requests_total)", 1))
	s.write("burnline.yaml", string(config)+"\nrules: [rules]\n")
	s.eventually("the overview says what is wrong with the rules", func() bool { return strings.Contains(s.page("/"), "shop.yaml") })

	s.write("rules/shop.yaml", ruleFile)
	s.eventually("the alert is paged", func() bool { return len(s.stand.Events()) == 1 })
	page := s.stand.Events()[0].Event
	if want := "ShopAnswers: The shop shop answered at least one request."; page.EventAction != "trigger" || page.Payload.Summary != want || page.Payload.Severity != "critical" {
		t.Errorf("the page is %+v, want %q", page, want)
	}
	for _, path := range []string{"/", "/incidents", "/incidents/" + page.DedupKey} {
		if text := s.page(path); !strings.Contains(text, "ShopAnswers") {
			t.Errorf("the page %s does not name the alert:\n%s", path, text)
		}
	}
	if out, _ := s.why(0, "ShopAnswers"); !strings.HasPrefix(out, "page of alert/ShopAnswers, open since ") ||
		!strings.Contains(out, `Its alerts
  {alertname="ShopAnswers", job="shop", service="shop", severity="critical"}, since `) || !strings.Contains(out, "Goes to oncall: ") {
		t.Errorf("why says\n%s", out)
	}
	var recorded struct{ Data struct{ Result []any } }
	s.eventually("the recorded series can be queried", func() bool {
		_ = s.get("/prometheus/api/v1/query?query="+url.QueryEscape("shop:requests:max"), &recorded)
		return len(recorded.Data.Result) == 1
	})
	var alerts struct {
		Data struct {
			Alerts []struct{ State string }
		}
	}
	if err := s.get("/prometheus/api/v1/alerts", &alerts); err != nil || len(alerts.Data.Alerts) != 1 || alerts.Data.Alerts[0].State != "firing" {
		t.Errorf("alerts: %+v, error %v", alerts, err)
	}

	s.server.Kill()
	s.start()
	s.eventually("the alert fires again", func() bool {
		alerts.Data.Alerts = nil
		_ = s.get("/prometheus/api/v1/alerts", &alerts)
		return len(alerts.Data.Alerts) == 1 && alerts.Data.Alerts[0].State == "firing"
	})
	if n := len(s.stand.Events()); n != 1 {
		t.Errorf("%d events arrived, the restart brought %+v", n, s.stand.Events()[1:])
	}

	s.write("rules/shop.yaml", strings.Replace(ruleFile, "max > 0", "max < 0", 1))
	s.eventually("the alert is resolved", func() bool { return len(s.stand.Events()) == 2 })
	if end := s.stand.Events()[1].Event; end.EventAction != "resolve" || end.DedupKey != page.DedupKey {
		t.Errorf("the end is %+v", end)
	}
}
