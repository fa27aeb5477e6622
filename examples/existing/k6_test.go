package existing

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"burnline/internal/auth"
	"burnline/internal/harness/patience"
	"burnline/slo"
)

// TestALoadTestOfK6Counts runs the example's load test of a shop, with each of k6's outputs.
func TestALoadTestOfK6Counts(t *testing.T) {
	t.Parallel()
	b := burnline(t, "k6/slos.yaml")
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Query().Get("card") == "refused" {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(shop.Close)
	k6 := realK6(t)
	all := append(variables(t, "k6/k6.env", "burnline:4317", b.at.OTLPGRPC), "TARGET="+shop.URL, "K6_NO_USAGE_REPORT=true")

	t.Run("by OpenTelemetry", func(t *testing.T) {
		t.Parallel()
		b := running{t, b.at, b.read}
		runK6(t, k6, "opentelemetry", append(all[:len(all):len(all)], "K6_OTEL_HEADERS=authorization=Bearer "+token,
			// A busy machine may take its time over the answer. The interval stays at k6's ten seconds: one of a second collects when k6 begins
			// to count, and a start in the millisecond of the first sample says nothing of what came before that.
			"OTEL_EXPORTER_OTLP_TIMEOUT=60000", "OTEL_METRIC_EXPORT_TIMEOUT=60000"))
		want := slo.Counts{Good: 36, Total: 40}
		patience.Until(t, "its requests are counted", func() bool { return b.countedBy("load-test/orders") == want })
		if !b.counted(auth.FeedOTLPGRPC) {
			t.Error("it is not visible who sent")
		}
	})
	t.Run("by remote write", func(t *testing.T) {
		t.Parallel()
		b := running{t, b.at, b.read}
		patience.Until(t, "its requests arrive", func() bool {
			// All is pushed at the end, and k6 doesn't wait for more than five seconds, nor does it try twice.
			runK6(t, k6, "experimental-prometheus-rw", append(all[:len(all):len(all)], "K6_PROMETHEUS_RW_PUSH_INTERVAL=10m",
				"K6_PROMETHEUS_RW_HTTP_HEADERS=Authorization:Bearer "+token, "K6_PROMETHEUS_RW_SERVER_URL="+b.at.UI+"/prometheus/api/v1/write"))
			return b.has(`sum(k6_http_reqs_total{job="",name="buy"}) == 40`)
		})
		if !b.counted(auth.FeedRemoteWrite) {
			t.Error("it is not visible who sent")
		}
	})
}

// realK6 is the k6 that tools/test-servers builds, of the version that is written there.
func realK6(t *testing.T) string {
	t.Helper()
	version := regexp.MustCompile(`(?m)^tools/program go\.k6\.io/k6 (v\S+)`).FindStringSubmatch(read(t, "../../tools/test-servers"))
	if version == nil {
		t.Fatal("tools/test-servers names no version of k6")
	}
	path, err := exec.CommandContext(t.Context(), "go", "env", "GOPATH").Output()
	if err != nil {
		t.Fatal(err)
	}
	k6 := filepath.Join(strings.TrimSpace(string(path)), "bin", "k6-"+version[1])
	if _, err := os.Stat(k6); err != nil {
		t.Fatalf("there is no k6; run tools/test-servers, which builds it: %v", err)
	}
	return k6
}

// runK6 makes the example's load test with an output.
func runK6(t *testing.T, k6, output string, variables []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), k6, "run", "--quiet", "--address", "", "--out", output, "k6/script.js") //nolint:gosec // the test's own
	cmd.Env = append(os.Environ(), variables...)
	said, err := cmd.CombinedOutput()
	t.Logf("k6 says:\n%s", said)
	if err != nil {
		t.Fatal(err)
	}
}
