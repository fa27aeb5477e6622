package existing

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/sdk/metric"

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
	t.Run("a Collector", func(t *testing.T) {
		t.Setenv("BURNLINE_TOKEN", token)
		dir := t.TempDir()
		config := strings.NewReplacer("burnline:4317", b.at.OTLPGRPC, "127.0.0.1:4317", "127.0.0.1:0").Replace(read(t, "collector/collector.yaml"))
		// The agent's receiver is burnline_otlp, which takes the same keys and says which port it was given.
		config = strings.NewReplacer("\n  otlp:\n", "\n  burnline_otlp:\n", "receivers: [otlp]", "receivers: [burnline_otlp]").Replace(config)
		write(t, filepath.Join(dir, "collector.yaml"), config)
		write(t, filepath.Join(dir, "burnline.yaml"), "collector: {config: collector.yaml}\n")
		agent := serve(t, filepath.Join(dir, "burnline.yaml"))
		exporter, err := otlpmetricgrpc.New(t.Context(), otlpmetricgrpc.WithEndpoint(agent.OTLPGRPC), otlpmetricgrpc.WithInsecure())
		if err != nil {
			t.Fatal(err)
		}
		meters := metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(exporter)))
		counter, err := meters.Meter("x").Int64Counter("through_a_collector")
		if err != nil {
			t.Fatal(err)
		}
		counter.Add(t.Context(), 1)
		if err := meters.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		patience.Until(t, "what the Collector forwards arrives", func() bool { return b.has("through_a_collector_total") })
		if !b.counted("otlp_grpc") {
			t.Error("it is not visible who sent")
		}
	})
	t.Run("a service in Go", func(t *testing.T) {
		variables(t, "sdk/otel.env", b.at.OTLPHTTP)
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
