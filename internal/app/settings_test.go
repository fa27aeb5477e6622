package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"burnline/alerting"
)

const yearLong = `
apiVersion: burnline/v1
kind: SLO
metadata: {name: exports}
spec:
  service: exports
  team: data
  objective: 99
  window: 365d
  sli: {events: {bad: 'jobs_total{result="failed"}', total: jobs_total}}
  alerting: {annotations: {runbook: "https://runbooks.example.com/exports"}}
`

// loadFiles loads a configuration with one SLO.
func loadFiles(t *testing.T, config, definition string) *settings {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "burnline.yaml")
	for name, text := range map[string]string{path: config, filepath.Join(dir, "slos", "one.yaml"): definition} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := load(Options{ConfigPath: path})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestAWindowLongerThanRetentionIsAWarning(t *testing.T) {
	for _, c := range []struct {
		name, config string
		warned       bool
	}{
		{"100 days are kept by default", "{}", true},
		{"400 days are kept", "metrics: {retention: 400d}", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := loadFiles(t, c.config, yearLong)
			if warned := strings.Contains(set.Findings.Error(), "metrics.retention"); warned != c.warned {
				t.Errorf("warned: %v, want %v; findings: %v", warned, c.warned, set.Findings)
			}
		})
	}
}

// TestAWindowThatABackendShowsTooLateIsAWarning has the default policies, whose shortest window is five minutes, and
// backends that are asked every five seconds.
func TestAWindowThatABackendShowsTooLateIsAWarning(t *testing.T) {
	const remote = "metrics: {remote: {write_url: 'http://127.0.0.1:1/api/v1/write', query_url: 'http://127.0.0.1:1', query_offset: "
	for _, c := range []struct {
		name, config string
		warned       bool
	}{
		{"a backend that shows samples at once", remote + "0s}}", false},
		{"one that shows them after four minutes", remote + "4m}}", false},
		{"one that shows them after five minutes", remote + "5m}}", true},
		{"the embedded store", "{}", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := loadFiles(t, c.config, yearLong)
			if warned := strings.Contains(set.Findings.Error(), "write short: 5m10s or more"); warned != c.warned {
				t.Errorf("warned: %v, want %v; findings: %v", warned, c.warned, set.Findings)
			}
		})
	}
}

// TestWhatIsRoutedByComesFromAllFiles reads SLOs, teams and routes together.
func TestWhatIsRoutedByComesFromAllFiles(t *testing.T) {
	path := writeConfig(t, `
server: {listen: 127.0.0.1:1}
slos: [slos]
alerting: {config: alertmanager.yml}
`, "key")
	dir := filepath.Dir(path)
	for name, text := range map[string]string{
		"alertmanager.yml": "route: {receiver: ops, routes: [{matchers: [team=data]}]}\nreceivers: [{name: ops, webhook_configs: [{url: 'http://hook'}]}]\ntemplates: ['*.tmpl']\n",
		"more.tmpl":        `{{ define "mine" }}x{{ end }}`,
		"slos/exports.yaml": yearLong + "  depends_on: [exports/base]\n---" + strings.Replace(yearLong, "name: exports", "name: base", 1) +
			"---\napiVersion: burnline/v1\nkind: Teams\nteams: {data: {owners: [a@example.com], pagerduty_key_file: ../key}}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := load(Options{ConfigPath: path})
	if err != nil {
		t.Fatal(err)
	}
	if c := set.alerting; c.Teams["data"] != "team/data" || len(c.DependsOn) != 1 || len(c.Receivers) != 2 || len(c.Route.Routes) != 1 {
		t.Errorf("what is routed by is %+v", c)
	}
	if len(set.senders) != 2 {
		t.Errorf("there are %d senders", len(set.senders))
	}
	watched := strings.Join(set.watched(Options{}), " ")
	for _, name := range []string{"alertmanager.yml", "more.tmpl", "slos", "burnline.yaml"} {
		if !strings.Contains(watched, filepath.Join(dir, name)) {
			t.Errorf("%s is not watched: %s", name, watched)
		}
	}
}

func TestSendersAreBuiltOnceForOneAddress(t *testing.T) {
	config := filepath.Join(t.TempDir(), "burnline.yaml")
	const text = `{server: {external_url: "https://slo.example.com"}, alerting: {receivers: [{name: hook, webhook_configs: [{url: "http://hook"}]}], route: {receiver: hook}}}`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := load(Options{ConfigPath: config})
	if err != nil {
		t.Fatal(err)
	}
	sender := func() alerting.Sender {
		for _, s := range set.senders {
			return s
		}
		return nil
	}
	first := sender()
	if err := set.buildSenders("https://slo.example.com"); err != nil || first == nil || sender() != first {
		t.Errorf("they are built again for the address that they have; %v", err)
	}
	if err := set.buildSenders("http://127.0.0.1:12345"); err != nil || sender() == first {
		t.Errorf("they are not built for another address; %v", err)
	}
}
