package existing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"burnline/internal/auth"
	"burnline/internal/harness/patience"
	"burnline/slo"
)

// realK6 is given by tools/record-k6: to build k6 takes longer than tests may.
var realK6 = flag.String("k6", "", "the k6 that is run, and whose requests are written down; without it those are sent that were")

const recording = "testdata/k6.jsonl"

// TestALoadTestOfK6Counts sends what k6 sent by both of its outputs, with the files of the example.
func TestALoadTestOfK6Counts(t *testing.T) {
	t.Parallel()
	b := burnline(t, "k6/slos.yaml")
	if *realK6 != "" {
		b.record()
	} else {
		b.replay()
	}
	want := slo.Counts{Good: 36, Total: 40}
	patience.Until(t, "its requests are counted", func() bool { return b.countedBy("load-test/orders") == want })
	if !b.has(`sum(k6_http_reqs_total{job="",name="buy"}) == 40`) {
		t.Error("by remote write not all of its requests arrived")
	}
	if !b.counted(auth.FeedOTLPGRPC) || !b.counted(auth.FeedRemoteWrite) {
		t.Error("it is not visible who sent")
	}
}

// request is one that k6 sent. In its credentials the token is "TOKEN".
type request struct {
	At            time.Time
	Way           string // as the counters of senders name it
	Authorization string
	Body          []byte // the message of OTLP, or what HTTP carried
}

// send sends a request.
func (r running) send(ctx context.Context, q request) error {
	authorization := strings.ReplaceAll(q.Authorization, "TOKEN", token)
	if q.Way == auth.FeedOTLPGRPC {
		conn, err := grpc.NewClient("passthrough:"+r.at.OTLPGRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		message := pmetricotlp.NewExportRequest()
		if err := message.UnmarshalProto(q.Body); err != nil {
			return err
		}
		_, err = pmetricotlp.NewGRPCClient(conn).Export(metadata.AppendToOutgoingContext(ctx, "authorization", authorization), message)
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.at.UI+"/prometheus/api/v1/write", bytes.NewReader(q.Body))
	if err != nil {
		return err
	}
	req.Header = http.Header{
		"Authorization": {authorization}, "Content-Encoding": {"snappy"}, "Content-Type": {"application/x-protobuf"},
		"X-Prometheus-Remote-Write-Version": {"0.1.0"},
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		err = fmt.Errorf("remote write is answered with %s", resp.Status)
	}
	return errors.Join(err, resp.Body.Close())
}

// replay sends what was written down as if it happened just now.
func (r running) replay() {
	r.t.Helper()
	var sent []request
	for line := range strings.Lines(read(r.t, recording)) {
		var q request
		if err := json.Unmarshal([]byte(line), &q); err != nil {
			r.t.Fatal(err)
		}
		sent = append(sent, q)
	}
	by := time.Since(sent[len(sent)-1].At)
	for _, q := range sent {
		var err error
		if q.Body, err = moved(q, by); err == nil {
			err = r.send(r.t.Context(), q)
		}
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

// relay writes down what k6 sends, and passes it on.
type relay struct {
	pmetricotlp.UnimplementedGRPCServer
	to running

	mu   sync.Mutex
	sent []request
}

func (r *relay) pass(ctx context.Context, way, authorization string, body []byte) error {
	q := request{time.Now().UTC(), way, strings.ReplaceAll(authorization, token, "TOKEN"), body}
	r.mu.Lock()
	r.sent = append(r.sent, q)
	r.mu.Unlock()
	return r.to.send(ctx, q)
}

// Export takes a message of OTLP.
func (r *relay) Export(ctx context.Context, message pmetricotlp.ExportRequest) (pmetricotlp.ExportResponse, error) {
	body, err := message.MarshalProto()
	if err != nil {
		return pmetricotlp.NewExportResponse(), err
	}
	authorization := strings.Join(metadata.ValueFromIncomingContext(ctx, "authorization"), ",")
	return pmetricotlp.NewExportResponse(), r.pass(ctx, auth.FeedOTLPGRPC, authorization, body)
}

// ServeHTTP takes a request of remote write.
func (r *relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err == nil {
		err = r.pass(req.Context(), auth.FeedRemoteWrite, req.Header.Get("Authorization"), body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

// record runs k6 with each of its outputs, by the files of the example, and writes down what it sends.
func (r running) record() {
	r.t.Helper()
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Query().Get("card") == "refused" {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer shop.Close()
	through := &relay{to: r}
	overHTTP := httptest.NewServer(through)
	defer overHTTP.Close()
	listener, err := (&net.ListenConfig{}).Listen(r.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	overGRPC := grpc.NewServer()
	pmetricotlp.RegisterGRPCServer(overGRPC, through)
	go func() { _ = overGRPC.Serve(listener) }()
	defer overGRPC.Stop()
	variables := append(variables(r.t, "k6/k6.env", "burnline:4317", listener.Addr().String()),
		"TARGET="+shop.URL, "K6_NO_USAGE_REPORT=true",
		"K6_OTEL_EXPORT_INTERVAL=1s", "K6_OTEL_HEADERS=authorization=Bearer "+token,
		"K6_PROMETHEUS_RW_PUSH_INTERVAL=1s", "K6_PROMETHEUS_RW_HTTP_HEADERS=Authorization:Bearer "+token,
		"K6_PROMETHEUS_RW_SERVER_URL="+overHTTP.URL+"/prometheus/api/v1/write")
	for _, output := range []string{"opentelemetry", "experimental-prometheus-rw"} {
		k6 := exec.CommandContext(r.t.Context(), *realK6, "run", "--quiet", "--out", output, "k6/script.js") //nolint:gosec // the tool names it
		k6.Env = append(os.Environ(), variables...)
		if said, err := k6.CombinedOutput(); err != nil || strings.Contains(string(said), "level=error") {
			r.t.Fatalf("%v\n%s", err, said)
		}
	}
	var text strings.Builder
	for _, q := range through.sent {
		if err := json.NewEncoder(&text).Encode(q); err != nil {
			r.t.Fatal(err)
		}
	}
	write(r.t, recording, text.String())
}
