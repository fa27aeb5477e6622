package collector

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/storage"
	prw "github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// rejecter is implemented by the appenders of the metric store.
type rejecter interface {
	// Rejected returns how many samples of the batch were dropped, and why the
	// first of them was.
	Rejected() (n int, reason string)
}

// metricsExporter writes metrics into the metric store.
type metricsExporter struct {
	component.StartFunc
	component.ShutdownFunc
	store    storage.AppendableV2
	settings prw.Settings
	counts   *counts
}

var _ exporter.Metrics = (*metricsExporter)(nil)

func (c *Collector) metricsExporterFactory() exporter.Factory {
	return exporter.NewFactory(component.MustNewType("burnline_metrics"),
		func() component.Config { return &struct{}{} },
		exporter.WithMetrics(func(context.Context, exporter.Settings, component.Config) (exporter.Metrics, error) {
			return &metricsExporter{store: c.opts.Metrics, settings: translation(c.opts.PromoteResourceAttributes), counts: c.counts}, nil
		}, component.StabilityLevelStable))
}

// translation says how OTLP becomes Prometheus series: names with underscores
// and unit suffixes, chosen resource attributes as labels, the rest in
// target_info. Differences are not taken: deltatocumulative stands before.
func translation(promote []string) prw.Settings {
	return prw.Settings{
		AddMetricSuffixes:                    true,
		PromoteResourceAttributes:            prw.NewPromoteResourceAttributes(promconfig.OTLPConfig{PromoteResourceAttributes: promote}),
		LookbackDelta:                        5 * time.Minute, // how often target_info repeats: PromQL's own look-back
		LabelNameUnderscoreSanitization:      true,
		LabelNamePreserveMultipleUnderscores: true,
	}
}

// Capabilities implements consumer.Metrics.
func (*metricsExporter) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: false}
}

// ConsumeMetrics stores a batch and returns nil only after the commit. What
// can't be translated or stored is counted and told to the sender, and the
// rest is stored. Any error means that nothing of the batch is stored and that
// it may be sent again.
func (e *metricsExporter) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	points := int64(md.DataPointCount())
	if points == 0 {
		return nil
	}
	app := &appender{AppenderV2: e.store.AppenderV2(ctx)}
	bad, err := e.append(ctx, app, md)
	if err != nil {
		e.counts.failed.Inc()
		return fmt.Errorf("store metrics: %w", err)
	}
	if err := app.Commit(); err != nil {
		e.counts.failed.Inc()
		return fmt.Errorf("commit metrics: %w", err)
	}
	var rejected int64
	if bad != nil {
		n := min(points, untranslatable(context.WithoutCancel(ctx), md, e.settings))
		rejected += n
		e.counts.rejected.WithLabelValues("translation").Add(float64(n))
		reject(ctx, n, firstLine(bad))
	}
	if n, reason := app.rejected(); n > 0 {
		// A point may be several samples; a point is not rejected twice.
		n := min(points-rejected, int64(n))
		rejected += n
		e.counts.rejected.WithLabelValues("store").Add(float64(n))
		reject(ctx, n, reason)
	}
	e.counts.points.Add(float64(points - rejected))
	return nil
}

// append hands a batch to the store, up to the commit. It returns what could
// not be translated, and an error when the batch was taken back: the store
// failed, the sender went away, or the translation met data that it panics on
// (the receiver answers for that).
func (e *metricsExporter) append(ctx context.Context, app *appender, md pmetric.Metrics) (bad, err error) {
	whole := false
	defer func() {
		if !whole {
			err = errors.Join(err, app.Rollback())
		}
	}()
	_, bad = prw.NewPrometheusConverter(app).FromMetrics(ctx, md, e.settings)
	if err := errors.Join(app.fatal, ctx.Err()); err != nil {
		return nil, err
	}
	whole = true
	return bad, nil
}

// firstLine is the first of many joined errors: the sender needs an example,
// not one line a metric.
func firstLine(err error) string {
	line, _, more := strings.Cut(err.Error(), "\n")
	if more {
		line += " (and more)"
	}
	return line
}
