package app

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/promql"
)

const (
	// vitalsEvery is how often the process looks at its own metrics.
	vitalsEvery = 2 * time.Second
	// vitalsSpan is over which time rates are shown.
	vitalsSpan = 10 * time.Second
)

// vitals keeps a recent look at the process' own metrics, so that the system
// page shows the same figures as /metrics without gathering for each viewer.
type vitals struct {
	gatherer prometheus.Gatherer
	now      func() time.Time
	logger   *slog.Logger

	mu    sync.RWMutex
	looks []look // oldest first, over vitalsSpan
}

// look is one gathering: families by name.
type look struct {
	at       time.Time
	families map[string]*dto.MetricFamily
}

// Run looks until ctx ends.
func (v *vitals) Run(ctx context.Context) error {
	tick := time.NewTicker(vitalsEvery)
	defer tick.Stop()
	for {
		v.take()
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (v *vitals) take() {
	families, err := v.gatherer.Gather()
	if err != nil {
		// Gather returns what it could along with the error.
		v.logger.Warn("some own metrics can't be read", "error", err)
	}
	l := look{at: v.now(), families: make(map[string]*dto.MetricFamily, len(families))}
	for _, f := range families {
		l.families[f.GetName()] = f
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.looks = append(v.looks, l)
	for len(v.looks) > 2 && l.at.Sub(v.looks[0].at) > vitalsSpan {
		v.looks = v.looks[1:]
	}
}

// latest returns the newest look; false before the first.
func (v *vitals) latest() (look, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if len(v.looks) == 0 {
		return look{}, false
	}
	return v.looks[len(v.looks)-1], true
}

// rate returns the increase a second of a counter, summed over its labels,
// over the last vitalsSpan; 0 when it is not known.
func (v *vitals) rate(name string) float64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if len(v.looks) < 2 {
		return 0
	}
	first, last := v.looks[0], v.looks[len(v.looks)-1]
	return max(0, (last.sum(name)-first.sum(name))/last.at.Sub(first.at).Seconds())
}

// sum adds up a counter or gauge over its labels.
func (l look) sum(name string) float64 {
	total := 0.0
	for _, m := range l.families[name].GetMetric() {
		total += value(m)
	}
	return total
}

// by returns a counter or gauge summed by the values of one label.
func (l look) by(name, label string) map[string]float64 {
	sums := map[string]float64{}
	for _, m := range l.families[name].GetMetric() {
		for _, pair := range m.GetLabel() {
			if pair.GetName() == label {
				sums[pair.GetValue()] += value(m)
			}
		}
	}
	return sums
}

// quantile returns a quantile of a classic histogram since the start, or 0.
func (l look) quantile(name string, q float64) float64 {
	metrics := l.families[name].GetMetric()
	if len(metrics) == 0 || metrics[0].GetHistogram().GetSampleCount() == 0 {
		return 0
	}
	h := metrics[0].GetHistogram()
	buckets := make(promql.Buckets, 0, len(h.GetBucket())+1)
	for _, b := range h.GetBucket() {
		buckets = append(buckets, promql.Bucket{UpperBound: b.GetUpperBound(), Count: float64(b.GetCumulativeCount())})
	}
	buckets = append(buckets, promql.Bucket{UpperBound: math.Inf(1), Count: float64(h.GetSampleCount())})
	value, _, _, _, _, _ := promql.BucketQuantile(q, buckets)
	return value
}

func value(m *dto.Metric) float64 {
	switch {
	case m.Counter != nil:
		return m.GetCounter().GetValue()
	case m.Gauge != nil:
		return m.GetGauge().GetValue()
	}
	return m.GetUntyped().GetValue()
}
