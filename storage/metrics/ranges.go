package metrics

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"burnline/slo"
)

// Ranges gives the answers of queries as samples of the domain, as the SLO engine asks for them.
type Ranges struct {
	// Store is a Store, or the part of one that answers queries.
	Store interface {
		Query(ctx context.Context, expr string, from, to time.Time, step time.Duration) (parser.Value, error)
	}
}

// QueryRange yields every series of the answer with its values at from, from + step and so
// on up to to. Histograms are left out: a ratio or a gauge has none. An answer that may not be
// whole is an error, as it is the store's.
func (r Ranges) QueryRange(ctx context.Context, expr string, from, to time.Time, step time.Duration, yield func(slo.SeriesSamples) error) error {
	value, err := r.Store.Query(ctx, expr, from, to, step)
	if err != nil {
		return err
	}
	matrix, ok := value.(promql.Matrix)
	if !ok {
		return fmt.Errorf("the query answers with %T; write one that gives a number for each moment", value)
	}
	for _, series := range matrix {
		run := slo.SeriesSamples{Series: slo.NewSeries(FromLabels(series.Metric))}
		for _, p := range series.Floats {
			run.Samples = append(run.Samples, slo.Sample{T: p.T, V: p.F})
		}
		if err := yield(run); err != nil {
			return err
		}
	}
	return nil
}
