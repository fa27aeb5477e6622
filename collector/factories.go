package collector

import (
	"errors"

	"github.com/open-telemetry/opentelemetry-collector-contrib/connector/spanmetricsconnector"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/deltatocumulativeprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"
	"go.opentelemetry.io/collector/processor/memorylimiterprocessor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

// factories lists every component that a pipeline may name; builtIn says that it is the built-in one.
func (c *Collector) factories(builtIn bool) (otelcol.Factories, error) {
	var f otelcol.Factories
	var errs [4]error
	f.Receivers, errs[0] = otelcol.MakeFactoryMap[receiver.Factory](
		newReceiverFactory(c, builtIn),
		otlpreceiver.NewFactory(),
	)
	f.Processors, errs[1] = otelcol.MakeFactoryMap[processor.Factory](
		batchprocessor.NewFactory(),
		memorylimiterprocessor.NewFactory(),
		deltatocumulativeprocessor.NewFactory(),
		c.samplingFactory(),
		tailsamplingprocessor.NewFactory(),
	)
	f.Connectors, errs[2] = otelcol.MakeFactoryMap[connector.Factory](
		c.sloConnectorFactory(),
		spanmetricsconnector.NewFactory(),
	)
	f.Exporters, errs[3] = otelcol.MakeFactoryMap[exporter.Factory](
		c.metricsExporterFactory(),
		c.tracesExporterFactory(),
		otlpexporter.NewFactory(),
	)
	f.Telemetry = c.telemetryFactory()
	return f, errors.Join(errs[:]...)
}
