package app

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"burnline/alerting/reviews"
	"burnline/internal/yamlconf"
	"burnline/slo"
)

func wrong(path, message, instead string) slo.Finding {
	return slo.Finding{Path: path, Level: slo.LevelError, Message: message, Instead: instead}
}

// Validate returns everything that is wrong with the values, each at its key;
// it has no lines, since a Config may come from no file. It does not look for
// files. What is under alerting is checked by package alertconf.
func (c Config) Validate() slo.Findings {
	var findings slo.Findings
	findings = append(findings, c.addresses()...)
	findings = append(findings, c.Server.Limits.validate()...)
	findings = append(findings, c.Server.validate()...)
	findings = append(findings, c.validateIngest()...)
	if c.Server.ExternalURL != "" {
		findings = append(findings, yamlconf.WebAddress("server.external_url", c.Server.ExternalURL, "https://burnline.example.com")...)
	}
	if c.Data == "" {
		findings = append(findings, wrong("data", "the data folder has no name", "write ./data"))
	}
	findings = append(findings, bounds("metrics", c.Metrics.Retention, c.Metrics.MaxSize)...)
	findings = append(findings, bounds("traces", c.Traces.Retention, c.Traces.MaxSize)...)
	findings = append(findings, attributes("traces.hash", c.Traces.Hash)...)
	findings = append(findings, attributes("traces.redact", c.Traces.Redact)...)
	findings = append(findings, c.validateImpact()...)
	findings = append(findings, c.Reviews.validate()...)
	findings = append(findings, c.Backup.validate(c.Data)...)
	findings = append(findings, c.StatusPage.validate()...)
	_, reports := c.Reports.read()
	findings = append(findings, reports...)
	if c.Metrics.MaxSeries < 0 {
		findings = append(findings, wrong("metrics.max_series", "less than none can't be", "write a number such as 2000000, or 0 for no bound"))
	}
	if c.Metrics.Remote != nil {
		findings = append(findings, c.Metrics.Remote.validate()...)
	}
	if dsn := c.State.DSN.Reveal(); dsn != "" && !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		findings = append(findings, wrong("state.dsn", "only PostgreSQL has an address",
			"write postgres://user@host/database, or leave it out for SQLite in the data folder"))
	}
	for key, kept := range map[string]time.Duration{"state.retention": c.State.Retention, "state.alert_retention": c.State.AlertRetention} {
		if kept != 0 && kept < 24*time.Hour {
			findings = append(findings, wrong(key, "less than a day is kept", "write at least 1d, such as 400d, or 0s to keep everything"))
		}
	}
	for key, paths := range map[string][]string{"slos": c.SLOs, "rules": c.Rules} {
		for i, path := range paths {
			if path == "" {
				findings = append(findings, wrong(fmt.Sprintf("%s[%d]", key, i), "it is empty", "write a file or folder"))
			}
		}
	}
	return findings
}

// validate checks when it is night.
func (c ReviewsConfig) validate() slo.Findings {
	var findings slo.Findings
	if _, err := reviews.ParseNight(c.Night, time.UTC); err != nil {
		findings = append(findings, wrong("reviews.night", fmt.Sprintf("%.40q is no night", c.Night), "write it as 22:00-07:00"))
	}
	if _, err := time.LoadLocation(c.Timezone); err != nil || c.Timezone == "Local" {
		findings = append(findings, wrong("reviews.timezone", fmt.Sprintf("%.40q is no time zone", c.Timezone), "write an IANA name such as Europe/Berlin"))
	}
	return findings
}

// attributes checks a list of names of attributes.
func attributes(key string, names []string) slo.Findings {
	var findings slo.Findings
	for i, name := range names {
		if name == "" || name == "service.name" {
			findings = append(findings, wrong(fmt.Sprintf("%s[%d]", key, i), fmt.Sprintf("%q names no attribute that can be kept back", name),
				"write one such as user.email"))
		}
	}
	return findings
}

// addresses checks what is listened on.
func (c Config) addresses() slo.Findings {
	var findings slo.Findings
	taken := map[string]string{}
	for _, a := range []struct{ key, value, example string }{
		{"server.listen", c.Server.Listen, "127.0.0.1:9900"},
		{"collector.otlp.grpc", c.Collector.OTLP.GRPC, "127.0.0.1:4317"},
		{"collector.otlp.http", c.Collector.OTLP.HTTP, "127.0.0.1:4318"},
	} {
		_, port, err := net.SplitHostPort(a.value)
		number, bad := strconv.ParseUint(port, 10, 16)
		switch {
		case err != nil || bad != nil:
			findings = append(findings, wrong(a.key, fmt.Sprintf("%q is no host:port", a.value), "write one such as "+a.example))
		case taken[a.value] != "":
			findings = append(findings, wrong(a.key, a.value+" is the address of "+taken[a.value]+" already", "write another port"))
		case number != 0: // port 0 is a free one
			taken[a.value] = a.key
		}
	}
	return findings
}

// bounds checks how long and how much a store keeps.
func bounds(key string, retention time.Duration, size StoreSize) slo.Findings {
	var findings slo.Findings
	if retention < time.Hour {
		findings = append(findings, wrong(key+".retention", "less than an hour is kept", "write at least 1h, such as 72h or 100d"))
	}
	if size > 0 && size < leastKept {
		findings = append(findings, wrong(key+".max_size", "less than 16 MiB is kept", "write a size such as 2GiB"))
	}
	return findings
}

func (r RemoteConfig) validate() slo.Findings {
	const key = "metrics.remote"
	findings := yamlconf.WebAddress(key+".write_url", r.WriteURL, "http://prometheus:9090/api/v1/write")
	findings = append(findings, yamlconf.WebAddress(key+".query_url", r.QueryURL, "http://prometheus:9090")...)
	if b := r.BasicAuth; b != nil {
		if b.Username == "" || b.PasswordFile == "" {
			findings = append(findings, wrong(key+".basic_auth", "it needs both username and password_file", "write both, or remove basic_auth"))
		}
		if r.BearerTokenFile != "" {
			findings = append(findings, wrong(key+".bearer_token_file", "both basic_auth and bearer_token_file are given", "keep one"))
		}
	}
	if r.QueryOffset < 0 || r.QueryOffset > time.Hour {
		findings = append(findings, wrong(key+".query_offset", "reads can't lag by that much", "write 0s to 1h"))
	}
	return findings
}
