package remote

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"burnline/slo"
	"burnline/storage/metrics"
)

// PollInterval is how often a backend is asked for new samples, unless said otherwise.
const PollInterval = 5 * time.Second

// PollerOptions say what is polled, how often, and who is told.
type PollerOptions struct {
	// Store is read; required.
	Store *Store
	// Sink is told; required.
	Sink metrics.Sink
	// Interval is the time between polls. Default PollInterval.
	Interval time.Duration
	// Lateness is by how much each poll reaches back behind the one before, for
	// samples that come late or become readable late. Default 2m.
	Lateness time.Duration
	// Offset is by how much a poll stays behind now. Default the store's
	// query offset.
	Offset time.Duration
	// Now is the clock; required.
	Now func() time.Time
	// Logger is optional.
	Logger *slog.Logger
	// Registerer takes the poller's own metrics; optional.
	Registerer prometheus.Registerer
}

// Poller reads new samples from a store and hands those that an SLO counts to the
// sink. A sample is handed over in every poll that reaches it; the sink counts it once.
type Poller struct {
	o PollerOptions
	// next is, for each metric, the first moment that no poll has reached yet,
	// in milliseconds; a failed poll does not move it, so the next one covers the gap.
	next map[string]int64
	// known holds the one pointer of each wanted series, as of generation.
	known      map[string]*known
	generation uint64
	pruned     time.Time

	polls   prometheus.Counter
	errs    prometheus.Counter
	samples prometheus.Counter
	whole   prometheus.Gauge
}

// known is a series that polls have met; its series is nil when no SLO counts it.
type known struct {
	series *slo.Series
	seen   time.Time
}

// forgetAfter is for how long a series that no poll meets keeps its pointer, so
// that series that come and go don't pile up.
const forgetAfter = time.Hour

// NewPoller checks the options; Run does the work.
func NewPoller(o PollerOptions) (*Poller, error) {
	if o.Store == nil || o.Sink == nil || o.Now == nil {
		return nil, errors.New("remote metrics poller: Store, Sink or Now is missing")
	}
	if o.Interval <= 0 {
		o.Interval = PollInterval
	}
	if o.Lateness <= 0 {
		o.Lateness = 2 * time.Minute
	}
	if o.Offset <= 0 {
		o.Offset = o.Store.QueryOffset()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	f := promauto.With(o.Registerer)
	return &Poller{
		o:     o,
		next:  map[string]int64{},
		known: map[string]*known{},
		polls: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_remote_polls_total",
			Help: "Polls of the remote metric backend for new samples that SLOs count.",
		}),
		errs: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_remote_poll_errors_total",
			Help: "Reads of one metric during a poll that failed; the next poll covers the gap.",
		}),
		samples: f.NewCounter(prometheus.CounterOpts{
			Name: "burnline_remote_polled_samples_total",
			Help: "Samples handed to the SLO engine by polling, repeats included.",
		}),
		whole: f.NewGauge(prometheus.GaugeOpts{
			Name: "burnline_remote_last_whole_poll_timestamp_seconds",
			Help: "When a poll last read every metric that SLOs count, in seconds since 1970.",
		}),
	}, nil
}

// Run polls until ctx ends. Failed reads are counted and logged, never returned:
// the backend may come back.
func (p *Poller) Run(ctx context.Context) error {
	tick := time.NewTicker(p.o.Interval)
	defer tick.Stop()
	healthy := true
	for {
		err := p.Poll(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && healthy:
			p.o.Logger.Warn("polling the metric backend fails; SLOs get no new samples until it answers", "err", err)
		case err == nil && !healthy:
			p.o.Logger.Info("polling the metric backend works again")
		}
		healthy = err == nil
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Poll reads once what has come since the last poll. All metrics are tried;
// the error joins what failed.
func (p *Poller) Poll(ctx context.Context) error {
	p.polls.Inc()
	if g := p.o.Sink.Generation(); g != p.generation {
		p.generation, p.known = g, map[string]*known{}
	}
	now := p.o.Now()
	to := now.Add(-p.o.Offset).UnixMilli()
	merged := merge(p.o.Sink.Selectors())
	p.forget(merged)
	p.prune(now)
	var errs []error
	for _, sel := range merged {
		if err := p.pollMetric(ctx, sel, to); err != nil {
			p.errs.Inc()
			errs = append(errs, err)
		}
	}
	if len(errs) == 0 {
		p.whole.Set(float64(now.UnixMilli()) / 1000)
	}
	return errors.Join(errs...)
}

// pollMetric reads one metric up to and including to, and what was written so
// late that polls don't reach it.
func (p *Poller) pollMetric(ctx context.Context, sel slo.Selector, to int64) error {
	next, polled := p.next[sel.Name]
	if !polled {
		next = to
	}
	if late, ok := p.o.Store.late.take(sel.Name, p.o.Now()); ok {
		if err := p.deliver(ctx, sel, late.from, late.to); err != nil {
			p.o.Store.late.putBack(sel.Name, late)
			return err
		}
	}
	if err := p.deliver(ctx, sel, min(next, to)-p.o.Lateness.Milliseconds()+1, to); err != nil {
		return err
	}
	p.next[sel.Name] = to
	return nil
}

// deliver hands over the samples of [from, to] that SLOs count.
func (p *Poller) deliver(ctx context.Context, sel slo.Selector, from, to int64) error {
	var batch []slo.SeriesSample
	err := p.o.Store.Select(ctx, sel, from, to, func(run slo.SeriesSamples) error {
		series := p.series(run.Series)
		if series == nil {
			return nil
		}
		for _, s := range run.Samples {
			batch = append(batch, slo.SeriesSample{Series: series, Sample: s})
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("poll %s: %w", sel.Name, err)
	}
	if len(batch) > 0 {
		p.o.Sink.Deliver(batch)
		p.samples.Add(float64(len(batch)))
	}
	return nil
}

// series returns the one pointer of a wanted series, nil when no SLO counts it.
func (p *Poller) series(s *slo.Series) *slo.Series {
	key := s.Labels().String()
	k, ok := p.known[key]
	if !ok {
		if !p.o.Sink.Wants(s.Labels()) {
			s = nil
		}
		k = &known{series: s}
		p.known[key] = k
	}
	k.seen = p.o.Now()
	return k.series
}

// prune forgets the series that no poll has met for long.
func (p *Poller) prune(now time.Time) {
	if now.Sub(p.pruned) < forgetAfter/4 {
		return
	}
	p.pruned = now
	for key, k := range p.known {
		if now.Sub(k.seen) > forgetAfter {
			delete(p.known, key)
		}
	}
}

// forget drops the progress of metrics that no SLO selects any more; should one
// come back, its past is the engine's to fill.
func (p *Poller) forget(merged []slo.Selector) {
	wanted := make(map[string]bool, len(merged))
	for _, sel := range merged {
		wanted[sel.Name] = true
	}
	for name := range p.next {
		if !wanted[name] {
			delete(p.next, name)
		}
	}
	p.o.Store.late.keep(wanted)
}
