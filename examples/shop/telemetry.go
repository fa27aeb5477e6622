package shop

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// exportTimeout bounds one export, so that a slow receiver delays the next one
// only a little.
const exportTimeout = 5 * time.Second

// telemetry is the OpenTelemetry SDK of one service: metrics and traces over
// one connection.
type telemetry struct {
	conn    *grpc.ClientConn
	meters  *sdkmetric.MeterProvider
	tracers *sdktrace.TracerProvider
	link    *link
}

// startTelemetry prepares the SDK for one service. It does not wait for the
// receiver: one that is away is tried again at each export.
func startTelemetry(ctx context.Context, who identity, opts Options) (*telemetry, error) {
	conn, err := grpc.NewClient(opts.OTLPEndpoint, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("prepare the OTLP connection to %s: %w", opts.OTLPEndpoint, err)
	}
	metrics, err := otlpmetricgrpc.New(ctx, otlpmetricgrpc.WithGRPCConn(conn), otlpmetricgrpc.WithTimeout(exportTimeout))
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("prepare the metric exporter: %w", err)
	}
	traces, err := otlptracegrpc.New(ctx, otlptracegrpc.WithGRPCConn(conn), otlptracegrpc.WithTimeout(exportTimeout))
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("prepare the trace exporter: %w", err)
	}
	link := newLink(ctx, opts.Logger.With("service", who.name, "region", who.region, "endpoint", opts.OTLPEndpoint))
	res := resource.NewSchemaless(
		semconv.ServiceName(who.name),
		semconv.ServiceVersion(who.version),
		semconv.ServiceInstanceID(who.name+"-"+who.region+"-"+who.version),
		semconv.CloudRegion(who.region),
	)
	reader := sdkmetric.NewPeriodicReader(metricExporter{metrics, link},
		sdkmetric.WithInterval(opts.ExportInterval), sdkmetric.WithTimeout(exportTimeout))
	return &telemetry{
		conn: conn,
		link: link,
		meters: sdkmetric.NewMeterProvider(
			sdkmetric.WithResource(res), sdkmetric.WithReader(reader), sdkmetric.WithView(withoutPorts())),
		tracers: sdktrace.NewTracerProvider(
			sdktrace.WithResource(res),
			sdktrace.WithBatcher(spanExporter{traces, link},
				sdktrace.WithBatchTimeout(opts.ExportInterval), sdktrace.WithExportTimeout(exportTimeout))),
	}, nil
}

// withoutPorts drops the port from the HTTP metrics: ports are random here, and
// every start of the shop would begin new series.
func withoutPorts() sdkmetric.View {
	return func(i sdkmetric.Instrument) (sdkmetric.Stream, bool) {
		if !strings.HasPrefix(i.Name, "http.") {
			return sdkmetric.Stream{}, false
		}
		return sdkmetric.Stream{
			Name: i.Name, Description: i.Description, Unit: i.Unit,
			AttributeFilter: func(kv attribute.KeyValue) bool { return kv.Key != semconv.ServerPortKey },
		}, true
	}
}

// options instruments an HTTP handler or client with this telemetry.
func (t *telemetry) options() []otelhttp.Option {
	return []otelhttp.Option{
		otelhttp.WithMeterProvider(t.meters),
		otelhttp.WithTracerProvider(t.tracers),
		otelhttp.WithPropagators(propagation.TraceContext{}),
	}
}

// stop sends what is left, waits at most flushTimeout for it, and closes the
// connection. What could not be sent was reported by the link.
func (t *telemetry) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	defer context.AfterFunc(ctx, t.link.cut)()
	var wg sync.WaitGroup
	wg.Go(func() { _ = t.meters.Shutdown(ctx) })
	wg.Go(func() { _ = t.tracers.Shutdown(ctx) })
	wg.Wait()
	t.link.cut()
	_ = t.conn.Close()
}
