package collector

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// tracesExporter hands traces to the trace store.
type tracesExporter struct {
	component.StartFunc
	component.ShutdownFunc
	c *Collector
}

var _ exporter.Traces = (*tracesExporter)(nil)

func (c *Collector) tracesExporterFactory() exporter.Factory {
	return exporter.NewFactory(component.MustNewType("burnline_traces"),
		func() component.Config { return &struct{}{} },
		exporter.WithTraces(func(context.Context, exporter.Settings, component.Config) (exporter.Traces, error) {
			return &tracesExporter{c: c}, nil
		}, component.StabilityLevelStable))
}

// Capabilities implements consumer.Traces.
func (*tracesExporter) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: false}
}

// ConsumeTraces keeps traces. It never fails: spans may have been counted
// already, and a client that sent them again would have them counted twice.
func (e *tracesExporter) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	spans := float64(td.SpanCount())
	if spans == 0 {
		return nil
	}
	if err := e.c.opts.Traces.Append(ctx, td); err != nil {
		e.c.counts.lost.Add(spans)
		e.c.opts.Logger.Debug("spans not kept", "error", err, "spans", spans)
		return nil
	}
	e.c.counts.kept.Add(spans)
	return nil
}
