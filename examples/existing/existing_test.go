package existing

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"burnline/examples/existing/sdk"
	"burnline/internal/harness/backends"
	"burnline/internal/harness/patience"
)

// TestNeighboursSendWithTheFilesOfTheExamples runs each neighbour beside one Burnline.
func TestNeighboursSendWithTheFilesOfTheExamples(t *testing.T) {
	b := burnline(t)
	t.Run("Prometheus", func(t *testing.T) {
		config := strings.NewReplacer("burnline:9900", host(t, b.at.UI), "15s", "1s").Replace(read(t, "prometheus/prometheus.yml"))
		backends.Run(t, func(ctx context.Context, data string) (*backends.Backend, error) {
			// Its paths start from the folder of the file.
			write(t, filepath.Join(data, "burnline.token"), token)
			write(t, filepath.Join(data, "rules.yml"), read(t, "prometheus/rules.yml"))
			return backends.PrometheusWith(config)(ctx, data)
		})
		patience.Until(t, "its samples arrive", func() bool { return b.has(`up{job="prometheus"}`) })
		patience.Until(t, "its alert arrives", func() bool {
			return strings.Contains(b.get("/alertmanager/api/v2/alerts"), "AlwaysFiring")
		})
		if !b.counted("remote_write") || !b.counted("alerts") {
			t.Error("it is not visible who sent")
		}
	})
	t.Run("a Collector", func(t *testing.T) { aCollectorSends(t, b) })
	t.Run("a Collector with another token", func(t *testing.T) { aCollectorSaysWhyItIsRefused(t, b) })
	t.Run("a service in Go", func(t *testing.T) {
		for _, one := range variables(t, "sdk/otel.env", "burnline:4318", b.at.OTLPHTTP) {
			name, value, _ := strings.Cut(one, "=")
			t.Setenv(name, value)
		}
		t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20"+token)
		if err := sdk.Serve(t.Context()); err != nil {
			t.Fatal(err)
		}
		patience.Until(t, "its counter arrives", func() bool {
			return b.has(`orders_total{job="checkout",deployment_environment_name="prod"}`)
		})
		if !b.counted("otlp_http") {
			t.Error("it is not visible who sent")
		}
		t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20wrong")
		if err := sdk.Serve(t.Context()); err == nil || !strings.Contains(err.Error(), "401") {
			t.Errorf("with another token it is told %v", err)
		}
	})
}

// TestSlothsFileAndAnAlertmanagersServeUnchanged does the last step of the migration; the script migration.txtar of
// the command line does those before.
func TestSlothsFileAndAnAlertmanagersServeUnchanged(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"before/sloth.yaml", "before/alertmanager.yml", "after/burnline.yaml"} {
		path := filepath.Join(dir, name)
		makeFolder(t, filepath.Dir(path))
		write(t, path, read(t, "sloth-alertmanager/"+name))
	}
	write(t, filepath.Join(dir, "before/pagerduty.key"), "0123456789abcdef0123456789abcdef")
	at := serve(t, filepath.Join(dir, "after/burnline.yaml"))
	if at.SLOs != 1 || !at.Shadow.On || at.Receivers != 2 {
		t.Errorf("it serves %d SLOs, %d receivers, shadow mode %v", at.SLOs, at.Receivers, at.Shadow)
	}
}
