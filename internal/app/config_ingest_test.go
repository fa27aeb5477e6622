package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWhoMaySendIsCheckedBeforeAnythingStarts(t *testing.T) {
	const network, tls = "collector: {otlp: {grpc: 0.0.0.0:4317, http: ':4318'", ", tls: {cert_file: c.pem, key_file: k.pem}"
	for _, c := range []struct {
		name, file string
		// want are parts of what is found; none where nothing is.
		want []string
	}{
		{"the loopback interface is open without configuration", "collector: {otlp: {grpc: 'localhost:4317', http: '[::1]:4318'}}", nil},
		{"the network is refused, and what to write is said", network + "}}", []string{
			"ingest.auth: 0.0.0.0:4317 and :4318: reached from the network", "ingest: {auth: required}", "burnline tokens create NAME --scope ingest", "ingest: {auth: open}"}},
		{"one port is enough for that", "collector: {otlp: {grpc: 10.0.0.7:4317}}", []string{"ingest.auth: 10.0.0.7:4317: reached"}},
		{"open is a choice with a warning", network + "}}\ningest: {auth: open}", []string{"ingest.auth: warning: 0.0.0.0:4317 and :4318: open, so that whoever reaches that can hide an outage"}},
		{"on loopback it needs none", "ingest: {auth: open}", nil},
		{"tokens without TLS are worth a warning", network + "}}\ningest: {auth: required}", []string{"collector.otlp.tls: warning: tokens of senders go over the network unencrypted"}},
		{"with TLS there is none", network + tls + "}}\ningest: {auth: required}", nil},
		{"on loopback senders may be asked too", "ingest: {auth: required}", nil},
		{"a way that there is not", "ingest: {auth: oauth}", []string{"ingest.auth: there is no way oauth", "write required or open"}},
		{"half a certificate", "collector: {otlp: {tls: {key_file: k.pem, min_version: '1.1'}}}", []string{"collector.otlp.tls: it needs both", "collector.otlp.tls.min_version: TLS 1.1 is not spoken"}},
		{"files that are not there", "ingest: {auth: required, token_files: {edge: none}}\ncollector: {otlp: {tls: {cert_file: a, key_file: k.pem, client_ca_file: b}}}",
			[]string{"ingest.token_files.edge", "none\" does not exist", "collector.otlp.tls.cert_file", "collector.otlp.tls.client_ca_file"}},
		{"a file with no token in it", "ingest: {auth: required, token_files: {edge: c.pem}}", []string{"ingest.token_files.edge", "c.pem:1: a token has at least 24 characters"}},
		{"a name that is none", "ingest: {auth: required, token_files: {'': c.pem}}", []string{`"" can't be the name of a sender`}},
		{"certificates that nobody is asked for", "collector: {otlp: {tls: {cert_file: c.pem, key_file: k.pem, client_ca_file: c.pem}}}\nserver: {tls: {cert_file: c.pem, key_file: k.pem, client_ca_file: c.pem}}",
			[]string{"collector.otlp.tls.client_ca_file: nobody is asked", "server.tls.client_ca_file: nobody is asked"}},
		{"tokens that nobody is asked for", "ingest: {token_files: {edge: token}}", []string{"ingest.token_files: nobody is asked for a token"}},
		{"where people sign in, senders to that port are asked", "ingest: {token_files: {edge: token}}\nserver: {auth: {mode: local}, tls: {cert_file: c.pem, key_file: k.pem, client_ca_file: c.pem}}", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeConfig(t, c.file+"\n")
			for name, text := range map[string]string{"c.pem": "x", "k.pem": "x", "token": "0123456789abcdef01234567"} {
				if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			finds(t, path, c.want)
		})
	}
}
