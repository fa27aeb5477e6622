package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"

	"burnline/slo"
)

// Store is the metric store that rules are evaluated on.
type Store interface {
	// AppendableV2 takes the recorded series.
	storage.AppendableV2
	// Query evaluates PromQL; with step 0 it is an instant query at to.
	Query(ctx context.Context, expr string, from, to time.Time, step time.Duration) (parser.Value, error)
	// Select yields the raw samples of [from, to], in milliseconds.
	Select(ctx context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error
}

// query evaluates the expression of a rule.
func query(s Store) func(context.Context, string, time.Time) (promql.Vector, error) {
	return func(ctx context.Context, expr string, at time.Time) (promql.Vector, error) {
		value, err := s.Query(ctx, expr, at, at, 0)
		if err != nil {
			return nil, err
		}
		switch v := value.(type) {
		case promql.Vector:
			return v, nil
		case promql.Scalar:
			return promql.Vector{{T: v.T, F: v.V, Metric: labels.EmptyLabels()}}, nil
		}
		return nil, fmt.Errorf("a rule's expression gives a %s; write one that gives a vector or a scalar", value.Type())
	}
}

// appendable lets the rule manager, which speaks the older interface of
// appenders, write through the store's one door.
type appendable struct{ store Store }

// Appender implements storage.Appendable.
func (a appendable) Appender(ctx context.Context) storage.Appender {
	return &appender{app: a.store.AppenderV2(ctx)}
}

// appender passes on what recording rules write. The manager's option to drop
// samples out of order needs nothing: it evaluates in order of time.
type appender struct{ app storage.AppenderV2 }

var _ storage.Appender = (*appender)(nil)

var errNotRecorded = errors.New("recording rules write samples only")

// Append implements storage.Appender.
func (a *appender) Append(ref storage.SeriesRef, ls labels.Labels, t int64, v float64) (storage.SeriesRef, error) {
	return a.app.Append(ref, ls, 0, t, v, nil, nil, storage.AOptions{})
}

// AppendHistogram implements storage.Appender.
func (a *appender) AppendHistogram(ref storage.SeriesRef, ls labels.Labels, t int64, h *histogram.Histogram, fh *histogram.FloatHistogram) (storage.SeriesRef, error) {
	return a.app.Append(ref, ls, 0, t, 0, h, fh, storage.AOptions{})
}

// Commit implements storage.Appender.
func (a *appender) Commit() error { return a.app.Commit() }

// Rollback implements storage.Appender.
func (a *appender) Rollback() error { return a.app.Rollback() }

// SetOptions implements storage.Appender.
func (*appender) SetOptions(*storage.AppendOptions) {}

// AppendExemplar implements storage.Appender.
func (*appender) AppendExemplar(storage.SeriesRef, labels.Labels, exemplar.Exemplar) (storage.SeriesRef, error) {
	return 0, errNotRecorded
}

// AppendHistogramSTZeroSample implements storage.Appender.
func (*appender) AppendHistogramSTZeroSample(storage.SeriesRef, labels.Labels, int64, int64, *histogram.Histogram, *histogram.FloatHistogram) (storage.SeriesRef, error) {
	return 0, errNotRecorded
}

// UpdateMetadata implements storage.Appender.
func (*appender) UpdateMetadata(storage.SeriesRef, labels.Labels, metadata.Metadata) (storage.SeriesRef, error) {
	return 0, errNotRecorded
}

// AppendSTZeroSample implements storage.Appender.
func (*appender) AppendSTZeroSample(storage.SeriesRef, labels.Labels, int64, int64) (storage.SeriesRef, error) {
	return 0, errNotRecorded
}

// queryable reads back since when alerts have been active, of which the manager keeps
// record as ALERTS_FOR_STATE.
type queryable struct{ store Store }

// Querier implements storage.Queryable.
func (q queryable) Querier(mint, maxt int64) (storage.Querier, error) {
	return &querier{store: q.store, from: mint, to: maxt}, nil
}

type querier struct {
	store    Store
	from, to int64
}

// Select implements storage.Querier.
func (q *querier) Select(ctx context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	var sel slo.Selector
	for _, m := range matchers {
		if m.Name == slo.MetricName && m.Type == labels.MatchEqual {
			sel.Name = m.Value
			continue
		}
		sel.Matchers = append(sel.Matchers, slo.Matcher{Label: m.Name, Op: slo.MatchOp(m.Type.String()), Value: m.Value})
	}
	var all []storage.Series
	err := q.store.Select(ctx, sel, q.from, q.to, func(run slo.SeriesSamples) error {
		all = append(all, storage.NewListSeries(toLabels(run.Series.Labels()), samples(run.Samples)))
		return nil
	})
	if err != nil {
		return storage.ErrSeriesSet(fmt.Errorf("read since when alerts are active: %w", err))
	}
	return &list{all: all, at: -1}
}

// LabelValues implements storage.Querier; the manager never asks for them.
func (*querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, errNotRecorded
}

// LabelNames implements storage.Querier; the manager never asks for them.
func (*querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, errNotRecorded
}

// Close implements storage.Querier.
func (*querier) Close() error { return nil }

// list is series that were read already.
type list struct {
	all []storage.Series
	at  int
}

// Next implements storage.SeriesSet.
func (l *list) Next() bool { l.at++; return l.at < len(l.all) }

// At implements storage.SeriesSet.
func (l *list) At() storage.Series { return l.all[l.at] }

// Err implements storage.SeriesSet.
func (*list) Err() error { return nil }

// Warnings implements storage.SeriesSet.
func (*list) Warnings() annotations.Annotations { return nil }

func toLabels(ls slo.Labels) labels.Labels {
	b := labels.NewScratchBuilder(len(ls))
	for _, l := range ls {
		b.Add(l.Name, l.Value)
	}
	return b.Labels()
}

func fromLabels(ls labels.Labels) slo.Labels {
	out := make(slo.Labels, 0, ls.Len())
	ls.Range(func(l labels.Label) { out = append(out, slo.Label{Name: l.Name, Value: l.Value}) })
	return out
}

// sample is a plain value as Prometheus' interfaces take it.
type sample struct{ raw slo.Sample }

// T implements chunks.Sample.
func (s sample) T() int64 { return s.raw.T }

// ST implements chunks.Sample.
func (s sample) ST() int64 { return s.raw.ST }

// F implements chunks.Sample.
func (s sample) F() float64 { return s.raw.V }

// H implements chunks.Sample.
func (sample) H() *histogram.Histogram { return nil }

// FH implements chunks.Sample.
func (sample) FH() *histogram.FloatHistogram { return nil }

// Type implements chunks.Sample.
func (sample) Type() chunkenc.ValueType { return chunkenc.ValFloat }

// Copy implements chunks.Sample.
func (s sample) Copy() chunks.Sample { return s }

// samples are the plain values among raw samples; ALERTS_FOR_STATE has no others.
func samples(raw []slo.Sample) []chunks.Sample {
	out := make([]chunks.Sample, 0, len(raw))
	for _, s := range raw {
		if s.H == nil {
			out = append(out, sample{s})
		}
	}
	return out
}
