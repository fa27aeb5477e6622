package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"burnline/internal/auth"
	"burnline/internal/ingest"
	"burnline/slo"
)

// IngestAuth says whether senders of telemetry and alerts have to say who they are.
type IngestAuth string

// The ways. Without one it is open on the loopback interface, and refused elsewhere.
const (
	// IngestRequired takes nothing without a token or a client certificate, on every port.
	IngestRequired IngestAuth = "required"
	// IngestOpen lets everybody send who reaches the OTLP ports.
	IngestOpen IngestAuth = "open"
)

// IngestConfig says who may send telemetry, alerts and changes.
type IngestConfig struct {
	Auth IngestAuth `yaml:"auth"`
	// TokenFiles hold tokens beside those that are made by Burnline, by the name of their sender.
	TokenFiles map[string]string `yaml:"token_files"`
}

// networked are the OTLP addresses that others than this machine reach.
func (o OTLPConfig) networked() (all []string) {
	for _, address := range []string{o.GRPC, o.HTTP} {
		if !auth.Loopback(address) {
			all = append(all, address)
		}
	}
	return all
}

// validateIngest checks who may send telemetry and alerts, and by what.
func (c Config) validateIngest() slo.Findings {
	in, otlp := c.Ingest, c.Collector.OTLP
	findings := otlp.TLS.validate("collector.otlp.tls")
	asked := in.Auth == IngestRequired
	if !slices.Contains([]IngestAuth{"", IngestRequired, IngestOpen}, in.Auth) {
		return append(findings, wrong("ingest.auth", "there is no way "+string(in.Auth), "write required or open, or leave it out"))
	}
	if reached := strings.Join(otlp.networked(), " and "); reached != "" {
		switch {
		case in.Auth == "":
			findings = append(findings, wrong("ingest.auth", reached+": reached from the network, and nobody who sends has to say who it is: whoever reaches that could hide an outage or make one up",
				"write ingest: {auth: required} and run burnline tokens create NAME --scope ingest, or let collector.otlp listen on 127.0.0.1; ingest: {auth: open} leaves it open, for a network where you trust everybody. docs/access.md has the rest"))
		case in.Auth == IngestOpen:
			findings = append(findings, slo.Finding{Path: "ingest.auth", Level: slo.LevelWarning,
				Message: reached + ": open, so that whoever reaches that can hide an outage or make one up", Instead: "write ingest: {auth: required} and give senders tokens"})
		case otlp.TLS == nil:
			findings = append(findings, slo.Finding{Path: "collector.otlp.tls", Level: slo.LevelWarning,
				Message: "tokens of senders go over the network unencrypted", Instead: "write collector.otlp.tls, unless something before it speaks TLS"})
		}
	}
	if t := otlp.TLS; t != nil && t.ClientCAFile != "" && !asked {
		findings = append(findings, wrong("collector.otlp.tls.client_ca_file", "nobody is asked for a certificate", "write ingest: {auth: required}"))
	}
	everywhere := asked || c.Server.Auth.SignIn()
	if t := c.Server.TLS; t != nil && t.ClientCAFile != "" && !everywhere {
		findings = append(findings, wrong("server.tls.client_ca_file", "nobody is asked for a certificate", "write ingest: {auth: required}, or server.auth"))
	}
	if len(in.TokenFiles) > 0 && !everywhere {
		findings = append(findings, wrong("ingest.token_files", "nobody is asked for a token", "write ingest: {auth: required}"))
	}
	return append(findings, in.validateFiles()...)
}

// validateFiles checks the files of tokens, as far as they are there.
func (c IngestConfig) validateFiles() slo.Findings {
	var findings slo.Findings
	for _, name := range slices.Sorted(maps.Keys(c.TokenFiles)) {
		key, path := "ingest.token_files."+name, c.TokenFiles[name]
		switch {
		case name == "" || len(name) > 100:
			findings = append(findings, wrong("ingest.token_files", fmt.Sprintf("%.40q can't be the name of a sender", name), "write such as collector"))
		case path == "" || !exists(path):
			findings = append(findings, wrong(key, fmt.Sprintf("%q does not exist", path), "name a file with a token, made by openssl rand -hex 32"))
		default:
			if _, err := ingest.ReadTokens(path); err != nil {
				findings = append(findings, wrong(key, err.Error(), "write one token a line"))
			}
		}
	}
	return findings
}
