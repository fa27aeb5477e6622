package app

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"burnline/slo"
	"burnline/slo/engine"
	"burnline/storage/metrics"
)

// querier lets the engine ask the metric store.
type querier struct{ store metrics.Store }

var _ engine.Querier = querier{}

// QueryRange implements engine.Querier. Answers that are histograms are left out: a
// ratio or a gauge has none.
func (q querier) QueryRange(ctx context.Context, expr string, from, to time.Time, step time.Duration, yield func(slo.SeriesSamples) error) error {
	value, err := q.store.Query(ctx, expr, from, to, step)
	if err != nil {
		return err
	}
	matrix, ok := value.(promql.Matrix)
	if !ok {
		return fmt.Errorf("the query answers with a %s; write one that gives a number for each moment", kindOf(value))
	}
	for _, series := range matrix {
		run := slo.SeriesSamples{Series: &slo.Series{Labels: metrics.FromLabels(series.Metric)}}
		for _, p := range series.Floats {
			run.Samples = append(run.Samples, slo.Sample{T: p.T, V: p.F})
		}
		if err := yield(run); err != nil {
			return err
		}
	}
	return nil
}

func kindOf(v parser.Value) string {
	if v == nil {
		return "nothing"
	}
	return string(v.Type())
}
