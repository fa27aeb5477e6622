package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"burnline/internal/harness/pagerduty"
)

// An acknowledgement goes to PagerDuty, and what people do there comes back by signed webhooks.
func TestAcknowledgementsGoBothWays(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("webhook secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newStory(t, nil, "  pagerduty_webhook: {secret_files: ["+secret+"]}")
	s.stand.Subscribe(pagerduty.Subscription{URL: "http://" + s.web + "/api/v1/pagerduty/webhook", Transport: http.DefaultTransport,
		Secrets: []string{"webhook secret"}, Twice: true})
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	if _, errs := s.burnline(1, "ack", "shop/availability", "--by", "ada"); !strings.Contains(errs, "no incident is open") {
		t.Errorf("without an incident: %s", errs)
	}
	s.customers.Fail(true)
	s.eventually("the page is sent", func() bool { return len(s.stand.Incidents()) == 1 })
	key := s.stand.Incidents()[0].DedupKey

	out, _ := s.burnline(0, "ack", key[:10], "--by", "Ada  Lovelace")
	if !strings.Contains(out, "page of shop/availability ("+key[:12]+"): Acknowledged by Ada Lovelace by the API at ") {
		t.Errorf("ack says %s", out)
	}
	if out, _ = s.burnline(0, "ack", key[:10], "--by", "bob"); !strings.Contains(out, ": Acknowledged by bob by the API at ") || !strings.Contains(out, "; Ada Lovelace has had it since ") {
		t.Errorf("to a second one ack says %s", out)
	}
	if page := s.page("/incidents/" + key); !strings.Contains(page, "<b>Acknowledged by Ada Lovelace</b>") || !strings.Contains(page, "bob has it too") {
		t.Errorf("the page does not say who else has it:\n%s", page)
	}
	s.eventually("PagerDuty knows", func() bool { return s.stand.Incidents()[0].Status == pagerduty.Acknowledged })
	if !s.stand.Act("grace", pagerduty.Unacknowledge, routingKey, key) || !s.stand.Act("grace", pagerduty.Acknowledge, routingKey, key) {
		t.Fatal("the incident can't be acted upon")
	}
	if left := s.stand.DeliverWebhooks(); left != 0 || s.stand.Disabled() {
		t.Errorf("%d webhooks are left, switched off: %v", left, s.stand.Disabled())
	}
	out, _ = s.why(0, key[:10])
	for _, want := range []string{"Acknowledged by Ada Lovelace by the API", "Acknowledgement given back by grace in PagerDuty", "Acknowledged by grace in PagerDuty",
		"acknowledge to oncall (pagerduty/0): delivered after 1 attempt: "} {
		if strings.Count(out, want) != 1 {
			t.Errorf("%q is not there once in\n%s", want, out)
		}
	}
	if page := s.page("/incidents/" + key); !strings.Contains(page, "<b>Acknowledged by grace</b> in PagerDuty") {
		t.Errorf("the page does not say who has it:\n%s", page)
	}
}

// burnline runs a command against the story's server.
func (s *story) burnline(code int, args ...string) (out, errs string) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append(args, "--server", "http://"+s.web)
	if got := run(s.soon(), args, strings.NewReader(""), &stdout, &stderr); got != code {
		s.t.Fatalf("burnline %s ended with %d: %s%s", strings.Join(args, " "), got, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}
