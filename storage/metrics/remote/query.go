package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"burnline/storage/metrics"
)

// Query implements metrics.Store by the backend's own engine.
func (s *Store) Query(ctx context.Context, expr string, from, to time.Time, step time.Duration) (parser.Value, error) {
	form := instantQuery(expr, to)
	if step > 0 {
		form = rangeQuery(expr, from, to, step)
	}
	a, err := s.ask(ctx, form)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", expr, err)
	}
	v, err := a.value()
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", expr, err)
	}
	return v, nil
}

// value decodes any answer into the engine's types.
func (a answer) value() (parser.Value, error) {
	switch a.Type {
	case "matrix":
		m, err := a.matrix()
		if err != nil {
			return nil, err
		}
		return toMatrix(m)
	case "vector":
		var v model.Vector
		if err := json.Unmarshal(a.Result, &v); err != nil {
			return nil, fmt.Errorf("decode answer: %w", err)
		}
		return toVector(v)
	case "scalar":
		var v model.Scalar
		if err := json.Unmarshal(a.Result, &v); err != nil {
			return nil, fmt.Errorf("decode answer: %w", err)
		}
		return promql.Scalar{T: int64(v.Timestamp), V: float64(v.Value)}, nil
	case "string":
		var v model.String
		if err := json.Unmarshal(a.Result, &v); err != nil {
			return nil, fmt.Errorf("decode answer: %w", err)
		}
		return promql.String{T: int64(v.Timestamp), V: v.Value}, nil
	}
	return nil, fmt.Errorf("decode answer: unknown kind of result %q", oneLine([]byte(a.Type)))
}

func toMatrix(m model.Matrix) (parser.Value, error) {
	out := make(promql.Matrix, 0, len(m))
	for _, stream := range m {
		s := promql.Series{Metric: toLabels(stream.Metric)}
		for _, v := range stream.Values {
			s.Floats = append(s.Floats, promql.FPoint{T: int64(v.Timestamp), F: float64(v.Value)})
		}
		for _, h := range stream.Histograms {
			fh, err := floatHistogram(h.Histogram)
			if err != nil {
				return nil, fmt.Errorf("decode native histogram: %w", err)
			}
			s.Histograms = append(s.Histograms, promql.HPoint{T: int64(h.Timestamp), H: fh})
		}
		out = append(out, s)
	}
	return out, nil
}

func toVector(v model.Vector) (parser.Value, error) {
	out := make(promql.Vector, 0, len(v))
	for _, sample := range v {
		if sample == nil {
			return nil, fmt.Errorf("decode answer: a sample is null")
		}
		s := promql.Sample{Metric: toLabels(sample.Metric), T: int64(sample.Timestamp), F: float64(sample.Value)}
		if sample.Histogram != nil {
			fh, err := floatHistogram(sample.Histogram)
			if err != nil {
				return nil, fmt.Errorf("decode native histogram: %w", err)
			}
			s.H = fh
		}
		out = append(out, s)
	}
	return out, nil
}

func toLabels(m model.Metric) labels.Labels { return metrics.ToLabels(seriesLabels(m)) }
