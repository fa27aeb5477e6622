// Command peer is an OpenTelemetry Collector as people run it for span metrics: the OTLP
// receiver, the span metrics connector with its default dimensions, and an exporter that throws
// the metrics away. bench/spans measures it beside Burnline.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/connector/spanmetricsconnector"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry"
)

// config is the whole pipeline; %s is the address of OTLP over HTTP.
const config = `
receivers: {otlp: {protocols: {http: {endpoint: %q}}}}
connectors: {span_metrics: {metrics_flush_interval: 15s}}
exporters: {discard: {}}
service:
  pipelines:
    traces: {receivers: [otlp], exporters: [span_metrics]}
    metrics: {receivers: [span_metrics], exporters: [discard]}
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("name the address for OTLP over HTTP, and one to ask whether it is ready")
	}
	c, err := otelcol.NewCollector(otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "peer", Description: "OpenTelemetry Collector", Version: "0.155.0"},
		Factories: factories, SkipSettingGRPCLogger: true,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			URIs: []string{"yaml:" + fmt.Sprintf(config, args[0])}, ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory()},
		}},
	})
	if err != nil {
		return fmt.Errorf("build the collector: %w", err)
	}
	server := &http.Server{Addr: args[1], Handler: ready(args[0]), ReadHeaderTimeout: time.Second}
	go func() { _ = server.ListenAndServe() }() // ends with the process, as a peer of a benchmark may
	return c.Run(ctx)
}

// ready answers 200 once the address takes connections.
func ready(address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", address)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_ = conn.Close()
	})
}

func factories() (otelcol.Factories, error) {
	var f otelcol.Factories
	var errs [3]error
	f.Receivers, errs[0] = otelcol.MakeFactoryMap[receiver.Factory](otlpreceiver.NewFactory())
	f.Connectors, errs[1] = otelcol.MakeFactoryMap[connector.Factory](spanmetricsconnector.NewFactory())
	f.Exporters, errs[2] = otelcol.MakeFactoryMap[exporter.Factory](exporter.NewFactory(component.MustNewType("discard"),
		func() component.Config { return &struct{}{} }, exporter.WithMetrics(newDiscard, component.StabilityLevelStable)))
	f.Telemetry = telemetry.NewFactory(func() component.Config { return &struct{}{} })
	return f, errors.Join(errs[:]...)
}

// discard throws metrics away.
type discard struct {
	component.StartFunc
	component.ShutdownFunc
}

func newDiscard(context.Context, exporter.Settings, component.Config) (exporter.Metrics, error) {
	return discard{}, nil
}

// Capabilities implements consumer.Metrics.
func (discard) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

// ConsumeMetrics implements consumer.Metrics.
func (discard) ConsumeMetrics(context.Context, pmetric.Metrics) error { return nil }
