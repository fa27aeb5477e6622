package app

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"burnline/internal/alertconf"
	"burnline/slo"
)

// writeConfig writes burnline.yaml and further files into a folder of its own.
func writeConfig(t *testing.T, text string, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("0123456789abcdef0123456789abcdef\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "burnline.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func lines(findings slo.Findings, dir string) []string {
	var all []string
	for _, f := range findings {
		all = append(all, strings.ReplaceAll(f.String(), dir+string(filepath.Separator), ""))
	}
	return all
}

func TestWithoutAFileDefaultsHold(t *testing.T) {
	t.Chdir(t.TempDir())
	c, findings, err := LoadConfig("")
	if err != nil || len(findings) > 0 {
		t.Fatalf("findings %v, error %v", findings, err)
	}
	want := Config{
		Server: ServerConfig{Listen: "127.0.0.1:9900", Limits: LimitsConfig{Connections: 4096, ConnectionsEach: 1024, Rate: 100, Burst: 500, AtOnce: 64, Streams: 512, StreamsEach: 128,
			Queries: QueryLimitsConfig{AtOnce: 20, Timeout: 2 * time.Minute, Samples: 50_000_000, Series: 100_000}}, Auth: AuthConfig{Session: SessionConfig{Idle: 12 * time.Hour, Absolute: 168 * time.Hour}}},
		Data:        "data",
		Collector:   CollectorConfig{OTLP: OTLPConfig{GRPC: "127.0.0.1:4317", HTTP: "127.0.0.1:4318"}},
		Metrics:     MetricsConfig{Retention: 2400 * time.Hour, MaxSize: -1, MaxSeries: 2_000_000},
		Traces:      TracesConfig{Retention: 72 * time.Hour, MaxSize: -1, Hash: DefaultHashed(), Redact: DefaultRedacted()},
		Impact:      ImpactConfig{Customer: "enduser.id", Compare: DefaultCompared(), Region: "cloud.region"},
		State:       StateConfig{Retention: 9600 * time.Hour, AlertRetention: 720 * time.Hour},
		Backup:      BackupConfig{Every: 24 * time.Hour, Keep: 7, Drill: BackupDrillConfig{Every: 168 * time.Hour}},
		Alerting:    alertconf.Config{PagerDutyWebhook: alertconf.PagerDutyWebhook{ResolvedGrace: 5 * time.Minute}, Heartbeat: alertconf.Heartbeat{Every: time.Minute}, Silences: alertconf.Silences{MaxDuration: 168 * time.Hour, MaxBreadth: 0.25, Unconfirmed: 3, BurnCeiling: 100}, File: alertconf.File{Global: alertconf.Global{ResolveTimeout: 5 * time.Minute, PagerDutyURL: "https://events.pagerduty.com/v2/enqueue", SlackAppURL: "https://slack.com/api/chat.postMessage", OpsgenieAPIURL: "https://api.opsgenie.com/"}}},
		Reviews:     ReviewsConfig{Night: "22:00-07:00", Timezone: "UTC"},
		Reports:     ReportsConfig{Timezone: "UTC"},
		StatusPage:  StatusPageConfig{Title: "Status", Timezone: "UTC", PublicIncidents: true},
		MissingSLOs: "slos",
		DiskSize:    c.DiskSize, // this machine's
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("defaults = %#v %#v %#v %#v, want %#v %#v %#v %#v", c.Server, c.Collector, c.Metrics, c.Traces,
			want.Server, want.Collector, want.Metrics, want.Traces)
	}
	if err := os.Mkdir("slos", 0o755); err != nil {
		t.Fatal(err)
	}
	c, _, _ = LoadConfig("")
	if !reflect.DeepEqual(c.SLOs, []string{"slos"}) || c.MissingSLOs != "" {
		t.Errorf("with a folder slos: SLOs = %q, MissingSLOs = %q", c.SLOs, c.MissingSLOs)
	}
}

func TestAnEmptyFileIsTheDefaults(t *testing.T) {
	path := writeConfig(t, "# nothing\n")
	c, findings, err := LoadConfig(path)
	if err != nil || len(findings) > 0 || c.Server.Listen != "127.0.0.1:9900" {
		t.Errorf("listen %s, findings %v, error %v", c.Server.Listen, findings, err)
	}
	if want := filepath.Join(filepath.Dir(path), "data"); c.Data != want {
		t.Errorf("data = %s, want %s", c.Data, want)
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	t.Setenv("DATABASE", "postgres://burnline:s3cret@db/burnline")
	t.Setenv("TENANT", "team-a")
	path := writeConfig(t, `
server:
  listen: 0.0.0.0:80
  external_url: https://burnline.example.com
  tls: {cert_file: tls/cert.pem, key_file: tls/key.pem, min_version: "1.3", client_ca_file: tls/ca.pem}
  trusted_proxies: [10.0.0.7, 192.0.2.0/24]
  limits:
    connections: 1
    connections_per_client: 2
    requests_per_second: 3.5
    burst: 4
    requests_at_once: 5
    streams: 6
    streams_per_client: 7
    queries: {at_once: 8, timeout: 9s, samples: 10, series: 11}
  auth:
    mode: oidc
    session: {idle: 1h, absolute: 1d}
    oidc:
      issuer: https://login.example.com
      client_id: burnline
      client_secret_file: secrets/oidc
      redirect_url: https://burnline.example.com/oidc/callback
      name: Example
      scopes: [groups]
      name_claim: email
      groups_claim: roles
      roles: {sre: admin, "*": viewer}
      teams: {shop: payments}
data: /var/lib/burnline
collector:
  otlp: {grpc: 0.0.0.0:14317, http: 0.0.0.0:14318, tls: {cert_file: tls/cert.pem, key_file: tls/key.pem, min_version: "1.2", client_ca_file: tls/ca.pem}}
  config: collector.yaml
ingest: {auth: required, token_files: {edge: secrets/edge}}
scrape_configs:
  - job_name: node
    static_configs: [{targets: ["node:9100"]}]
metrics:
  retention: 30d
  max_size: 10GiB
  max_series: 500000
  remote:
    write_url: http://mimir/api/v1/push
    query_url: http://mimir/prometheus
    headers: {X-Scope-OrgID: "${env:TENANT}"}
    basic_auth: {username: burnline, password_file: secrets/password}
    query_offset: 15s
traces: {retention: 24h, max_size: 512MiB, hash: [user.hash], redact: []}
impact:
  customer: customer.id
  hash_key_file: secrets/customers
  compare: [region, plan]
  region: region
  journey: journey
  currency: EUR
  severity: [{when: {tier: "1", customers: ">= 100"}, severity: page}]
state:
  dsn: ${env:DATABASE}
slos: [more/, one.yaml]
alerting:
  receivers:
    - name: oncall
      pagerduty_configs: [{routing_key_file: secrets/pd}]
    - name: eu
      pagerduty_configs: [{routing_key_file: secrets/pd, url: https://events.eu.pagerduty.com/v2/enqueue}]
  route: {receiver: oncall}
`, "collector.yaml", "tls/cert.pem", "tls/key.pem", "secrets/oidc", "secrets/password", "secrets/pd", "secrets/customers", "secrets/edge", "tls/ca.pem", "more/a.yaml", "one.yaml")
	dir := filepath.Dir(path)
	c, findings, err := LoadConfig(path)
	if err != nil || len(findings) > 0 {
		t.Fatalf("findings %v, error %v", findings, err)
	}
	r := c.Metrics.Remote
	for _, test := range []struct {
		key       string
		got, want any
	}{
		{"server", c.Server, ServerConfig{
			Listen: "0.0.0.0:80", ExternalURL: "https://burnline.example.com", TrustedProxies: []string{"10.0.0.7", "192.0.2.0/24"},
			Limits: LimitsConfig{Connections: 1, ConnectionsEach: 2, Rate: 3.5, Burst: 4, AtOnce: 5, Streams: 6, StreamsEach: 7,
				Queries: QueryLimitsConfig{AtOnce: 8, Timeout: 9 * time.Second, Samples: 10, Series: 11}},
			TLS: &TLSConfig{CertFile: filepath.Join(dir, "tls/cert.pem"), KeyFile: filepath.Join(dir, "tls/key.pem"), MinVersion: "1.3", ClientCAFile: filepath.Join(dir, "tls/ca.pem")},
			Auth: AuthConfig{Mode: AuthOIDC, Session: SessionConfig{Idle: time.Hour, Absolute: 24 * time.Hour}, OIDC: &OIDCConfig{
				Issuer: "https://login.example.com", ClientID: "burnline", ClientSecretFile: filepath.Join(dir, "secrets/oidc"),
				RedirectURL: "https://burnline.example.com/oidc/callback", Name: "Example", Scopes: []string{"groups"}, NameClaim: "email", GroupsClaim: "roles",
				Roles: map[string]string{"sre": "admin", "*": "viewer"}, Teams: map[string]string{"shop": "payments"},
			}},
		}},
		{"data", c.Data, "/var/lib/burnline"},
		{"collector.otlp", c.Collector.OTLP, OTLPConfig{GRPC: "0.0.0.0:14317", HTTP: "0.0.0.0:14318",
			TLS: &TLSConfig{CertFile: filepath.Join(dir, "tls/cert.pem"), KeyFile: filepath.Join(dir, "tls/key.pem"), MinVersion: "1.2", ClientCAFile: filepath.Join(dir, "tls/ca.pem")}}},
		{"ingest", c.Ingest, IngestConfig{Auth: IngestRequired, TokenFiles: map[string]string{"edge": filepath.Join(dir, "secrets/edge")}}},
		{"collector.config", c.Collector.Config, filepath.Join(dir, "collector.yaml")},
		{"metrics.retention", c.Metrics.Retention, 720 * time.Hour},
		{"metrics.max_size", c.Metrics.MaxSize, StoreSize(10 << 30)},
		{"metrics.max_series", c.Metrics.MaxSeries, 500_000},
		{"write_url and query_url", r.WriteURL + " " + r.QueryURL, "http://mimir/api/v1/push http://mimir/prometheus"},
		{"headers", r.Headers["X-Scope-OrgID"], "team-a"},
		{"basic_auth", *r.BasicAuth, BasicAuthConfig{Username: "burnline", PasswordFile: filepath.Join(dir, "secrets/password")}},
		{"query_offset", r.QueryOffset, 15 * time.Second},
		{"traces", c.Traces, TracesConfig{Retention: 24 * time.Hour, MaxSize: 512 << 20, Hash: []string{"user.hash"}, Redact: []string{}}},
		{"impact", c.Impact, ImpactConfig{Customer: "customer.id", HashKeyFile: filepath.Join(dir, "secrets/customers"), Compare: []string{"region", "plan"},
			Region: "region", Journey: "journey", Currency: "EUR",
			Severity: []SeverityRule{{When: map[string]string{"tier": "1", "customers": ">= 100"}, Severity: "page"}}}},
		{"what is compared", c.Impact.compared(), []string{"region", "plan", "journey"}},
		{"what is hashed", c.hashedAttributes(), []string{"customer.id", "user.hash"}},
		{"state.dsn", c.State.DSN.Reveal(), "postgres://burnline:s3cret@db/burnline"},
		{"slos", c.SLOs, []string{filepath.Join(dir, "more"), filepath.Join(dir, "one.yaml")}},
		{"receivers[0].name", c.Alerting.Receivers[0].Name, "oncall"},
		{"routing_key_file", c.Alerting.Receivers[0].PagerDuty[0].RoutingKeyFile, filepath.Join(dir, "secrets/pd")},
		{"default url", c.Alerting.Receivers[0].PagerDuty[0].URL, "https://events.pagerduty.com/v2/enqueue"},
		{"own url", c.Alerting.Receivers[1].PagerDuty[0].URL, "https://events.eu.pagerduty.com/v2/enqueue"},
		{"route", c.Alerting.Route.Receiver, "oncall"},
	} {
		if !reflect.DeepEqual(test.got, test.want) {
			t.Errorf("%s = %v, want %v", test.key, test.got, test.want)
		}
	}
	var scrape []map[string]any
	if err := yaml.Unmarshal(c.ScrapeConfigs, &scrape); err != nil || len(scrape) != 1 || scrape[0]["job_name"] != "node" {
		t.Errorf("scrape_configs = %s (%v)", c.ScrapeConfigs, err)
	}
}

func TestEverythingWrongIsFoundAtOnce(t *testing.T) {
	path := writeConfig(t, `server: {listen: 9900, external_url: burnline.example.com, tls: {}}
data: ""
colector: {}
collector:
  otlp: {grpc: 127.0.0.1:1, http: 127.0.0.1:1}
  config: nowhere.yaml
metrics:
  retention: 5m
  max_size: 1
  remote:
    write_url: http://me:pw@mimir/push
    basic_auth: {username: me}
    bearer_token_file: token
traces: {retention: forever}
state: {dsn: "mysql://db", retention: 1h}
slos: [slos/]
rules: [""]
alerting:
  global: {resolve_timeout: 0s}
  receivers:
    - name: oncall
      wechat_configs: []
    - name: oncall
      pagerduty_configs: [{routing_key: short, severty: critical}]
    - pagerduty_configs: [{}]
  route: {receiver: nobody}
impact: {compare: ["", enduser.id], severity: [{when: {customers: "100"}, severity: ticket}, {severity: page}], currency: 3}
`)
	_, findings, err := LoadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(lines(findings, filepath.Dir(path)), "\n")
	want := strings.TrimSpace(`
burnline.yaml:1: server.listen: "9900" is no host:port; write one such as 127.0.0.1:9900
burnline.yaml:1: server.tls: it needs both cert_file and key_file; write both, or remove tls
burnline.yaml:1: server.external_url: it is no web address; write one such as https://burnline.example.com
burnline.yaml:2: data: the data folder has no name; write ./data
burnline.yaml:3: colector: unknown key "colector"; did you mean collector?
burnline.yaml:5: collector.otlp.http: 127.0.0.1:1 is the address of collector.otlp.grpc already; write another port
burnline.yaml:6: collector.config: nowhere.yaml does not exist; correct the path, or create it
burnline.yaml:8: metrics.retention: less than an hour is kept; write at least 1h, such as 72h or 100d
burnline.yaml:9: metrics.max_size: less than 16 MiB is kept; write a size such as 2GiB
burnline.yaml:10: metrics.remote.query_url: it is no web address; write one such as http://prometheus:9090
burnline.yaml:11: metrics.remote.write_url: it carries a user or password; write them as basic_auth, or leave them out
burnline.yaml:12: metrics.remote.basic_auth: it needs both username and password_file; write both, or remove basic_auth
burnline.yaml:13: metrics.remote.bearer_token_file: both basic_auth and bearer_token_file are given; keep one
burnline.yaml:14: traces.retention: "forever" is no duration; write one such as 300ms, 5m, 1h30m or 30d
burnline.yaml:15: state.dsn: only PostgreSQL has an address; write postgres://user@host/database, or leave it out for SQLite in the data folder
burnline.yaml:15: state.retention: less than a day is kept; write at least 1d, such as 400d, or 0s to keep everything
burnline.yaml:16: slos[0]: slos does not exist; correct the path, or create it
burnline.yaml:17: rules[0]: it is empty; write a file or folder
burnline.yaml:19: alerting.global.resolve_timeout: alerts can't end at once; write a duration such as 5m
`)
	if !strings.HasPrefix(got, want) {
		t.Errorf("findings:\n%s\nwant first:\n%s", got, want)
	}
	for _, rest := range []string{
		"burnline.yaml:22: alerting.receivers[0].wechat_configs: wechat_configs is not supported yet; ",
		"burnline.yaml:21: alerting.receivers[0]: note: the receiver tells nobody: what is routed to it is only recorded",
		`burnline.yaml:23: alerting.receivers[1].name: there is a receiver "oncall" already`,
		`burnline.yaml:24: alerting.receivers[1].pagerduty_configs[0].severty: unknown key "severty"`,
		"burnline.yaml:24: alerting.receivers[1].pagerduty_configs[0]: routing_key holds 5 characters",
		"burnline.yaml:25: alerting.receivers[2].name: the receiver has no name",
		"burnline.yaml:25: alerting.receivers[2].pagerduty_configs[0]: routing_key is missing",
		`burnline.yaml:26: alerting.route.receiver: there is no receiver "nobody"`,
		"burnline.yaml:27: impact.compare[0]: it is empty; write an attribute such as cloud.region",
		"burnline.yaml:27: impact.compare[1]: enduser.id is hashed or removed because it may name a person, and messages would show it; leave it out",
		`burnline.yaml:27: impact.severity[0].when.customers: "100" is no comparison; write ">= 100" or "> 100"`,
		`burnline.yaml:27: impact.severity[0].severity: a rule can't make it "ticket": it only raises tickets; write page`,
		`burnline.yaml:27: impact.currency: "3" is no currency; write its code of three capital letters (ISO 4217), such as EUR`,
		"burnline.yaml:27: impact.severity[1]: it has no condition",
	} {
		if !strings.Contains(got, rest) {
			t.Errorf("not found: %s\nin:\n%s", rest, got)
		}
	}
}

func TestAMissingFileCanNotBeLoaded(t *testing.T) {
	_, _, err := LoadConfig(filepath.Join(t.TempDir(), "burnline.yaml"))
	if err == nil || !strings.Contains(err.Error(), "read configuration") {
		t.Errorf("error = %v", err)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	var c Config
	c.State.DSN = "postgres://u:s3cret@h/d"
	c.Metrics.Remote = &RemoteConfig{Headers: SecretHeaders{"Authorization": "s3cret"}}
	var printed strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&printed, verb+"\n", c.State.DSN)
		fmt.Fprintf(&printed, verb+"\n", c.Metrics.Remote.Headers)
		fmt.Fprintf(&printed, verb+"\n", c)
		fmt.Fprintf(&printed, verb+"\n", *c.Metrics.Remote)
		fmt.Fprintf(&printed, verb+"\n", c.Metrics)
	}
	for _, v := range []any{c, c.State, c.Metrics} {
		text, err := json.Marshal(v)
		more, err2 := yaml.Marshal(v)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		printed.Write(append(text, more...))
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&printed, nil), slog.NewJSONHandler(&printed, nil)} {
		slog.New(handler).Info("configuration", "dsn", c.State.DSN, "headers", c.Metrics.Remote.Headers, "all", c)
	}
	hex := fmt.Sprintf("%x", "s3cret")
	if out := printed.String(); strings.Contains(out, "s3cret") || strings.Contains(out, hex) {
		t.Errorf("a secret was printed:\n%s", out)
	}
	if Secret("").String() != "" {
		t.Error("an empty secret looks set")
	}
}
