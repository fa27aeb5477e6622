package remote

import (
	"sync"
	"time"

	"github.com/prometheus/prometheus/prompb"

	"burnline/slo"
)

const (
	// lateAfter is the age from which a written sample may lie before what the next
	// poll reaches.
	lateAfter = time.Minute
	// visibleAfter is how long backends may take to show what they confirmed.
	visibleAfter = 10 * time.Second
)

// latecomers remembers which stretches of which metrics were written so late
// that polling does not reach them, such as an agent's backlog after an outage.
type latecomers struct {
	mu sync.Mutex
	// byMetric grows while late samples come. Once what it began with must be shown, a stretch goes over
	// to ripe and grows no more, so that samples that are late all the time are read as well.
	byMetric, ripe map[string]stretch
}

// stretch is the time from the oldest to the newest late sample of a metric,
// in milliseconds.
type stretch struct {
	from, to int64
	// begun and noted are when the first and the newest of them were confirmed.
	begun, noted time.Time
}

// note looks through a request that the backend confirmed at now for samples
// before limit (in milliseconds).
func (l *latecomers) note(part []prompb.TimeSeries, limit int64, now time.Time) {
	for i := range part {
		from, to, any := span(&part[i], limit)
		if !any {
			continue
		}
		l.mu.Lock()
		if l.byMetric == nil {
			l.byMetric = map[string]stretch{}
		}
		name := metricOf(&part[i])
		if old, ok := l.byMetric[name]; ok {
			l.byMetric[name] = stretch{min(from, old.from), max(to, old.to), old.begun, now}
		} else {
			l.byMetric[name] = stretch{from, to, now, now}
		}
		l.mu.Unlock()
	}
}

// span returns the times of the oldest and the newest sample before limit.
func span(ts *prompb.TimeSeries, limit int64) (from, to int64, any bool) {
	see := func(t int64) {
		if t >= limit {
			return
		}
		if !any {
			from, to, any = t, t, true
		}
		from, to = min(from, t), max(to, t)
	}
	for _, s := range ts.Samples {
		see(s.Timestamp)
	}
	for _, h := range ts.Histograms {
		see(h.Timestamp)
	}
	return from, to, any
}

func metricOf(ts *prompb.TimeSeries) string {
	for _, l := range ts.Labels {
		if l.Name == slo.MetricName {
			return l.Value
		}
	}
	return ""
}

// take returns the stretch of a metric once the backend must show it, and
// forgets it; false while there is none.
func (l *latecomers) take(metric string, now time.Time) (stretch, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.ripe[metric]
	if next, waits := l.byMetric[metric]; !ok && waits && now.Sub(next.begun) >= visibleAfter {
		s, ok = next, true
		l.ripen(metric, next)
		delete(l.byMetric, metric)
	}
	if !ok || now.Sub(s.noted) < visibleAfter {
		return stretch{}, false
	}
	delete(l.ripe, metric)
	return s, true
}

// putBack remembers a stretch again that could not be read.
func (l *latecomers) putBack(metric string, s stretch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ripen(metric, s)
}

// ripen sets the stretch of a metric that is to be read next. The caller holds mu.
func (l *latecomers) ripen(metric string, s stretch) {
	if l.ripe == nil {
		l.ripe = map[string]stretch{}
	}
	l.ripe[metric] = s
}

// keep forgets the metrics that no SLO selects.
func (l *latecomers) keep(wanted map[string]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, some := range []map[string]stretch{l.byMetric, l.ripe} {
		for name := range some {
			if !wanted[name] {
				delete(some, name)
			}
		}
	}
}
