package local

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/prometheus/tsdb"
)

// figures are the store's own metrics, beside the TSDB's prometheus_tsdb_….
type figures struct {
	samples   prometheus.Counter
	exemplars prometheus.Counter
	refused   [refusals]prometheus.Counter
	delivered prometheus.Counter
	failed    prometheus.Counter
	roomless  prometheus.Counter
}

func newFigures(reg prometheus.Registerer) *figures {
	f := promauto.With(reg)
	refused := f.NewCounterVec(prometheus.CounterOpts{
		Name: "burnline_ingest_refused_samples_total",
		Help: "Samples that were dropped because they can't be stored, by reason. Their senders were told.",
	}, []string{"reason"})
	out := &figures{
		samples: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_ingest_samples_total",
			Help: "Samples that were committed to the embedded metric store.",
		}),
		exemplars: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_ingest_refused_exemplars_total",
			Help: "Exemplars that were dropped while their samples were stored.",
		}),
		delivered: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_ingest_slo_samples_total",
			Help: "Committed samples that an SLO counts and that were handed to the engine.",
		}),
		failed: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_ingest_failed_batches_total",
			Help: "Batches of which nothing was stored because the store failed. Senders were told to send them again.",
		}),
		roomless: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_ingest_roomless_batches_total",
			Help: "Batches of which nothing was stored for want of room on the disk; burnline_ingest_failed_batches_total counts them too.",
		}),
	}
	for r := range refusals {
		out.refused[r] = refused.WithLabelValues(r.String())
	}
	return out
}

// count adds what became of one batch.
func (f *figures) count(stored int, refused *tally) {
	f.samples.Add(float64(stored))
	if !refused.any {
		return
	}
	for r, n := range refused.n {
		if n > 0 {
			f.refused[r].Add(float64(n))
		}
	}
}

func registerGauges(reg prometheus.Registerer, db *tsdb.DB, maxSeries int) {
	f := promauto.With(reg)
	f.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "burnline_ingest_active_series",
		Help: "Series of the embedded metric store with recent samples.",
	}, func() float64 { return float64(db.Head().NumSeries()) })
	f.NewGauge(prometheus.GaugeOpts{
		Name: "burnline_ingest_series_limit",
		Help: "How many active series the store takes before new ones are refused; 0 is no limit.",
	}).Set(float64(maxSeries))
}
