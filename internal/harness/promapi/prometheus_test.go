package promapi_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"burnline/internal/harness"
	"burnline/internal/harness/patience"
)

// TestPrometheusWritesIntoUs lets a real Prometheus scrape itself and write
// into the API by remote write 1.0, with metadata.
func TestPrometheusWritesIntoUs(t *testing.T) {
	t.Parallel()
	s := serve(t)
	path, err := exec.LookPath("prometheus")
	if err != nil {
		t.Fatal("prometheus is not installed; on Debian: apt-get install prometheus")
	}
	address, err := harness.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := fmt.Sprintf(`
global: {scrape_interval: 1s, external_labels: {cluster: test}}
scrape_configs: [{job_name: itself, static_configs: [{targets: [%q]}]}]
remote_write:
- url: %q
  metadata_config: {send_interval: 1s}
  queue_config: {batch_send_deadline: 200ms}
`, address, s.url+prefix+"/write")
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, path, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+address, "--log.level=error")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // after stop it was killed
	t.Cleanup(stop)
	const series = `up{cluster="test", instance=%q, job="itself"}`
	patience.Until(t, "three samples of up that are 1", func() bool {
		ones := 0
		for _, x := range s.samples("up")[fmt.Sprintf(series, address)] {
			switch x.V {
			case 1:
				ones++
			case 0: // a scrape that took too long
			default:
				t.Fatalf("up is %g at %d", x.V, x.T)
			}
		}
		return ones >= 3
	})
	patience.Until(t, "metadata", func() bool { return s.store.Metadata()["prometheus_http_requests_total"].Type == "counter" })
}
