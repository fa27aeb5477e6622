package alertconf

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWhatStaysOpenIsEscalatedByTheRoute(t *testing.T) {
	c, got := inline(t, `
route:
  receiver: a
  escalate: [{after: 1h, receiver: b}, {after: 2h, receiver: c}]
  routes:
    - {matchers: ['x="1"']}
    - {matchers: ['x="2"'], escalate: []}
    - {matchers: ['x="3"'], escalate: [{after: 5m, receiver: c}]}
receivers: [{name: a}, {name: b}, {name: c}]`)
	if strings.Contains(got, "escalate") {
		t.Errorf("findings %s", got)
	}
	root := c.Routing(nil).Route
	said := fmt.Sprint(root.Escalate, root.Routes[0].Escalate, root.Routes[1].Escalate, root.Routes[2].Escalate)
	if want := "[{1h0m0s b} {2h0m0s c}] [{1h0m0s b} {2h0m0s c}] [] [{5m0s c}]"; said != want {
		t.Errorf("escalated by %s, want %s", said, want)
	}
	_, got = inline(t, "route:\n  receiver: a\n  escalate: [{receiver: nobody}]\nreceivers: [{name: a}]")
	for _, want := range []string{"alerting.route.escalate[0].after: it does not say after what time; write a duration such as 1h",
		`alerting.route.escalate[0].receiver: there is no receiver "nobody"`} {
		if !strings.Contains(got, want) {
			t.Errorf("findings %s, want %s", got, want)
		}
	}
}

func TestTheSecretsOfPagerDutysWebhooks(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, got := inline(t, "pagerduty_webhook: {secret_files: ['"+dir+"/secret'], resolved_grace: 10m}")
	if got != "" || c.PagerDutyWebhook.ResolvedGrace != 10*time.Minute {
		t.Errorf("findings %s; grace %s", got, c.PagerDutyWebhook.ResolvedGrace)
	}
	if secrets, err := c.PagerDutyWebhook.Secrets(); err != nil || fmt.Sprint(secrets) != "[s3cret]" {
		t.Errorf("secrets %v, %v", secrets, err)
	}
	if err := os.Remove(filepath.Join(dir, "secret")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PagerDutyWebhook.Secrets(); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a secret that is gone gives %v", err)
	}
	_, got = inline(t, "pagerduty_webhook: {secret_files: [nowhere, ''], resolved_grace: 10s}")
	for _, want := range []string{"2: alerting.pagerduty_webhook.secret_files[0]: read secret_file: open ", "alerting.pagerduty_webhook.secret_files[1]: it names no file",
		"alerting.pagerduty_webhook.resolved_grace: it is less than a minute"} {
		if !strings.Contains(got, want) {
			t.Errorf("findings %s, want %s", got, want)
		}
	}
}
