package app

import (
	"slices"
	"time"

	"burnline/alerting/reviews"
	"burnline/internal/alertconf"
	"burnline/internal/yamlconf"
)

// Config is burnline.yaml. Every key is optional; DefaultConfig has the
// defaults. docs/configuration.md explains each key.
type Config struct {
	Server    ServerConfig    `yaml:"server"`
	Data      string          `yaml:"data"`
	Collector CollectorConfig `yaml:"collector"`
	// Ingest says who may send telemetry and alerts.
	Ingest IngestConfig `yaml:"ingest"`
	// ScrapeConfigs are Prometheus' own scrape configs, kept as YAML.
	ScrapeConfigs yamlconf.Raw  `yaml:"scrape_configs"`
	Metrics       MetricsConfig `yaml:"metrics"`
	Traces        TracesConfig  `yaml:"traces"`
	State         StateConfig   `yaml:"state"`
	Impact        ImpactConfig  `yaml:"impact"`
	Reviews       ReviewsConfig `yaml:"reviews"`
	// Backup says where backups go.
	Backup BackupConfig `yaml:"backup"`
	SLOs   []string     `yaml:"slos"`
	// Rules are users' own Prometheus rule files, and folders of them.
	Rules []string `yaml:"rules"`
	// Reports says by which clock reports are cut, and who gets them.
	Reports ReportsConfig `yaml:"reports"`
	// Alerting says who is told of incidents, in Alertmanager's words.
	Alerting alertconf.Config `yaml:"alerting"`

	// StatusPage is what customers read; without journeys there is none.
	StatusPage StatusPageConfig `yaml:"status_page"`

	// Dir is the folder of the file, which relative paths start from; all paths of
	// this struct already do. "" is the working directory.
	Dir string `yaml:"-"`
	// MissingSLOs is the default SLO folder while it does not exist; SLOs is then
	// empty, and the folder is worth watching for. Else "".
	MissingSLOs string `yaml:"-"`
	// DiskSize is that of the disk that the data folder lies on, in bytes; 0 where it can't be told.
	DiskSize int64 `yaml:"-"`
}

// ServerConfig says where the UI and the APIs listen, and how people reach them.
type ServerConfig struct {
	// Listen is host:port.
	Listen string `yaml:"listen"`
	// ExternalURL is what links in pages begin with; "" derives it from Listen.
	ExternalURL string `yaml:"external_url"`
	// Limits bound what it takes on.
	Limits LimitsConfig `yaml:"limits"`
	// TLS is the certificate to serve by; nil serves plain HTTP.
	TLS *TLSConfig `yaml:"tls"`
	// Auth says who gets in.
	Auth AuthConfig `yaml:"auth"`
	// TrustedProxies are addresses and networks whose X-Forwarded-For is believed.
	TrustedProxies []string `yaml:"trusted_proxies"`
}

// CollectorConfig says how telemetry comes in.
type CollectorConfig struct {
	OTLP OTLPConfig `yaml:"otlp"`
	// Config is a file of OpenTelemetry Collector YAML that replaces the built-in
	// pipeline; "" keeps it.
	Config string `yaml:"config"`
}

// OTLPConfig says where OTLP is taken, each as host:port.
type OTLPConfig struct {
	GRPC string `yaml:"grpc"`
	HTTP string `yaml:"http"`
	// TLS is the certificate to take it by; nil takes it plain.
	TLS *TLSConfig `yaml:"tls"`
}

// MetricsConfig says where metrics are kept.
type MetricsConfig struct {
	// Retention and MaxSize bound the embedded store.
	Retention time.Duration `yaml:"retention"`
	MaxSize   StoreSize     `yaml:"max_size"`
	// MaxSeries bounds the series with recent samples, each of which takes memory,
	// about a gigabyte a million; 0 is no bound.
	MaxSeries int `yaml:"max_series"`
	// Remote replaces the embedded store; nil keeps it.
	Remote *RemoteConfig `yaml:"remote"`
}

// RemoteConfig is a backend that takes remote write and answers the Prometheus
// HTTP API.
type RemoteConfig struct {
	// WriteURL takes remote write; QueryURL is what stands before /api/v1/query.
	WriteURL string `yaml:"write_url"`
	QueryURL string `yaml:"query_url"`
	// Headers are sent with every request.
	Headers SecretHeaders `yaml:"headers"`
	// BasicAuth and BearerTokenFile are ways to sign in, at most one of them.
	BasicAuth       *BasicAuthConfig `yaml:"basic_auth"`
	BearerTokenFile string           `yaml:"bearer_token_file"`
	// QueryOffset is how far the backend's reads lag behind its writes.
	QueryOffset time.Duration `yaml:"query_offset"`
}

// BasicAuthConfig is a user and the file that holds the password.
type BasicAuthConfig struct {
	Username     string `yaml:"username"`
	PasswordFile string `yaml:"password_file"`

	_ yamlconf.NotYet `keys:"password" instead:"write password_file"`
}

// TracesConfig bounds the kept traces by age and size in bytes, and says what of them is
// never kept.
type TracesConfig struct {
	Retention time.Duration `yaml:"retention"`
	MaxSize   StoreSize     `yaml:"max_size"`
	// Hash are attributes whose values are stored as keyed hashes; Impact.Customer is
	// always one of them. Redact are attributes that are removed.
	Hash   []string `yaml:"hash"`
	Redact []string `yaml:"redact"`
}

// ImpactConfig says how it is found out whom an incident hurts.
type ImpactConfig struct {
	// Customer is the attribute of spans that names the customer; "" where none does.
	Customer string `yaml:"customer"`
	// Compare are the attributes of spans and resources by which it is found out where it
	// fails; Region and Journey are always among them. Of two that say the same the earlier is
	// named.
	Compare []string `yaml:"compare"`
	// Region and Journey are the attributes that say where and doing what customers were; ""
	// where none does.
	Region  string `yaml:"region"`
	Journey string `yaml:"journey"`
	// Currency is that of the prices of failed events, such as EUR.
	Currency string `yaml:"currency"`
	// Severity are the rules by which a ticket rises to a page for what it does to customers.
	Severity []SeverityRule `yaml:"severity"`
	// HashKeyFile holds the key that customer ids are hashed with; "" is a file in the data
	// folder, made at the first start.
	HashKeyFile string `yaml:"hash_key_file"`
}

// SeverityRule raises a ticket to a page when all of its conditions hold.
type SeverityRule struct {
	// When are conditions by name: customers with a comparison such as ">= 100"; service, team,
	// journey, and labels of the SLO such as tier with their value.
	When map[string]string `yaml:"when"`
	// Severity is page: rules never lower one.
	Severity string `yaml:"severity"`
}

// compared are all attributes that are compared.
func (c ImpactConfig) compared() []string {
	all := slices.Clone(c.Compare)
	for _, more := range []string{c.Region, c.Journey} {
		if more != "" && !slices.Contains(all, more) {
			all = append(all, more)
		}
	}
	return all
}

// DefaultCompared are attributes by which OpenTelemetry's conventions tell where and of what
// something is.
func DefaultCompared() []string {
	return []string{
		"cloud.region", "service.version", "http.route", "rpc.method", "deployment.environment.name", "k8s.cluster.name",
		"cloud.availability_zone", "customer.tier",
	}
}

// DefaultHashed are the attributes by which OpenTelemetry's conventions name a person.
func DefaultHashed() []string { return []string{"enduser.id", "enduser.pseudo.id", "user.id"} }

// DefaultRedacted are attributes that hold what signs somebody in, or who somebody is.
func DefaultRedacted() []string {
	return []string{
		"http.request.header.authorization", "http.request.header.cookie", "http.response.header.set-cookie",
		"user.email", "user.full_name", "user.name",
	}
}

// ReviewsConfig says when pages wake people, for the review of a week.
type ReviewsConfig struct {
	// Night is such as 22:00-07:00, by the clock of Timezone, an IANA name. A team with a time zone of its own
	// has its own night.
	Night    string `yaml:"night"`
	Timezone string `yaml:"timezone"`
}

// night reads what Validate has checked.
func (c ReviewsConfig) night() (reviews.Night, error) {
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return reviews.Night{}, err
	}
	return reviews.ParseNight(c.Night, zone)
}

// StateConfig says where incidents and the outbox are kept, and for how long.
type StateConfig struct {
	// DSN is a postgres:// address; "" is an SQLite file in the data folder.
	DSN Secret `yaml:"dsn"`
	// Retention is how long incidents are kept after they closed, and AlertRetention how long
	// outside alerts are after they ended and their groups closed; 0 is for good.
	Retention      time.Duration `yaml:"retention"`
	AlertRetention time.Duration `yaml:"alert_retention"`
}

// DefaultConfig returns what holds without a file: everything embedded, on the
// loopback interface, with data in ./data and SLOs in ./slos.
func DefaultConfig() Config {
	return Config{
		Server:    ServerConfig{Listen: "127.0.0.1:9900", Auth: DefaultAuthConfig(), Limits: defaultLimits()},
		Data:      "data",
		Collector: CollectorConfig{OTLP: OTLPConfig{GRPC: "127.0.0.1:4317", HTTP: "127.0.0.1:4318"}},
		Metrics:   MetricsConfig{Retention: 100 * 24 * time.Hour, MaxSize: AutoSize, MaxSeries: 2_000_000},
		Traces:    TracesConfig{Retention: 72 * time.Hour, MaxSize: AutoSize, Hash: DefaultHashed(), Redact: DefaultRedacted()},
		Impact:    ImpactConfig{Customer: "enduser.id", Compare: DefaultCompared(), Region: "cloud.region"},
		State:     StateConfig{Retention: 400 * 24 * time.Hour, AlertRetention: 30 * 24 * time.Hour},
		Reviews:   ReviewsConfig{Night: reviews.DefaultNight().String(), Timezone: "UTC"},
		Backup:    defaultBackup(),
		SLOs:      []string{"slos"},
		Reports:   ReportsConfig{Timezone: "UTC"},
		Alerting:  alertconf.DefaultConfig(),

		StatusPage: DefaultStatusPage(),
	}
}
