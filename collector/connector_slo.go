package collector

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/collector/judge"
)

// sloConnector has spans counted by SLOs before anything behind it sees them.
type sloConnector struct {
	component.StartFunc
	component.ShutdownFunc
	judge *judge.Judge
	next  consumer.Traces
	log   func(msg string, args ...any)
}

var _ connector.Traces = (*sloConnector)(nil)

func (c *Collector) sloConnectorFactory() connector.Factory {
	return connector.NewFactory(component.MustNewType("burnline_slo"),
		func() component.Config { return &struct{}{} },
		connector.WithTracesToTraces(func(_ context.Context, _ connector.Settings, _ component.Config, next consumer.Traces) (connector.Traces, error) {
			return &sloConnector{judge: c.judge, next: next, log: c.opts.Logger.Debug}, nil
		}, component.StabilityLevelStable))
}

// Capabilities implements consumer.Traces: bad spans are marked.
func (*sloConnector) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: true}
}

// ConsumeTraces counts the spans and passes them on. An error means that nothing was counted,
// and that they may be sent again. Once they are counted there is no error: whoever
// sent them again would not be counted again, but burden what could not take them.
func (s *sloConnector) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	if err := s.judge.Count(ctx, td); err != nil {
		return err
	}
	spans := td.SpanCount()
	if err := s.next.ConsumeTraces(ctx, td); err != nil {
		s.judge.Lost(spans)
		s.log("spans were counted and then lost", "error", err, "spans", spans)
	}
	return nil
}
