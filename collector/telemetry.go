package collector

import (
	"context"
	"fmt"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/service/telemetry"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.uber.org/zap"
)

// telemetryFactory gives the pipeline's components our logger and our
// registry, instead of a log on stderr and a metrics port of their own.
func (c *Collector) telemetryFactory() telemetry.Factory {
	return telemetry.NewFactory(
		func() component.Config { return &struct{}{} },
		telemetry.WithCreateLogger(func(ctx context.Context, _ telemetry.LoggerSettings, _ component.Config) (*zap.Logger, component.ShutdownFunc, error) {
			return zap.New(&slogCore{ctx: context.WithoutCancel(ctx), handler: c.opts.Logger.Handler()}), nil, nil
		}),
		telemetry.WithCreateMeterProvider(func(context.Context, telemetry.MeterSettings, component.Config) (telemetry.MeterProvider, error) {
			return c.meterProvider()
		}),
	)
}

// meterProvider makes a provider for one pipeline. Two pipelines never share
// one: a reload would register every instrument twice.
func (c *Collector) meterProvider() (telemetry.MeterProvider, error) {
	// The exporter registers itself before it is complete, so it may not be asked
	// before New has returned.
	own := &swapCollector{}
	exp, err := otelprom.New(
		otelprom.WithRegisterer(own),
		otelprom.WithoutScopeInfo(),
		otelprom.WithoutTargetInfo(),
	)
	if err != nil {
		return nil, fmt.Errorf("export the pipeline's metrics: %w", err)
	}
	c.building = own
	// The servers' own histograms cost CPU on every request and say nothing
	// that burnline_collector_… does not.
	drop := func(name string) sdkmetric.View {
		return sdkmetric.NewView(sdkmetric.Instrument{Name: name}, sdkmetric.Stream{Aggregation: sdkmetric.AggregationDrop{}})
	}
	return sdkmetric.NewMeterProvider(
		sdkmetric.WithReader(exp),
		sdkmetric.WithView(drop("http.*"), drop("rpc.*"), drop("otelcol_process_*")),
	), nil
}

// swapCollector passes on the metrics of the pipeline that runs now. It is
// registered once and has no fixed set of metrics.
type swapCollector struct {
	mu  sync.RWMutex
	now prometheus.Collector
}

var (
	_ prometheus.Registerer = (*swapCollector)(nil)
	_ prometheus.Collector  = (*swapCollector)(nil)
)

// Register implements prometheus.Registerer: the newest collector counts.
func (s *swapCollector) Register(c prometheus.Collector) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = c
	return nil
}

// MustRegister implements prometheus.Registerer.
func (s *swapCollector) MustRegister(cs ...prometheus.Collector) {
	for _, c := range cs {
		_ = s.Register(c) // never fails
	}
}

// Unregister implements prometheus.Registerer.
func (s *swapCollector) Unregister(c prometheus.Collector) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now != c {
		return false
	}
	s.now = nil
	return true
}

// Describe implements prometheus.Collector; describing nothing makes it an
// unchecked one.
func (*swapCollector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (s *swapCollector) Collect(ch chan<- prometheus.Metric) {
	s.mu.RLock()
	now := s.now
	s.mu.RUnlock()
	if now != nil {
		now.Collect(ch)
	}
}
