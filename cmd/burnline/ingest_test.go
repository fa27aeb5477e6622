package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"

	"burnline/internal/harness/authority"
	"burnline/internal/harness/pagerduty"
)

// feeder sends by every way that there is, with TLS.
type feeder struct {
	s    *story
	over *tls.Config
}

// gauge is an OTLP request of one point.
func gauge(name string) pmetricotlp.ExportRequest {
	md := pmetric.NewMetrics()
	m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName(name)
	point := m.SetEmptyGauge().DataPoints().AppendEmpty()
	point.SetTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	point.SetIntValue(1)
	return pmetricotlp.NewExportRequestFromMetrics(md)
}

// posts posts by HTTP and returns the status; 0 where TLS refused.
func (f feeder) posts(url, kind, authorization string, body []byte) int {
	f.s.t.Helper()
	code, _ := f.asks(http.MethodPost, url, kind, authorization, body)
	return code
}

// asks asks by HTTP and returns status and answer; 0 where TLS refused.
func (f feeder) asks(method, url, kind, authorization string, data []byte) (int, string) {
	f.s.t.Helper()
	req, err := http.NewRequestWithContext(f.s.soon(), method, url, bytes.NewReader(data))
	if err != nil {
		f.s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if kind == "application/x-protobuf" && strings.HasSuffix(url, "/write") {
		req.Header.Set("Content-Encoding", "snappy")
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	transport := &http.Transport{TLSClientConfig: f.over, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(resp.Body) // one that is refused early may be cut off
	return resp.StatusCode, string(text)
}

// calls calls by gRPC and returns what its answer is over HTTP.
func (f feeder) calls(authorization string) int {
	t := f.s.t
	t.Helper()
	conn, err := grpc.NewClient("passthrough:"+f.s.grpc, grpc.WithTransportCredentials(credentials.NewTLS(f.over)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ctx := f.s.soon()
	if authorization != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", authorization)
	}
	_, err = pmetricotlp.NewGRPCClient(conn).Export(ctx, gauge("by_grpc"))
	switch code := grpcstatus.Code(err); code {
	case codes.OK:
		return 200
	case codes.Unauthenticated:
		return 401
	case codes.PermissionDenied:
		return 403
	case codes.Unavailable:
		return 0
	default:
		t.Fatal(err)
		return -1
	}
}

// all sends by every way.
func (f feeder) all(authorization string) map[string]int {
	f.s.t.Helper()
	const protobuf, asJSON = "application/x-protobuf", "application/json"
	points, err := gauge("by_http").MarshalProto()
	if err != nil {
		f.s.t.Fatal(err)
	}
	web := "https://" + f.s.web
	answers := map[string]int{
		"OTLP by gRPC":           f.calls(authorization),
		"OTLP by HTTP":           f.posts("https://"+f.s.otlp+"/v1/metrics", protobuf, authorization, points),
		"OTLP by the web's port": f.posts(web+"/prometheus/api/v1/otlp/v1/metrics", protobuf, authorization, points),
		"remote write":           f.posts(web+"/prometheus/api/v1/write", protobuf, authorization, snappy.Encode(nil, nil)),
		"alerts":                 f.posts(web+"/alertmanager/api/v2/alerts", asJSON, authorization, []byte(`[]`)),
		"changes":                f.posts(web+"/api/v1/changes", asJSON, authorization, []byte(`{"service":"shop","title":"2.0","kind":"deploy"}`)),
	}
	for way, code := range answers {
		if code/100 == 2 {
			answers[way] = 200
		}
	}
	return answers
}

// makes makes a token in the folder of a server that does not run.
func (s *story) makes(name string, args ...string) (secret, id string) {
	s.t.Helper()
	out := s.inFolder(append([]string{"tokens", "create", name, "-o", "json"}, args...)...)
	var made struct{ Secret, ID string }
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		s.t.Fatalf("%s: %v", out, err)
	}
	return made.Secret, made.ID
}

// inFolder runs a command beside a server that does not run.
func (s *story) inFolder(args ...string) string {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append(args, "--config", filepath.Join(s.dir, "burnline.yaml"))
	if code := run(s.soon(), args, strings.NewReader(""), &stdout, &stderr); code != 0 {
		s.t.Fatalf("burnline %s ended with %d: %s%s", strings.Join(args, " "), code, &stdout, &stderr)
	}
	return stdout.String()
}

// TestAServerOnAllAddressesTakesWhatSignedSendersSend asks every way in with everything that a sender can show.
func TestAServerOnAllAddressesTakesWhatSignedSendersSend(t *testing.T) {
	t.Parallel()
	s := newPlace(t, pagerduty.Options{})
	ours, others := authority.New(t), authority.New(t)
	ours.Write(s.dir, "burnline")
	s.write("edge.token", "of-a-file-0123456789abcdef\n")
	everywhere := func(address string) string { return strings.Replace(address, "127.0.0.1", "0.0.0.0", 1) }
	const files = "tls: {cert_file: burnline.pem, key_file: burnline.key, client_ca_file: ca.pem}"
	s.write("burnline.yaml", `
server: {listen: "`+everywhere(s.web)+`", auth: {mode: local}, `+files+`}
collector: {otlp: {grpc: "`+everywhere(s.grpc)+`", http: "`+everywhere(s.otlp)+`", `+files+`}}
ingest: {auth: required, token_files: {edge: edge.token}}
`)
	s.inFolder("users", "add", "ada", "--role", "admin")
	right, _ := s.makes("collector", "--scope", "ingest")
	reads, _ := s.makes("grafana", "--scope", "read", "--scope", "admin")
	expired, _ := s.makes("expired", "--scope", "ingest", "--for", "1ms")
	revoked, id := s.makes("revoked", "--scope", "ingest")
	s.inFolder("tokens", "revoke", id)

	if err := s.server.Start(); err != nil {
		t.Fatal(err)
	}
	s.eventually("the server is ready, and says who may send", func() bool {
		return strings.Contains(s.server.Output(), "Burnline is ready.") &&
			strings.Contains(s.server.Output(), "Who sends telemetry or alerts brings a token or a certificate.")
	})

	with := func(certificates ...tls.Certificate) feeder {
		return feeder{s, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: "localhost", RootCAs: ours.Pool(), Certificates: certificates}}
	}
	if err := os.Remove(filepath.Join(s.dir, "edge.token")); err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(time.Hour)
	for _, c := range []struct {
		name          string
		by            feeder
		authorization string
		want          int
	}{
		{"no token", with(), "", 401},
		{"a wrong token", with(), "Bearer bln_wrong", 401},
		{"an expired token", with(), "Bearer " + expired, 401},
		{"a revoked token", with(), "Bearer " + revoked, 401},
		{"a token for something else", with(), "Bearer " + reads, 403},
		{"the right token", with(), "Bearer " + right, 200},
		{"a token of a file", with(), "Bearer of-a-file-0123456789abcdef", 200},
		{"a certificate of the authority", with(ours.Sign("edge", until)), "", 200},
		{"a certificate of another authority", with(others.Sign("edge", until)), "", 0},
	} {
		for way, got := range c.by.all(c.authorization) {
			if got != c.want {
				t.Errorf("%s, %s: %d, want %d", way, c.name, got, c.want)
			}
		}
	}
	s.eventually("the doctor tells once of the file of tokens that is gone", func() bool {
		_, found := with().asks(http.MethodGet, "https://"+s.web+"/api/v1/doctor", "", "Bearer "+reads, nil)
		return strings.Contains(found, "tokens of edge") && strings.Count(found, "edge.token") == 1
	})
	// Who sent is visible, no secret is, and with a certificate alone nothing is read.
	if got := with(ours.Sign("edge", until)).posts("https://"+s.web+"/api/v1/silences/preview", "application/json", "", nil); got != 401 {
		t.Errorf("a certificate lets to more than feeding: %d", got)
	}
	for _, secret := range []string{right, reads, expired, revoked, "of-a-file"} {
		if strings.Contains(s.server.Output(), secret) {
			t.Error("a token is in the log")
		}
	}
}
