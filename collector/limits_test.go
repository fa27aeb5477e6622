package collector

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/zstd"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip" // the client's compressor
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"burnline/internal/auth/authtest"
	"burnline/internal/harness/patience"
)

// post sends a body and returns the status code and the answer.
func post(t *testing.T, r *running, path, contentType, contentEncoding string, body []byte) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+r.Endpoints().HTTP+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if contentEncoding != "" {
		req.Header.Set("Content-Encoding", contentEncoding)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestWrongRequestsOverHTTPGetTheRightStatus(t *testing.T) {
	const proto, json = "application/x-protobuf", "application/json"
	r := start(t, "")
	large := bytes.Repeat([]byte{0}, maxRequestMiB<<20+1)
	for name, tc := range map[string]struct {
		contentType, encoding string
		body                  []byte
		code                  int
		reason, says          string
	}{
		"a body that is no protobuf":               {proto, "", []byte("garbage"), 400, "malformed", "not an OTLP request"},
		"a body that is no JSON":                   {json, "", []byte("{garbage"), 400, "malformed", "not an OTLP request"},
		"a body that is not compressed as it says": {proto, "gzip", []byte("garbage"), 400, "malformed", "gzip"},
		"an unknown compression":                   {proto, "brotli", []byte("x"), 400, "malformed", "brotli"},
		"an unknown content type":                  {"text/plain", "", []byte("x"), 415, "media_type", "application/x-protobuf"},
		"a body that is too large":                 {proto, "", large, 413, "too_large", "larger than 20971520 bytes"},
		"a gzip body that grows too large":         {proto, "gzip", zip(t, large), 413, "too_large", "after decompression"},
		"a zstd body that grows too large":         {proto, "zstd", zst(t, large), 413, "too_large", "after decompression"},
		"a snappy body that grows too large":       {proto, "snappy", snappy.Encode(nil, large), 413, "too_large", "exceeds max"},
	} {
		t.Run(name, func(t *testing.T) {
			before := r.value(t, "burnline_collector_refused_requests_total", tc.reason, "http")
			code, body := post(t, r, "/v1/metrics", tc.contentType, tc.encoding, tc.body)
			if code != tc.code || !strings.Contains(body, tc.says) {
				t.Errorf("got %d %q, want %d with %q", code, body, tc.code, tc.says)
			}
			if after := r.value(t, "burnline_collector_refused_requests_total", tc.reason, "http"); after != before+1 {
				t.Errorf("reason %s: counted %v", tc.reason, after-before)
			}
		})
	}
}

func TestWhoSendsToAnotherPathIsToldWhereItBelongs(t *testing.T) {
	t.Parallel()
	_, gate := newGate(t, &authtest.Memory{})
	r := startWith(t, func(o *Options) {
		o.Guard, o.RemoteWrite = gate, func() string { return "http://burnline:9900/prometheus/api/v1/write" }
	})
	for path, want := range map[string]string{
		"/api/v1/write": "this port takes OTLP; send remote write to http://burnline:9900/prometheus/api/v1/write\n",
		"/v1/logs":      "OTLP is taken here, at /v1/metrics and /v1/traces\n",
	} {
		if code, body := post(t, r, path, "application/x-protobuf", "snappy", snappy.Encode(nil, []byte("x"))); code != http.StatusNotFound || body != want {
			t.Errorf("%s is answered %d %q, want %q", path, code, body, want)
		}
	}
	if n := r.value(t, "burnline_collector_refused_requests_total", "path", "http"); n != 2 {
		t.Errorf("%v are counted, want 2", n)
	}
}

func TestOtherMethodsThanPOSTAreRefused(t *testing.T) {
	r := start(t, "")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.Endpoints().HTTP+"/v1/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != http.MethodPost {
		t.Errorf("got %d, allow %q", resp.StatusCode, resp.Header.Get("Allow"))
	}
}

func TestCompressedAndJSONBodiesAreTakenIn(t *testing.T) {
	r := start(t, "")
	raw := marshal(t, gauge("x"))
	asJSON, err := pmetricotlp.NewExportRequestFromMetrics(gauge("x")).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		contentType, encoding string
		body                  []byte
	}{
		"protobuf":                    {"application/x-protobuf", "", raw},
		"protobuf with gzip":          {"application/x-protobuf", "gzip", zip(t, raw)},
		"protobuf with zstd":          {"application/x-protobuf", "zstd", zst(t, raw)},
		"protobuf with snappy":        {"application/x-protobuf", "snappy", snappy.Encode(nil, raw)},
		"JSON":                        {"application/json", "", asJSON},
		"JSON with its character set": {"application/json; charset=utf-8", "", asJSON},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(r.store.stored("x"))
			if code, body := post(t, r, "/v1/metrics", tc.contentType, tc.encoding, tc.body); code != 200 {
				t.Fatalf("got %d %s", code, body)
			}
			if n := len(r.store.stored("x")); n != before+1 {
				t.Errorf("stored %d", n-before)
			}
		})
	}
}

func TestWrongRequestsOverGRPCGetTheRightStatus(t *testing.T) {
	r := start(t, "")
	conn := dial(t, r)
	large := bytes.Repeat([]byte{0}, maxRequestMiB<<20+1)
	for name, tc := range map[string]struct {
		body   []byte
		opts   []grpc.CallOption
		code   codes.Code
		reason string
	}{
		"a body that is no protobuf":       {[]byte("garbage"), nil, codes.InvalidArgument, "malformed"},
		"a body that is too large":         {large, nil, codes.ResourceExhausted, "too_large"},
		"a gzip body that grows too large": {large, []grpc.CallOption{grpc.UseCompressor("gzip")}, codes.ResourceExhausted, "too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			counted := func() float64 {
				return r.value(t, "burnline_collector_refused_requests_total", tc.reason, "grpc")
			}
			before := counted()
			var answer []byte
			err := conn.Invoke(t.Context(), "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", tc.body, &answer,
				append(tc.opts, grpc.ForceCodecV2(rawCodec{}))...)
			if status.Code(err) != tc.code {
				t.Errorf("got %v, want %s", err, tc.code)
			}
			patience.Until(t, "the refusal is counted", func() bool { return counted() == before+1 })
		})
	}
}

func TestAGzipBombDoesNotRaiseMemory(t *testing.T) {
	// A smaller limit, so that the test is quick; 64 times more would come out.
	const limit, size = 1 << 20, 64 << 20
	r := start(t, strings.Replace(string(DefaultConfig()), "endpoint: ${burnline:otlp_http}", "endpoint: ${burnline:otlp_http}\n        max_request_body_size: 1048576", 1))
	var bomb bytes.Buffer
	w, err := gzip.NewWriterLevel(&bomb, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(w, zeros{}, size); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if code, _ := post(t, r, "/v1/metrics", "application/x-protobuf", "gzip", bomb.Bytes()); code != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d", code)
	}
	runtime.ReadMemStats(&after)
	// The body is read into a buffer that doubles, so some times the limit.
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 16*limit {
		t.Errorf("%d KiB were allocated for a bomb of %d KiB with a limit of %d KiB", grown>>10, size>>10, limit>>10)
	}
}

func TestASlowBodyIsCutOff(t *testing.T) {
	r := start(t, strings.Replace(string(DefaultConfig()), "endpoint: ${burnline:otlp_http}", "endpoint: ${burnline:otlp_http}\n        read_timeout: 50ms", 1))
	conn, err := net.Dial("tcp", r.Endpoints().HTTP)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(patience.Limit)); err != nil {
		t.Fatal(err)
	}
	// The body never comes.
	if _, err := io.WriteString(conn, "POST /v1/metrics HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 10\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn) // ends when the server closes
	if err != nil {
		t.Fatalf("the server did not close the connection: %v", err)
	}
	if !strings.HasPrefix(string(answer), "HTTP/1.1 400") {
		t.Errorf("got %q", answer)
	}
}

func FuzzIngest(f *testing.F) {
	c, err := New(Options{Metrics: &store{}})
	if err != nil {
		f.Fatal(err)
	}
	e := &metricsExporter{store: &store{}, settings: translation(DefaultPromotedAttributes()), counts: c.counts}
	r := &otlpReceiver{c: c, metrics: e}
	raw, err := pmetricotlp.NewExportRequestFromMetrics(gauge("x")).MarshalProto()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw, false)
	f.Add([]byte(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"x","gauge":{"dataPoints":[{"asDouble":1}]}}]}]}]}`), true)
	h := pmetric.NewMetrics()
	m := h.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("h")
	m.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	p := m.Histogram().DataPoints().AppendEmpty()
	p.ExplicitBounds().FromRaw([]float64{1, 2})
	p.BucketCounts().FromRaw([]uint64{1, 2, 3})
	if raw, err = pmetricotlp.NewExportRequestFromMetrics(h).MarshalProto(); err != nil {
		f.Fatal(err)
	}
	f.Add(raw, false)
	f.Fuzz(func(t *testing.T, body []byte, json bool) {
		answer, err := r.ingestMetrics(t.Context(), body, json)
		if err != nil {
			if status.Code(err) != codes.InvalidArgument {
				t.Fatalf("a store that works and %v", err)
			}
			return
		}
		read := pmetricotlp.NewExportResponse().UnmarshalProto
		if json {
			read = pmetricotlp.NewExportResponse().UnmarshalJSON
		}
		if err := read(answer); err != nil {
			t.Fatalf("the answer can't be read: %v", err)
		}
	})
}

// zeros is endless.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func zip(t *testing.T, b []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func zst(t *testing.T, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	return w.EncodeAll(b, nil)
}

// rawCodec sends bytes as they are.
type rawCodec struct{}

var _ encoding.CodecV2 = rawCodec{}

func (rawCodec) Name() string { return "proto" }
func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}
func (rawCodec) Unmarshal(b mem.BufferSlice, v any) error {
	*v.(*[]byte) = b.Materialize()
	return nil
}
