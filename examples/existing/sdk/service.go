// Package sdk is a service in Go that is set up by the variables of OpenTelemetry alone.
package sdk

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Serve does one piece of work, with a counter and a span, and sends both. Where to and by which token stands in
// the environment.
func Serve(ctx context.Context) (err error) {
	metrics, err := otlpmetrichttp.New(ctx)
	if err != nil {
		return fmt.Errorf("set up metrics: %w", err)
	}
	spans, err := otlptracehttp.New(ctx)
	if err != nil {
		return fmt.Errorf("set up traces: %w", err)
	}
	whoWeAre, err := resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil {
		return fmt.Errorf("say who we are: %w", err)
	}
	meters := metric.NewMeterProvider(metric.WithResource(whoWeAre), metric.WithReader(metric.NewPeriodicReader(metrics)))
	tracers := trace.NewTracerProvider(trace.WithResource(whoWeAre), trace.WithBatcher(spans))
	defer func() { err = errors.Join(err, meters.Shutdown(ctx), tracers.Shutdown(ctx)) }()

	orders, err := meters.Meter("checkout").Int64Counter("orders")
	if err != nil {
		return fmt.Errorf("make a counter: %w", err)
	}
	work, span := tracers.Tracer("checkout").Start(ctx, "buy")
	orders.Add(work, 1)
	span.End()
	return nil
}
