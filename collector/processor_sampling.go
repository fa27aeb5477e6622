package collector

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/processor"

	"burnline/collector/judge"
	"burnline/collector/sampling"
)

// samplingProcessor keeps traces by the rules of package sampling.
type samplingProcessor struct{ *sampling.Sampler }

var _ processor.Traces = samplingProcessor{}

func (c *Collector) samplingFactory() processor.Factory {
	return processor.NewFactory(component.MustNewType("burnline_sampling"),
		func() component.Config {
			config := sampling.DefaultConfig()
			return &config
		},
		processor.WithTraces(func(_ context.Context, _ processor.Settings, config component.Config, next consumer.Traces) (processor.Traces, error) {
			return samplingProcessor{sampling.New(sampling.Options{
				Config: *config.(*sampling.Config), Mark: judge.Mark, Next: next, Counts: decisions{c.counts}, Logger: slog.New(c.opts.Logger.Handler()),
			})}, nil
		}, component.StabilityLevelStable))
}

// Start implements component.Component.
func (p samplingProcessor) Start(ctx context.Context, _ component.Host) error {
	p.Sampler.Start(ctx)
	return nil
}

// Capabilities implements consumer.Traces.
func (samplingProcessor) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: false}
}

// decisions counts what was sampled.
type decisions struct{ counts *counts }

// Decided implements sampling.Counts.
func (d decisions) Decided(why string, spans int) {
	if why == "" {
		why = "dropped"
	}
	d.counts.sampled.With(prometheus.Labels{"decision": why}).Add(float64(spans))
}

// Hurried implements sampling.Counts.
func (d decisions) Hurried(spans int) { d.counts.hurried.Add(float64(spans)) }
