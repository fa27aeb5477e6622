package existing

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"burnline/internal/auth"
	"burnline/internal/harness"
	"burnline/internal/harness/patience"
)

// collect runs the OpenTelemetry Collector, with its own receiver and exporter and nothing of Burnline's, by the file
// of the example until the test ends. It returns where its receiver listens, and what it says.
func collect(t *testing.T, b running) (receives string, said *observer.ObservedLogs) {
	t.Helper()
	receives, err := harness.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "collector.yaml")
	write(t, path, strings.NewReplacer("burnline:4317", b.at.OTLPGRPC, "127.0.0.1:4317", receives).Replace(read(t, "collector/collector.yaml")))
	core, said := observer.New(zapcore.InfoLevel)
	c, err := otelcol.NewCollector(otelcol.CollectorSettings{
		BuildInfo:               component.NewDefaultBuildInfo(),
		Factories:               func() (otelcol.Factories, error) { return components(core) },
		DisableGracefulShutdown: true, // signals are the test's
		SkipSettingGRPCLogger:   true, // it is one for the whole process
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			URIs:              []string{"file:" + path},
			ProviderFactories: []confmap.ProviderFactory{fileprovider.NewFactory(), envprovider.NewFactory()},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Run(context.WithoutCancel(t.Context())) }()
	t.Cleanup(func() {
		c.Shutdown()
		if err := patience.Receive(t, "the Collector ends", ended); err != nil {
			t.Error(err)
		}
	})
	patience.Until(t, "the Collector runs", func() bool { return c.GetState() == otelcol.StateRunning })
	return receives, said
}

// components are those of the Collector that the file names.
func components(core zapcore.Core) (f otelcol.Factories, err error) {
	var errs [2]error
	f.Receivers, errs[0] = otelcol.MakeFactoryMap[receiver.Factory](otlpreceiver.NewFactory())
	f.Exporters, errs[1] = otelcol.MakeFactoryMap[exporter.Factory](otlpexporter.NewFactory())
	f.Telemetry = telemetry.NewFactory(
		func() component.Config { return &struct{}{} },
		telemetry.WithCreateLogger(func(context.Context, telemetry.LoggerSettings, component.Config) (*zap.Logger, component.ShutdownFunc, error) {
			return zap.New(core), nil, nil
		}),
	)
	return f, errors.Join(errs[:]...)
}

// sendsOne sends a counter to a Collector, as a service with an SDK does.
func sendsOne(t *testing.T, receives, name string) {
	t.Helper()
	exporter, err := otlpmetricgrpc.New(t.Context(), otlpmetricgrpc.WithEndpoint(receives), otlpmetricgrpc.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	meters := metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(exporter)))
	counter, err := meters.Meter("x").Int64Counter(name)
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 1)
	if err := meters.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// aCollectorSends is the Collector's part of TestNeighboursSendWithTheFilesOfTheExamples.
func aCollectorSends(t *testing.T, b running) {
	t.Setenv("BURNLINE_TOKEN", token)
	receives, _ := collect(t, b)
	sendsOne(t, receives, "through_a_collector")
	patience.Until(t, "what the Collector forwards arrives", func() bool { return b.has("through_a_collector_total") })
	if !b.counted(auth.FeedOTLPGRPC) {
		t.Error("it is not visible who sent")
	}
}

// aCollectorSaysWhyItIsRefused runs one with another token.
func aCollectorSaysWhyItIsRefused(t *testing.T, b running) {
	t.Setenv("BURNLINE_TOKEN", "wrong-0123456789abcdef0123456789")
	receives, said := collect(t, b)
	sendsOne(t, receives, "never_arrives")
	patience.Until(t, "the Collector says what is wrong", func() bool {
		for _, entry := range said.All() {
			if why, ok := entry.ContextMap()["error"].(string); ok && strings.Contains(why, (&auth.NotTaken{Why: auth.NotKnown}).Error()) {
				return true
			}
		}
		return false
	})
	if b.has("never_arrives_total") {
		t.Error("what was refused is stored")
	}
}
