package collector

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"burnline/internal/portowner"
)

const smallPipeline = `
receivers:
  burnline_otlp: {protocols: {grpc: {endpoint: "${burnline:otlp_grpc}"}, http: {endpoint: "${burnline:otlp_http}"}}}
exporters:
  burnline_metrics: {}
service:
  pipelines:
    metrics: {receivers: [burnline_otlp], exporters: [burnline_metrics]}
`

func TestStoppingLeavesNothingRunning(t *testing.T) {
	before := goleak.IgnoreCurrent()
	r := start(t, "")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
}

func TestATakenPortSaysByWhomAndWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	addr := taken.Addr().String()
	for name, tc := range map[string]struct {
		set  func(*Options)
		want []string
	}{
		"gRPC": {func(o *Options) { o.GRPC = addr }, []string{"OTLP over gRPC", "--otlp-grpc", "collector.otlp.grpc"}},
		"HTTP": {func(o *Options) { o.HTTP = addr }, []string{"OTLP over HTTP", "--otlp-http", "collector.otlp.http"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := prepare(t, "")
			tc.set(&r.opts)
			var logged bytes.Buffer
			r.opts.Logger = slog.New(slog.NewTextHandler(&logged, nil))
			err := r.Run(t.Context())
			var inUse *portowner.InUseError
			if !errors.As(err, &inUse) || inUse.Owner == nil || inUse.Owner.PID != os.Getpid() {
				t.Fatalf("got %v", err)
			}
			for _, want := range append(tc.want, addr) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
			if logged.Len() > 0 {
				t.Errorf("what is returned is logged too: %s", &logged)
			}
		})
	}
}

func TestAReloadReplacesThePipeline(t *testing.T) {
	r := start(t, smallPipeline)
	if code, _ := post(t, r, "/v1/traces", "application/x-protobuf", "", nil); code != 404 {
		t.Fatalf("traces before: %d", code)
	}
	if err := r.Reload(t.Context(), nil); err != nil { // the built-in pipeline
		t.Fatal(err)
	}
	if code, _ := post(t, r, "/v1/traces", "application/x-protobuf", "", nil); code != 200 {
		t.Errorf("traces after: %d", code)
	}
	if n := r.value(t, "burnline_collector_reloads_total", "done"); n != 1 {
		t.Errorf("%v reloads counted", n)
	}
	// The metrics of the new pipeline's components are there, each once.
	if _, err := r.reg.Gather(); err != nil {
		t.Error(err)
	}
}

func TestABadReloadKeepsTheOldPipelineRunning(t *testing.T) {
	r := start(t, smallPipeline)
	for name, tc := range map[string]struct{ config, says, result string }{
		"no YAML":                 {"receivers: [", "yaml", "refused"},
		"an unknown component":    {strings.Replace(smallPipeline, "burnline_metrics: {}", "kafka: {}", 1), "kafka", "refused"},
		"an unknown key":          {strings.Replace(smallPipeline, "burnline_metrics: {}", "burnline_metrics: {quue: 1}", 1), "quue", "refused"},
		"an unknown reference":    {strings.Replace(smallPipeline, "receivers: [burnline_otlp]", "receivers: [other]", 1), `"other"`, "refused"},
		"an unknown own setting":  {strings.Replace(smallPipeline, "burnline:otlp_grpc", "burnline:port", 1), "${burnline:otlp_grpc}", "refused"},
		"an empty file":           {"\n", "empty", "refused"},
		"a port that is not free": {strings.Replace(smallPipeline, "${burnline:otlp_grpc}", taken(t), 1), "in use", "reverted"},
	} {
		t.Run(name, func(t *testing.T) {
			before := r.value(t, "burnline_collector_reloads_total", tc.result)
			err := r.Reload(t.Context(), []byte(tc.config))
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want it to say %q", err, tc.says)
			}
			if code, _ := post(t, r, "/v1/metrics", "application/x-protobuf", "", marshal(t, gauge("x"))); code != 200 {
				t.Errorf("the old pipeline answers %d", code)
			}
			if n := r.value(t, "burnline_collector_reloads_total", tc.result); n != before+1 {
				t.Errorf("%v reloads counted as %s", n-before, tc.result)
			}
		})
	}
}

func TestAReloadAfterTheEndIsAnError(t *testing.T) {
	r := start(t, smallPipeline)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if err := r.Reload(t.Context(), nil); !errors.Is(err, errNotRunning) {
		t.Errorf("got %v", err)
	}
}

func TestTheBuiltInPipelineIsFine(t *testing.T) {
	if err := prepare(t, "").Check(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestAPipelineWithTheCollectorsOwnComponentsIsFine(t *testing.T) {
	t.Setenv("UPSTREAM", "collector.example.com:4317")
	err := prepare(t, "").Check(t.Context(), []byte(`
receivers:
  otlp: {protocols: {grpc: {}, http: {}}}
processors:
  batch: {}
  memory_limiter: {check_interval: 1s, limit_mib: 500}
  deltatocumulative: {}
  tail_sampling: {policies: [{name: all, type: always_sample}]}
connectors:
  spanmetrics: {}
exporters:
  burnline_metrics: {}
  burnline_traces: {}
  otlp: {endpoint: "${env:UPSTREAM}"}
service:
  pipelines:
    metrics: {receivers: [otlp, spanmetrics], processors: [memory_limiter, deltatocumulative, batch], exporters: [burnline_metrics, otlp]}
    traces: {receivers: [otlp], processors: [tail_sampling], exporters: [burnline_traces, spanmetrics]}
`))
	if err != nil {
		t.Error(err)
	}
}

// The library's own main loop takes SIGHUP and restarts or ends on it. Ours
// must not: the process decides what SIGHUP means.
func TestSIGHUPIsLeftToTheProcess(t *testing.T) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	r := start(t, smallPipeline)
	addr := r.Endpoints()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	<-hup
	if code, _ := post(t, r, "/v1/metrics", "application/x-protobuf", "", marshal(t, gauge("x"))); code != 200 {
		t.Errorf("after SIGHUP: %d", code)
	}
	if r.Endpoints() != addr {
		t.Error("the pipeline was restarted")
	}
}

// taken returns an address that is in use until the test ends.
func taken(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// A port probe, or a client that hangs, must not hold the end up: grpc alone would
// wait two minutes for its handshake.
func TestConnectionsThatSayNothingDoNotHoldTheEndUp(t *testing.T) {
	r := start(t, "")
	for _, addr := range []string{r.Endpoints().GRPC, r.Endpoints().HTTP} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
	}
	ended := make(chan error, 1)
	go func() { ended <- r.stop() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("stop: %v", err)
		}
	case <-time.After(time.Minute): // half of what it would wait
		t.Fatal("the collector does not end")
	}
}
