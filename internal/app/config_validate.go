package app

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"burnline/alerting/pagerduty"
	"burnline/slo"
)

func wrong(path, message, instead string) slo.Finding {
	return slo.Finding{Path: path, Level: slo.LevelError, Message: message, Instead: instead}
}

// Validate returns everything that is wrong with the values, each at its key;
// it has no lines, since a Config may come from no file. It does not look for
// files, except for PagerDuty's key.
func (c Config) Validate() slo.Findings {
	var findings slo.Findings
	findings = append(findings, c.addresses()...)
	if c.Server.ExternalURL != "" {
		findings = append(findings, webAddress("server.external_url", c.Server.ExternalURL, "https://burnline.example.com")...)
	}
	if c.Data == "" {
		findings = append(findings, wrong("data", "the data folder has no name", "write ./data"))
	}
	findings = append(findings, kept("metrics", c.Metrics.Retention, c.Metrics.MaxSize)...)
	findings = append(findings, kept("traces", c.Traces.Retention, c.Traces.MaxSize)...)
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
	for key, paths := range map[string][]string{"slos": c.SLOs, "rules": c.Rules} {
		for i, path := range paths {
			if path == "" {
				findings = append(findings, wrong(fmt.Sprintf("%s[%d]", key, i), "it is empty", "write a file or folder"))
			}
		}
	}
	return append(findings, c.Alerting.validate()...)
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

// webAddress checks an address that must be http or https and hold no password.
func webAddress(key, value, example string) slo.Findings {
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return slo.Findings{wrong(key, "it is no web address", "write one such as "+example)}
	case u.User != nil:
		return slo.Findings{wrong(key, "it carries a user or password", "write them as basic_auth, or leave them out")}
	}
	return nil
}

// kept checks how long and how much a store keeps.
func kept(key string, retention time.Duration, size int64) slo.Findings {
	var findings slo.Findings
	if retention < time.Hour {
		findings = append(findings, wrong(key+".retention", "less than an hour is kept", "write at least 1h, such as 72h or 100d"))
	}
	if size != 0 && size < 16<<20 {
		findings = append(findings, wrong(key+".max_size", "less than 16 MiB is kept", "write a size such as 2GiB"))
	}
	return findings
}

func (r RemoteConfig) validate() slo.Findings {
	const key = "metrics.remote"
	findings := webAddress(key+".write_url", r.WriteURL, "http://prometheus:9090/api/v1/write")
	findings = append(findings, webAddress(key+".query_url", r.QueryURL, "http://prometheus:9090")...)
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

func (a AlertingConfig) validate() slo.Findings {
	findings := webAddress("alerting.global.pagerduty_url", a.Global.PagerDutyURL, pagerduty.DefaultURL)
	names := map[string]bool{}
	for i, r := range a.Receivers {
		key := fmt.Sprintf("alerting.receivers[%d]", i)
		switch {
		case r.Name == "":
			findings = append(findings, wrong(key+".name", "the receiver has no name", "write a name such as oncall"))
		case names[r.Name]:
			findings = append(findings, wrong(key+".name", fmt.Sprintf("there is a receiver %q already", r.Name), "give it another name, or join the two"))
		}
		names[r.Name] = true
		if len(r.PagerDuty) == 0 {
			f := wrong(key, "the receiver tells nobody", "write pagerduty_configs")
			f.Level = slo.LevelWarning
			findings = append(findings, f)
		}
		for j, p := range r.PagerDuty {
			findings = append(findings, pagerDuty(fmt.Sprintf("%s.pagerduty_configs[%d]", key, j), p)...)
		}
	}
	switch receiver := a.Route.Receiver; {
	case receiver == "" && len(a.Receivers) > 1:
		findings = append(findings, wrong("alerting.route.receiver", "there are several receivers and none is named", "write the name of one"))
	case receiver != "" && !names[receiver]:
		findings = append(findings, wrong("alerting.route.receiver", fmt.Sprintf("there is no receiver %q", receiver), "write the name of one under receivers"))
	}
	return findings
}

// pagerDuty turns the joined errors of an integration into findings.
func pagerDuty(key string, c pagerduty.Config) slo.Findings {
	err := c.Validate()
	if err == nil {
		return nil
	}
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	var findings slo.Findings
	for _, e := range all {
		findings = append(findings, wrong(key, e.Error(), ""))
	}
	return findings
}
