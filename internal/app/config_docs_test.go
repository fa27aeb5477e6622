package app

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/alerting/pagerduty"
	"burnline/internal/alertconf"
	"burnline/internal/yamlconf"
)

// keys lists every key of a configuration struct as the docs write it. What other modules
// read, and a struct within itself, is one key. within are the structs around.
func keys(t reflect.Type, prefix string, within ...reflect.Type) []string {
	switch {
	case t.Kind() == reflect.Pointer:
		return keys(t.Elem(), prefix, within...)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct && ours(t.Elem(), within):
		return keys(t.Elem(), prefix+"[]", within...)
	case t.Kind() != reflect.Struct || !ours(t, within):
		return []string{prefix}
	}
	within = append(within, t)
	var all []string
	for i := range t.NumField() {
		name, inline := strings.CutSuffix(t.Field(i).Tag.Get("yaml"), ",inline")
		switch {
		case inline:
			all = append(all, keys(t.Field(i).Type, prefix, within...)...)
			continue
		case name == "" || name == "-":
			continue
		case prefix != "":
			name = prefix + "." + name
		}
		all = append(all, keys(t.Field(i).Type, name, within...)...)
	}
	return all
}

// ours reports whether a struct's keys are to be listed.
func ours(t reflect.Type, within []reflect.Type) bool {
	return strings.HasPrefix(t.PkgPath(), "burnline/") && !slices.Contains(within, t)
}

func TestTheDocsNameEveryKey(t *testing.T) {
	text, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	all := keys(reflect.TypeFor[Config](), "")
	if len(all) < 20 {
		t.Fatalf("only %d keys found", len(all))
	}
	for _, key := range all {
		if !strings.Contains(string(text), "| `"+key+"` |") {
			t.Errorf("docs/configuration.md says nothing of %s", key)
		}
	}
}

func TestTheDocsStateTheDefaults(t *testing.T) {
	text, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\|")
	documented := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		documented[m[1]] = m[2]
	}
	want := DefaultConfig()
	// What the docs state, read as a file, must be what holds without one.
	const l = "server.limits."
	file := "server: {listen: '" + documented["server.listen"] + "', limits: {connections: " + documented[l+"connections"] +
		", connections_per_client: " + documented[l+"connections_per_client"] + ", requests_per_second: " + documented[l+"requests_per_second"] +
		", burst: " + documented[l+"burst"] + ", requests_at_once: " + documented[l+"requests_at_once"] + ", streams: " + documented[l+"streams"] +
		", streams_per_client: " + documented[l+"streams_per_client"] + ", queries: {at_once: " + documented[l+"queries.at_once"] +
		", timeout: " + documented[l+"queries.timeout"] + ", samples: " + documented[l+"queries.samples"] + ", series: " + documented[l+"queries.series"] + "}}, auth: {session: {idle: " + documented["server.auth.session.idle"] +
		", absolute: " + documented["server.auth.session.absolute"] + "}}}\n" +
		"data: " + documented["data"] + "\n" +
		"collector: {otlp: {grpc: '" + documented["collector.otlp.grpc"] + "', http: '" + documented["collector.otlp.http"] + "'}}\n" +
		"metrics: {retention: " + documented["metrics.retention"] + ", max_size: " + documented["metrics.max_size"] + ", max_series: " + documented["metrics.max_series"] + "}\n" +
		"traces: {retention: " + documented["traces.retention"] + ", max_size: " + documented["traces.max_size"] +
		", hash: " + documented["traces.hash"] + ", redact: " + documented["traces.redact"] + "}\n" +
		"impact: {customer: " + documented["impact.customer"] + ", compare: " + documented["impact.compare"] + ", region: " + documented["impact.region"] + "}\n" +
		"reviews: {night: '" + documented["reviews.night"] + "', timezone: " + documented["reviews.timezone"] + "}\n" +
		"reports: {timezone: " + documented["reports.timezone"] + "}\n" +
		"state: {retention: " + documented["state.retention"] + ", alert_retention: " + documented["state.alert_retention"] + "}\n" +
		"backup: {every: " + documented["backup.every"] + ", keep: " + documented["backup.keep"] + ", drill: {every: " + documented["backup.drill.every"] + "}}\n" +
		"slos: " + documented["slos"] + "\n" +
		"status_page: {title: " + documented["status_page.title"] + ", timezone: " + documented["status_page.timezone"] + ", public_incidents: " + documented["status_page.public_incidents"] + "}\n" +
		"alerting: {pagerduty_webhook: {resolved_grace: " + documented["alerting.pagerduty_webhook.resolved_grace"] +
		"}, heartbeat: {every: " + documented["alerting.heartbeat.every"] + "}, silences: {max_duration: " + documented["alerting.silences.max_duration"] + ", max_breadth: " + documented["alerting.silences.max_breadth"] +
		", unconfirmed: " + documented["alerting.silences.unconfirmed"] + ", burn_ceiling: " + documented["alerting.silences.burn_ceiling"] +
		"}, global: {pagerduty_url: '" + documented["alerting.global.pagerduty_url"] + "', resolve_timeout: " + documented["alerting.global.resolve_timeout"] +
		", slack_app_url: '" + documented["alerting.global.slack_app_url"] +
		"', opsgenie_api_url: '" + documented["alerting.global.opsgenie_api_url"] + "'}}\n"
	var got Config
	if _, findings := yamlconf.Decode([]byte(file), &got, yamlconf.Options{}); len(findings) > 0 {
		t.Fatalf("%s\n%v", file, findings)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the docs state\n%s\nwhich are not the defaults", file)
	}
	if d := pagerduty.DefaultConfig(); documented["alerting.global.pagerduty_url"] != d.URL ||
		documented["alerting.receivers[].pagerduty_configs[].client"] != d.Client {
		t.Error("the docs state other defaults of PagerDuty")
	}
}

func TestTheFileInTheDocsCanBeLoaded(t *testing.T) {
	t.Setenv("PAGERDUTY_KEY", "0123456789abcdef0123456789abcdef")
	text, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("docs/configuration.md shows no file")
	}
	path := filepath.Join(t.TempDir(), "burnline.yaml")
	if err := os.WriteFile(path, block[1], 0o600); err != nil {
		t.Fatal(err)
	}
	c, findings, err := LoadConfig(path)
	if err != nil || len(findings) > 0 {
		t.Fatalf("findings %v, error %v", findings, err)
	}
	if c.Alerting.Receivers[0].Name != "oncall" || c.Metrics.Retention != 100*24*time.Hour {
		t.Errorf("read as %#v", c.Alerting)
	}
}

// TestTheRoutesInTheDocsAreRead reads what docs/paging.md shows of alerting, but for the
// secrets, which are not here.
func TestTheRoutesInTheDocsAreRead(t *testing.T) {
	text, err := os.ReadFile("../../docs/paging.md")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1) {
		if !strings.Contains(string(block[1]), "alerting:\n  receivers") {
			continue
		}
		path := filepath.Join(t.TempDir(), "burnline.yaml")
		if err := os.WriteFile(path, block[1], 0o600); err != nil {
			t.Fatal(err)
		}
		_, findings, err := LoadConfig(path)
		if left := alertconf.Routes(findings).Errors(); err != nil || len(left) > 0 {
			t.Errorf("%s\n%v %v", block[1], left, err)
		}
		read++
	}
	if read < 2 {
		t.Errorf("only %d files are shown", read)
	}
}
