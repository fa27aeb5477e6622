package collector

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"burnline/internal/auth"
	"burnline/internal/auth/authtest"
	"burnline/internal/harness/authority"
	gates "burnline/internal/ingest"
)

// oneCounter is a request with one point.
func oneCounter() pmetricotlp.ExportRequest {
	md := pmetric.NewMetrics()
	m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("sent")
	point := m.SetEmptyGauge().DataPoints().AppendEmpty()
	point.SetTimestamp(pcommon.NewTimestampFromTime(noon))
	point.SetIntValue(1)
	return pmetricotlp.NewExportRequestFromMetrics(md)
}

// sender sends by one transport, and says how it was answered.
type sender struct {
	grpc *grpc.ClientConn
	http *http.Client
	url  string
}

// newSender speaks TLS with a certificate of its own, or without one.
func newSender(t *testing.T, r *running, over *tls.Config) sender {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:"+r.Endpoints().GRPC, grpc.WithTransportCredentials(credentials.NewTLS(over)))
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: over, ForceAttemptHTTP2: true}
	t.Cleanup(func() { _ = conn.Close(); transport.CloseIdleConnections() })
	return sender{conn, &http.Client{Transport: transport}, "https://" + r.Endpoints().HTTP + "/v1/metrics"}
}

func (s sender) overGRPC(t *testing.T, authorization string) (codes.Code, string) {
	t.Helper()
	ctx := t.Context()
	if authorization != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", authorization)
	}
	_, err := pmetricotlp.NewGRPCClient(s.grpc).Export(ctx, oneCounter())
	return status.Code(err), status.Convert(err).Message()
}

func (s sender) overHTTP(t *testing.T, authorization string) (code int, text string, header http.Header) {
	t.Helper()
	body, err := oneCounter().MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer), resp.Header
}

// newGate is a gate by the clock of now, and who knows its tokens.
func newGate(t *testing.T, store auth.Store) (*auth.Keeper, *gates.Gate) {
	t.Helper()
	keeper, err := auth.NewKeeper(auth.Options{Store: store, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := gates.New(gates.Options{Keeper: keeper, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return keeper, gate
}

func TestOnlyWhoShowsATokenOrACertificateSends(t *testing.T) {
	t.Parallel()
	store := &authtest.Memory{}
	keeper, gate := newGate(t, store)
	token := func(scope auth.Scope, edit func(*auth.Token)) string {
		secret, made, err := keeper.CreateToken(t.Context(), auth.TokenInput{Name: "edge", Scopes: []auth.Scope{scope}}, "", "x")
		if err != nil {
			t.Fatal(err)
		}
		edit(&made)
		if err := store.SaveToken(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		return "Bearer " + secret
	}
	ours, others := authority.New(t), authority.New(t)
	until := time.Now().Add(time.Hour)
	r := startWith(t, func(o *Options) {
		o.Guard = gate
		o.TLS = &tls.Config{
			MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{ours.Sign("burnline", until)}, NextProtos: []string{"h2", "http/1.1"},
			ClientCAs: ours.Pool(), ClientAuth: tls.VerifyClientCertIfGiven,
		}
	})
	with := func(certificates ...tls.Certificate) sender {
		return newSender(t, r, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: "localhost", RootCAs: ours.Pool(), Certificates: certificates})
	}
	plain, edge := with(), with(ours.Sign("edge", until))
	asIs := func(*auth.Token) {}
	for _, c := range []struct {
		name          string
		by            sender
		authorization string
		code          codes.Code
		status        int
	}{
		{"no token", plain, "", codes.Unauthenticated, 401},
		{"a wrong token", plain, "Bearer bln_wrong", codes.Unauthenticated, 401},
		{"an expired token", plain, token(auth.Ingest, func(t *auth.Token) { t.Expires = time.Now() }), codes.Unauthenticated, 401},
		{"a revoked token", plain, token(auth.Ingest, func(t *auth.Token) { t.Revoked = time.Now() }), codes.Unauthenticated, 401},
		{"a token for something else", plain, token(auth.Administer, asIs), codes.PermissionDenied, 403},
		{"the right token", plain, token(auth.Ingest, asIs), codes.OK, 200},
		{"a certificate of the authority", edge, "", codes.OK, 200},
		{"a wrong token beside it", edge, "Bearer bln_wrong", codes.Unauthenticated, 401},
		{"a certificate of another authority", with(others.Sign("edge", until)), "", codes.Unavailable, 0},
		{"a certificate that has expired", with(ours.Sign("edge", time.Now().Add(-time.Minute))), "", codes.Unavailable, 0},
	} {
		before := len(r.store.stored("sent"))
		code, text := c.by.overGRPC(t, c.authorization)
		if code != c.code {
			t.Errorf("gRPC, %s: %s %s, want %s", c.name, code, text, c.code)
		}
		answer, body, header := c.by.overHTTP(t, c.authorization)
		if answer != c.status {
			t.Errorf("HTTP, %s: %d %s, want %d", c.name, answer, body, c.status)
		}
		if answer == 401 && (header.Get("WWW-Authenticate") == "" || !strings.Contains(body, "token") || !strings.Contains(text, "token")) {
			t.Errorf("%s: the answer does not say what is missing: %v %q %q", c.name, header, body, text)
		}
		want := 0
		if c.code == codes.OK {
			want = 2
		}
		if got := len(r.store.stored("sent")) - before; got != want {
			t.Errorf("%s: %d samples are stored, want %d", c.name, got, want)
		}
	}
	if n := r.value(t, "burnline_collector_refused_requests_total", "unauthorized", "grpc"); n != 6 {
		t.Errorf("%v refused calls are counted, want 6", n)
	}
	if n := r.value(t, "burnline_collector_refused_requests_total", "unauthorized", "http"); n != 6 {
		t.Errorf("%v refused requests are counted, want 6", n)
	}
}

func TestNothingOfABodyIsReadBeforeItsSenderIsKnown(t *testing.T) {
	t.Parallel()
	_, gate := newGate(t, &authtest.Memory{})
	r := startWith(t, func(o *Options) { o.Guard = gate })
	body, never := io.Pipe() // it never comes
	defer func() { _ = never.Close() }()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+r.Endpoints().HTTP+"/v1/metrics", body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("%s", resp.Status)
	}
}

func TestPortsThatTheNetworkReachesAskWhoSends(t *testing.T) {
	t.Parallel()
	_, gate := newGate(t, &authtest.Memory{})
	pipeline := func(receiver, protocols string) string {
		return "receivers: {" + receiver + ": {protocols: {" + protocols + "}}}\nexporters: {burnline_metrics: {}}\nservice: {pipelines: {metrics: {receivers: [" + receiver + "], exporters: [burnline_metrics]}}}\n"
	}
	const asksNobody, reached = "asks nobody for a token", "is reached from the network, and nobody who sends has to say who it is"
	for _, c := range []struct {
		name, pipeline string
		edit           func(*Options)
		want           string
	}{
		{"loopback is open", pipeline("burnline_otlp", "grpc: {endpoint: '127.0.0.1:4317'}, http: {endpoint: 'localhost:4318'}"), nil, ""},
		{"every address is not", pipeline("burnline_otlp", "grpc: {endpoint: '0.0.0.0:4317'}"), nil, reached},
		{"nor is one without a host", pipeline("burnline_otlp", "http: {endpoint: ':4318'}"), nil, reached},
		{"nor with the Collector's own receiver", pipeline("otlp/edge", "http: {endpoint: '10.0.0.7:4318'}"), nil, "receivers.otlp/edge.protocols.http.endpoint: 10.0.0.7:4318 " + reached},
		{"unless it is said", pipeline("otlp", "grpc: {endpoint: '0.0.0.0:4317'}"), func(o *Options) { o.Open = true }, ""},
		{"or senders are asked", pipeline("burnline_otlp", "grpc: {endpoint: '0.0.0.0:4317'}"), func(o *Options) { o.Guard = gate }, ""},
		{"which the Collector's own receiver does not", pipeline("otlp", "grpc: {endpoint: '127.0.0.1:4317'}"), func(o *Options) { o.Guard = gate }, asksNobody},
		{"a file of a socket is this machine's", pipeline("burnline_otlp", "grpc: {endpoint: /tmp/otlp.sock, transport: unix}"), nil, ""},
	} {
		o := Options{Metrics: &store{}}
		if c.edit != nil {
			c.edit(&o)
		}
		col, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		err = col.Check(t.Context(), []byte(c.pipeline))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
