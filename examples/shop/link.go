package shop

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// link watches one service's way to its OTLP receiver. It logs when the way
// breaks and when it is whole again instead of once per export, and it can cut
// exports that are under way, so that a dead receiver delays no shutdown.
type link struct {
	logger *slog.Logger
	ctx    context.Context
	cut    context.CancelFunc

	mu     sync.Mutex
	broken map[string]bool
}

// newLink returns a link that outlives ctx: the last telemetry is sent after it.
func newLink(ctx context.Context, logger *slog.Logger) *link {
	ctx, cut := context.WithCancel(context.WithoutCancel(ctx))
	return &link{logger: logger, ctx: ctx, cut: cut, broken: map[string]bool{}}
}

// send runs one export. It returns nil always: the link has told the log, and
// the SDK would only tell its global error handler.
func (l *link) send(ctx context.Context, signal string, export func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.ctx, cancel)()
	err := export(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case status.Code(err) == codes.Canceled || errors.Is(err, context.Canceled):
		return nil // a service that ends cuts what is under way
	case err != nil && !l.broken[signal] && l.ctx.Err() == nil:
		l.logger.Warn("telemetry does not arrive", "signal", signal, "err", err)
	case err == nil && l.broken[signal]:
		l.logger.Info("telemetry arrives again", "signal", signal)
	}
	l.broken[signal] = err != nil
	return nil
}

// metricExporter sends metrics over the link.
type metricExporter struct {
	sdkmetric.Exporter
	link *link
}

// Export implements the SDK's metric exporter.
func (e metricExporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	return e.link.send(ctx, "metrics", func(ctx context.Context) error { return e.Exporter.Export(ctx, rm) })
}

// spanExporter sends spans over the link.
type spanExporter struct {
	sdktrace.SpanExporter
	link *link
}

// ExportSpans implements the SDK's span exporter.
func (e spanExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	return e.link.send(ctx, "traces", func(ctx context.Context) error { return e.SpanExporter.ExportSpans(ctx, spans) })
}
