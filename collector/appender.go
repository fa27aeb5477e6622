package collector

import (
	"context"
	"errors"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	prw "github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// appender remembers the first error of the store, because the translation
// mixes such errors with those of the data. After it nothing more is asked of
// the store.
type appender struct {
	storage.AppenderV2
	fatal error
}

// Append implements storage.AppenderV2.
func (a *appender) Append(ref storage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, o storage.AOptions) (storage.SeriesRef, error) {
	if a.fatal != nil {
		return 0, a.fatal
	}
	ref, err := a.AppenderV2.Append(ref, ls, st, t, v, h, fh, o)
	if err == nil {
		return ref, nil
	}
	var partial *storage.AppendPartialError
	if errors.As(err, &partial) {
		return ref, nil // the sample is stored, its exemplar is not
	}
	a.fatal = err
	return 0, err
}

func (a *appender) rejected() (n int, reason string) {
	if r, ok := a.AppenderV2.(rejecter); ok {
		return r.Rejected()
	}
	return 0, ""
}

// untranslatable counts the points that the translation gave up on. It
// translates once more, metric by metric, into an appender that only counts:
// the translation itself reports errors without numbers, and errors are rare.
func untranslatable(ctx context.Context, md pmetric.Metrics, s prw.Settings) int64 {
	var n int64
	for _, rm := range md.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				one := pmetric.NewMetrics()
				res := one.ResourceMetrics().AppendEmpty()
				rm.Resource().CopyTo(res.Resource())
				m.CopyTo(res.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty())
				tally := &tally{}
				if _, err := prw.NewPrometheusConverter(tally).FromMetrics(ctx, one, s); err != nil {
					n += max(0, int64(one.DataPointCount())-tally.points)
				}
			}
		}
	}
	return n
}

// tally counts the data points whose samples it is given.
type tally struct {
	points int64
}

var _ storage.AppenderV2 = (*tally)(nil)

// Append implements storage.AppenderV2. Of the many samples of a histogram or
// summary it counts the one named …_count.
func (t *tally) Append(_ storage.SeriesRef, ls labels.Labels, _, _ int64, _ float64, _ *histogram.Histogram, _ *histogram.FloatHistogram, o storage.AOptions) (storage.SeriesRef, error) {
	name := ls.Get(model.MetricNameLabel)
	if name == o.MetricFamilyName && name != "target_info" && !ls.Has("quantile") || name != o.MetricFamilyName && strings.HasSuffix(name, "_count") {
		t.points++
	}
	return 1, nil
}

// Commit implements storage.AppenderV2.
func (*tally) Commit() error { return nil }

// Rollback implements storage.AppenderV2.
func (*tally) Rollback() error { return nil }
