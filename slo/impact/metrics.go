package impact

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// figures are the tracker's own metrics.
type figures struct {
	spans    *prometheus.CounterVec
	followed *prometheus.GaugeVec
	find     prometheus.Histogram
	// by fate, looked up once
	keptSpans, lateSpans, crowdedSpans prometheus.Counter
}

func newFigures() *figures {
	f := &figures{
		spans: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_impact_spans_total",
			Help: "Judged spans by what became of them: kept, late (older than the minutes that are kept; they count for an open incident), crowded (their group is one too many to follow).",
		}, []string{"fate"}),
		followed: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "burnline_impact_followed",
			Help: "What the impact of incidents is counted for: series (SLOs and groups with spans), incidents (open ones).",
		}, []string{"what"}),
		find: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "burnline_impact_evidence_seconds",
			Help:    "Time to say whom an incident hurts, where, and since which change.",
			Buckets: []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1},
		}),
	}
	f.keptSpans, f.lateSpans, f.crowdedSpans = f.spans.WithLabelValues("kept"), f.spans.WithLabelValues("late"), f.spans.WithLabelValues("crowded")
	return f
}

func (f *figures) register(r prometheus.Registerer) error {
	if r == nil {
		return nil
	}
	for _, c := range []prometheus.Collector{f.spans, f.followed, f.find} {
		if err := r.Register(c); err != nil {
			return fmt.Errorf("register impact metrics: %w", err)
		}
	}
	return nil
}

func (f *figures) kept(n int) { f.keptSpans.Add(float64(n)) }

func (f *figures) dropped(late, crowded int) {
	f.lateSpans.Add(float64(late))
	f.crowdedSpans.Add(float64(crowded))
}
