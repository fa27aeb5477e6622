package harness

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
)

// Customers is a service whose requests are counted by the official SDK and
// exported over OTLP: the counter shop_requests_total{code} of job "shop".
type Customers struct {
	provider *sdkmetric.MeterProvider
	requests metric.Int64Counter
	acks     *acknowledged

	mu          sync.Mutex
	failing     bool
	away        bool
	total, fail int64
}

// NewCustomers returns a service that exports to an OTLP gRPC address at the
// given interval, retrying for as long as the receiver is away.
func NewCustomers(ctx context.Context, address string, interval time.Duration) (*Customers, error) {
	exporter, err := otlpmetricgrpc.New(ctx, otlpmetricgrpc.WithEndpoint(address), otlpmetricgrpc.WithInsecure(),
		otlpmetricgrpc.WithRetry(otlpmetricgrpc.RetryConfig{
			Enabled: true, InitialInterval: 50 * time.Millisecond, MaxInterval: 200 * time.Millisecond, MaxElapsedTime: time.Minute,
		}),
		// gRPC itself would wait for up to two minutes once it met a receiver that is away.
		otlpmetricgrpc.WithDialOption(grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.5, MaxDelay: 300 * time.Millisecond}, MinConnectTimeout: time.Second,
		})))
	if err != nil {
		return nil, fmt.Errorf("create the OTLP exporter: %w", err)
	}
	acks := &acknowledged{Exporter: exporter}
	provider := sdkmetric.NewMeterProvider(
		sdkmetric.WithResource(resource.NewSchemaless(attribute.String("service.name", "shop"), attribute.String("service.instance.id", "shop-1"))),
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(acks, sdkmetric.WithInterval(interval), sdkmetric.WithTimeout(time.Minute))),
	)
	requests, err := provider.Meter("burnline/internal/harness").Int64Counter("shop.requests")
	if err != nil {
		return nil, fmt.Errorf("create the counter: %w", err)
	}
	return &Customers{provider: provider, requests: requests, acks: acks}, nil
}

// Run makes requests at the given interval until ctx ends.
func (c *Customers) Run(ctx context.Context, interval time.Duration) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	ok := metric.WithAttributeSet(attribute.NewSet(attribute.String("code", "200")))
	failed := metric.WithAttributeSet(attribute.NewSet(attribute.String("code", "500")))
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		c.mu.Lock()
		if c.away {
			c.mu.Unlock()
			continue
		}
		outcome := ok
		c.total++
		if c.failing {
			outcome = failed
			c.fail++
		}
		c.mu.Unlock()
		c.requests.Add(ctx, 1, outcome)
	}
}

// Fail makes every request fail from now on, or none.
func (c *Customers) Fail(fail bool) {
	c.mu.Lock()
	c.failing = fail
	c.mu.Unlock()
}

// Leave makes the customers stay away from now on: no more requests.
func (c *Customers) Leave() {
	c.mu.Lock()
	c.away = true
	c.mu.Unlock()
}

// Counts returns how many requests were made and how many of them failed.
func (c *Customers) Counts() (total, failed int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total, c.fail
}

// Acknowledged returns the times, in milliseconds, of all exports that the
// receiver accepted.
func (c *Customers) Acknowledged() []int64 {
	c.acks.mu.Lock()
	defer c.acks.mu.Unlock()
	return append([]int64(nil), c.acks.times...)
}

// Close exports what is left and ends.
func (c *Customers) Close(ctx context.Context) error { return c.provider.Shutdown(ctx) }

// Flush exports what was counted so far.
func (c *Customers) Flush(ctx context.Context) error { return c.provider.ForceFlush(ctx) }

// acknowledged remembers which exports were accepted.
type acknowledged struct {
	sdkmetric.Exporter

	mu    sync.Mutex
	times []int64
}

// Export passes the metrics on and remembers the time of what was accepted.
func (a *acknowledged) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	if err := a.Exporter.Export(ctx, rm); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok && len(sum.DataPoints) > 0 {
				a.times = append(a.times, sum.DataPoints[0].Time.UnixMilli())
			}
		}
	}
	return nil
}
