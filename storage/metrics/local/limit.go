package local

import (
	"sync"
	"sync/atomic"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"

	"burnline/slo"
)

// limit judges each series once, at its birth, so that known series cost
// nothing: labels have to be valid and the number of series bounded.
type limit struct {
	max    uint64
	series *seriesTable
	// count is nil while the write-ahead log is replayed: what was accepted
	// once comes back.
	count atomic.Pointer[func() uint64]
	// own are the metric names that the engine records.
	own sync.Map
}

var _ tsdb.SeriesLifecycleCallback = (*limit)(nil)

func newLimit(maxSeries int, series *seriesTable) *limit {
	return &limit{max: uint64(max(maxSeries, 0)), series: series}
}

// enforce begins to judge new series.
func (l *limit) enforce(count func() uint64) { l.count.Store(&count) }

// exempt lets series of the metric be created beyond the limit.
func (l *limit) exempt(metric string) {
	if _, known := l.own.Load(metric); !known {
		l.own.Store(metric, struct{}{})
	}
}

// PreCreation implements tsdb.SeriesLifecycleCallback.
func (l *limit) PreCreation(ls labels.Labels) error {
	count := l.count.Load()
	if count == nil {
		return nil
	}
	if !ls.Has(slo.MetricName) || !ls.IsValid(model.UTF8Validation) {
		return errInvalidLabels
	}
	if l.max == 0 || (*count)() < l.max {
		return nil
	}
	if _, own := l.own.Load(ls.Get(slo.MetricName)); own {
		return nil
	}
	return errSeriesLimit
}

// PostCreation implements tsdb.SeriesLifecycleCallback.
func (l *limit) PostCreation(labels.Labels) {}

// PostDeletion implements tsdb.SeriesLifecycleCallback.
func (l *limit) PostDeletion(gone map[chunks.HeadSeriesRef]labels.Labels) { l.series.forget(gone) }
