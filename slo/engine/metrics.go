package engine

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/slo"
)

// engineMetrics are the engine's own metrics.
type engineMetrics struct {
	samples        *prometheus.CounterVec
	checkpoints    *prometheus.CounterVec
	notes          *prometheus.CounterVec
	totals         *prometheus.CounterVec
	filled         prometheus.Counter
	reads          prometheus.Counter
	readErrors     prometheus.Counter
	commitFailures prometheus.Counter
	recordFailures prometheus.Counter
	transitions    *prometheus.CounterVec
	judging        prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer, e *Engine) *engineMetrics {
	m := &engineMetrics{
		samples: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_engine_samples_total",
			Help: "Delivered samples by what became of them: counted, duplicate, ignored (no value), late (a repair follows), unknown (a look-up follows).",
		}, []string{"result"}),
		checkpoints: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_engine_checkpoints_total",
			Help: "Checkpoints of SLOs by what became of them: written, failed (written later), resumed (at the start), dropped (of no use; the history is read).",
		}, []string{"result"}),
		notes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_engine_notes_total",
			Help: "Notes of series whose samples came late, or of SLOs of a feed that fell behind, so that a restart looks at them again: written or failed (the batch was not stored).",
		}, []string{"result"}),
		totals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_engine_totals_total",
			Help: "Totals of closed days, one for each group, by what became of them: written or failed (tried again).",
		}, []string{"result"}),
		filled:         counter("burnline_engine_history_samples_total", "Samples read back from storage to build or repair counts."),
		reads:          counter("burnline_engine_history_reads_total", "Times that the counts of an SLO were built or repaired from storage."),
		readErrors:     counter("burnline_engine_read_errors_total", "Reads of samples from storage that failed and are retried."),
		commitFailures: counter("burnline_engine_commit_failures_total", "Commits of a transition that failed and are retried."),
		recordFailures: counter("burnline_engine_record_failures_total", "Writes of recorded series that failed."),
		transitions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_engine_transitions_total",
			Help: "Committed transitions of incidents by kind and severity.",
		}, []string{"kind", "severity"}),
		judging: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "burnline_engine_judge_duration_seconds", Help: "Time to count, judge and commit one SLO once.",
			Buckets: prometheus.ExponentialBuckets(10e-6, 4, 10),
		}),
	}
	if reg != nil {
		reg.MustRegister(m.samples, m.checkpoints, m.notes, m.totals, m.filled, m.reads, m.readErrors, m.commitFailures, m.recordFailures,
			m.transitions, m.judging, &stateCollector{e})
	}
	return m
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func (m *engineMetrics) tally(n tally) {
	for _, one := range []struct {
		result string
		n      int
	}{{"counted", n.counted}, {"duplicate", n.duplicate}, {"ignored", n.ignored}, {"late", n.late}, {"unknown", n.unknown}} {
		if one.n > 0 {
			m.samples.WithLabelValues(one.result).Add(float64(one.n))
		}
	}
}

func (m *engineMetrics) judged(d time.Duration) { m.judging.Observe(d.Seconds()) }

// stateCollector derives gauges from the published statuses.
type stateCollector struct{ e *Engine }

// Describe implements prometheus.Collector.
func (c *stateCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.descs() {
		ch <- d
	}
}

func (c *stateCollector) descs() [4]*prometheus.Desc {
	return [4]*prometheus.Desc{
		prometheus.NewDesc("burnline_engine_slos", "Groups of SLOs by state.", []string{"state"}, nil),
		prometheus.NewDesc("burnline_engine_filling_slos", "SLOs whose history is still being read from storage.", nil, nil),
		prometheus.NewDesc("burnline_engine_judge_lag_seconds", "Age of the newest judged sample over all SLOs.", nil, nil),
		prometheus.NewDesc("burnline_engine_filled_ratio", "Part of the history that was read, 0 to 1, over all SLOs.", nil, nil),
	}
}

// Collect implements prometheus.Collector.
func (c *stateCollector) Collect(ch chan<- prometheus.Metric) {
	descs := c.descs()
	states := map[slo.State]int{}
	filling, filled, all := 0, 0.0, 0.0
	var newest time.Time
	for _, t := range c.e.list() {
		statuses := t.statuses()
		for i := range statuses {
			s := &statuses[i]
			states[s.State]++
			filled, all = filled+s.Filled, all+1
			if s.LastSample.After(newest) {
				newest = s.LastSample
			}
		}
		if slices.ContainsFunc(statuses, func(s slo.Status) bool { return s.Filling }) {
			filling++
		}
	}
	for _, state := range allStates() {
		ch <- prometheus.MustNewConstMetric(descs[0], prometheus.GaugeValue, float64(states[state]), string(state))
	}
	ch <- prometheus.MustNewConstMetric(descs[1], prometheus.GaugeValue, float64(filling))
	if all > 0 {
		ch <- prometheus.MustNewConstMetric(descs[3], prometheus.GaugeValue, filled/all)
	}
	if !newest.IsZero() {
		lag := max(0, c.e.opt.Now().Sub(newest).Seconds())
		ch <- prometheus.MustNewConstMetric(descs[2], prometheus.GaugeValue, lag)
	}
}

func allStates() []slo.State {
	return []slo.State{
		slo.StateOK, slo.StateBurning, slo.StateSpent, slo.StateIdle, slo.StateMissing, slo.StateBroken, slo.StateUnseen,
	}
}
