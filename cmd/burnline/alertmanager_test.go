package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"burnline/internal/harness/backends"
)

// amtool runs Debian's amtool against the story's server.
func (s *story) amtool(sound bool, args ...string) string {
	s.t.Helper()
	path, err := exec.LookPath("amtool")
	if err != nil {
		s.t.Fatal("amtool is not installed; on Debian: apt-get install prometheus-alertmanager")
	}
	cmd := exec.CommandContext(s.soon(), path, append([]string{"--no-version-check", "--alertmanager.url=http://" + s.web + "/alertmanager"}, args...)...)
	cmd.Dir = s.dir
	out, err := cmd.CombinedOutput()
	if (err == nil) != sound {
		s.t.Fatalf("amtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestAmtoolWorks walks through what people do with amtool.
func TestAmtoolWorks(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)

	// A silence keeps an alert quiet before it fires, and what it kept quiet is told when it ends.
	id := strings.TrimSpace(s.amtool(true, "silence", "add", "alertname=DiskFull", "host=~db.+", "--duration=2h", "--author=ada", "--comment=disks are ordered"))
	if !regexp.MustCompile(`^[0-9a-f-]{36}$`).MatchString(id) {
		t.Fatalf("the ID is %q", id)
	}
	s.amtool(true, "alert", "add", "DiskFull", "host=db1", "severity=critical", "--annotation=summary=The disk of db1 is full.")
	if out := s.amtool(true, "silence", "query"); !strings.Contains(out, id) || !strings.Contains(out, "disks are ordered") {
		t.Errorf("the silences are\n%s", out)
	}
	if out := s.amtool(true, "silence", "query", "-q", "host=~db.+"); strings.TrimSpace(out) != id {
		t.Errorf("by its matcher: %q", out)
	}
	s.amtool(true, "silence", "update", id, "--duration=5h", "--comment=disks arrive at noon")
	if out, _ := s.silence(0, "list"); !strings.Contains(out, id) || !strings.Contains(out, "disks arrive at noon") {
		t.Errorf("after the update the list is\n%s", out)
	}
	if out := s.amtool(true, "alert", "query", "-o", "json", "--silenced"); !strings.Contains(out, `"silencedBy":["`+id+`"]`) || !strings.Contains(out, `"state":"suppressed"`) {
		t.Errorf("the silenced alert is listed as\n%s", out)
	}
	if out := s.amtool(true, "alert", "query", "host=db2"); strings.Contains(out, "DiskFull") {
		t.Errorf("another host has the alert:\n%s", out)
	}
	if out, _ := s.silence(0, "preview", "host=db1"); !strings.Contains(out, "1 of 1 open incidents") || !strings.Contains(out, "1 of 1 alerts") {
		t.Errorf("a preview knows nothing of the alert:\n%s", out)
	}
	if n := len(s.stand.Events()); n != 0 {
		t.Fatalf("%d events arrived in spite of the silence: %+v", n, s.stand.Events())
	}
	s.amtool(true, "silence", "expire", id)
	s.eventually("what was silenced is told", func() bool { return len(s.stand.Events()) == 1 })
	if page := s.stand.Events()[0].Event; !strings.HasSuffix(page.Payload.Summary, "DiskFull: The disk of db1 is full.") || page.Payload.Severity != "critical" {
		t.Errorf("the page is %+v", page)
	}
	if out := s.amtool(true, "silence", "query", "--expired"); !strings.Contains(out, id) {
		t.Errorf("what is over is not listed:\n%s", out)
	}
	if out := s.amtool(false, "silence", "add", "alertname=~.+", "--duration=2h", "--author=ada", "--comment=all"); !strings.Contains(out, "says what to mute") {
		t.Errorf("a silence of everything: %s", out)
	}
	if out := s.amtool(false, "silence", "expire", "5f3c0000-0000-4000-8000-000000000000"); !strings.Contains(out, "404") && !strings.Contains(out, "NotFound") {
		t.Errorf("the end of one that never was: %s", out)
	}

	if out := s.amtool(true, "alert", "query", "-o", "json"); !strings.Contains(out, `"state":"active"`) || !strings.Contains(out, `"receivers":[{"name":"oncall"}]`) {
		t.Errorf("the alert that is told is listed as\n%s", out)
	}
	s.amtool(true, "alert", "add", "DiskFull", "host=db1", "severity=critical", "--end=2020-01-01T00:00:00Z", "--start=2019-01-01T00:00:00Z")
	s.eventually("the end is told", func() bool { open, all := s.incidents(); return open == 0 && all == 1 })

	if out := s.amtool(true, "config", "show"); !strings.Contains(out, "receiver: oncall") || strings.Contains(out, routingKey) {
		t.Errorf("the configuration is\n%s", out)
	}
	if out := s.amtool(true, "config", "routes", "test", "service=shop"); strings.TrimSpace(out) != "oncall" {
		t.Errorf("a route leads to %q", out)
	}
}

// An alerting rule of Prometheus' own, for as long as Prometheus runs.
const prometheusRules = `
groups:
  - name: self
    interval: 1s
    rules:
      - alert: PrometheusAnswers
        expr: vector(1) > %d
        labels: {severity: critical, host: prom1}
        annotations: {summary: "Prometheus answers."}
`

// TestAlertsOfAPrometheusPageAndResolve lets a real Prometheus send its alerts to the API.
func TestAlertsOfAPrometheusPageAndResolve(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	rules := filepath.Join(s.dir, "prometheus-rules.yml")
	s.write("prometheus-rules.yml", fmt.Sprintf(prometheusRules, 0))
	prometheus := backends.Run(t, func(ctx context.Context, dir string) (*backends.Backend, error) {
		return backends.PrometheusWith(fmt.Sprintf(`
global: {evaluation_interval: 1s}
rule_files: [%q]
alerting:
  alertmanagers:
    - path_prefix: /alertmanager
      static_configs: [{targets: [%q]}]
`, rules, s.web))(ctx, dir)
	})
	s.eventually("the alert pages", func() bool { return len(s.stand.Events()) == 1 })
	page := s.stand.Events()[0].Event
	if page.Payload.Summary != "PrometheusAnswers: Prometheus answers." || page.EventAction != "trigger" {
		t.Errorf("the page is %+v", page)
	}
	s.write("prometheus-rules.yml", fmt.Sprintf(prometheusRules, 2))
	if err := prometheus.Reload(s.soon()); err != nil {
		t.Fatal(err)
	}
	s.eventually("its end is told", func() bool { open, all := s.incidents(); return open == 0 && all == 1 })
	if n := len(s.stand.Events()); n != 2 {
		t.Errorf("%d events arrived: %+v", n, s.stand.Events())
	}
}
