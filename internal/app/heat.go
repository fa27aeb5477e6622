package app

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"burnline/slo"
)

// heatStep is the shortest step of a picture: shorter ones hold too few samples.
const heatStep = time.Minute

// ranged evaluates PromQL over a stretch of time.
type ranged interface {
	Query(ctx context.Context, expr string, from, to time.Time, step time.Duration) (parser.Value, error)
}

// heater reads how long the requests of latency SLOs took. It is a picture and decides nothing: counts come from
// increase(), which extrapolates.
type heater struct{ store ranged }

// heat returns how long the requests of a group took in (from, to], in at most so many steps; none for an SLO
// that counts no histogram.
func (h heater) heat(ctx context.Context, d *slo.Definition, group slo.Labels, from, to time.Time, steps int) ([]slo.HeatStep, error) {
	l := d.SLI.Latency
	if l == nil || !from.Before(to) {
		return nil, nil
	}
	step := max(heatStep, to.Sub(from)/time.Duration(max(steps, 1))).Round(time.Second)
	sel := slo.Selector{Name: l.Histogram.Name, Matchers: slices.Clone(l.Histogram.Matchers)}
	for _, label := range group {
		sel.Matchers = append(sel.Matchers, slo.Matcher{Label: label.Name, Op: slo.MatchEqual, Value: label.Value})
	}
	buckets := sel
	buckets.Name += "_bucket"
	unit := slo.HistogramUnit(l.Histogram.Name).Seconds()
	for _, expr := range []string{
		fmt.Sprintf("sum by (le) (increase(%s[%ds]))", buckets, int(step.Seconds())),
		fmt.Sprintf("sum(increase(%s[%ds]))", sel, int(step.Seconds())),
	} {
		v, err := h.store.Query(ctx, expr, from.Add(step), to, step)
		if err != nil {
			return nil, fmt.Errorf("read the histogram of the SLO %s: %w", d.ID, err)
		}
		if all, ok := v.(promql.Matrix); ok && len(all) > 0 {
			if found := heatOf(all, unit); len(found) > 0 {
				return found, nil
			}
		}
	}
	return nil, nil
}

// heatOf reads cumulative buckets by le, or native histograms.
func heatOf(all promql.Matrix, unit float64) []slo.HeatStep {
	classic, native := map[int64][]slo.HeatBucket{}, map[int64][]slo.HeatBucket{}
	for _, series := range all {
		if le, err := strconv.ParseFloat(series.Metric.Get("le"), 64); err == nil {
			for _, p := range series.Floats {
				classic[p.T] = append(classic[p.T], slo.HeatBucket{Upper: le * unit, Count: p.F})
			}
		}
		for _, p := range series.Histograms {
			for it := p.H.AllBucketIterator(); it.Next(); {
				if b := it.At(); b.Count > 0 {
					native[p.T] = append(native[p.T], slo.HeatBucket{Lower: b.Lower * unit, Upper: b.Upper * unit, Count: b.Count})
				}
			}
		}
	}
	for t, buckets := range classic {
		classic[t] = apart(buckets)
	}
	if len(classic) == 0 {
		classic = native
	}
	var steps []slo.HeatStep
	for t, buckets := range classic {
		steps = append(steps, slo.HeatStep{T: time.UnixMilli(t).UTC(), Buckets: buckets})
	}
	slices.SortFunc(steps, func(a, b slo.HeatStep) int { return a.T.Compare(b.T) })
	return steps
}

// apart takes what is below a bucket out of it.
func apart(cumulative []slo.HeatBucket) []slo.HeatBucket {
	slices.SortFunc(cumulative, func(a, b slo.HeatBucket) int {
		if a.Upper < b.Upper {
			return -1
		}
		return 1
	})
	below, lower := 0.0, 0.0
	for i := range cumulative {
		b := &cumulative[i]
		count := b.Count
		if math.IsNaN(count) {
			count = below
		}
		b.Lower, b.Count = lower, max(0, count-below)
		below, lower = max(below, count), b.Upper
	}
	return cumulative
}
