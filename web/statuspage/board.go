package statuspage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/alerting"
	"burnline/alerting/statuspage"
	"burnline/slo"
	"burnline/slo/report"
)

// Options are what the page is made of. All but Logger and Registerer are required.
type Options struct {
	// Config returns what the page tells of now; one without journeys is no page.
	Config func() statuspage.Config
	// URL returns where customers open the page, such as https://status.example.com/status.
	URL func() string
	// Definitions and Statuses are the SLOs in force and the newest of all their groups. They are asked
	// every few seconds and must not wait for anything.
	Definitions func() []*slo.Definition
	Statuses    func() []slo.Status
	// Incidents, Maintenances and Posts return what was open, ended or was written after a moment.
	Incidents    func(ctx context.Context, since time.Time) ([]slo.Incident, error)
	Maintenances func(ctx context.Context, since time.Time) ([]alerting.Maintenance, error)
	Posts        func(ctx context.Context, since time.Time) ([]alerting.StatusPost, error)
	// Records returns how SLOs were kept in (from, to], by their IDs.
	Records func(ctx context.Context, ids []string, from, to time.Time) (map[string]*report.Record, error)
	// Now is the clock.
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

const (
	// every is how often the page is made anew, and for how long visitors may keep it.
	every = 5 * time.Second
	// historyEvery is how often the last 90 days are counted anew, and pastEvery how often it is read
	// which incidents there were, where none opened or closed meanwhile.
	historyEvery = 5 * time.Minute
	pastEvery    = time.Minute
	// again is how long after a failure the same is tried again.
	again = 30 * time.Second
	// readTimeout bounds one reading of a store, and historyTimeout that of 90 days.
	readTimeout    = 3 * time.Second
	historyTimeout = time.Minute
)

// Board keeps the page as it is now. Run makes it; its handlers are safe for concurrent use.
type Board struct {
	o       Options
	style   document
	now     atomic.Pointer[snapshot]
	metrics metrics

	// What follows is Run's alone: what was read last, and when to read it again.
	known   statuspage.World
	of      string // the configuration that histories are of
	history time.Time
	past    time.Time
	open    string
	failing map[string]bool
}

type metrics struct {
	requests *prometheus.CounterVec
	reads    *prometheus.CounterVec
	made     prometheus.Gauge
}

// New returns a board, or what is missing in its options. It starts nothing.
func New(o Options) (*Board, error) {
	if o.Config == nil || o.URL == nil || o.Definitions == nil || o.Statuses == nil || o.Incidents == nil || o.Maintenances == nil || o.Posts == nil || o.Records == nil || o.Now == nil {
		return nil, errors.New("statuspage: a board needs all of its options but Logger and Registerer")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	b := &Board{o: o, failing: map[string]bool{}, metrics: metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_status_page_requests_total", Help: "Requests of the status page by what was answered (page, json, feed, badge, style, nothing).",
		}, []string{"answer"}),
		reads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_status_page_failed_reads_total", Help: "Readings for the status page that failed, by what was read (history, incidents, maintenance, posts); what was known before is shown meanwhile.",
		}, []string{"of"}),
		made: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "burnline_status_page_made_timestamp_seconds", Help: "When the status page was made last; 0 where there is none.",
		}),
	}}
	var err error
	if b.style, err = styleSheet(); err != nil {
		return nil, err
	}
	if o.Registerer != nil {
		for _, c := range []prometheus.Collector{b.metrics.requests, b.metrics.reads, b.metrics.made} {
			if err := o.Registerer.Register(c); err != nil {
				return nil, fmt.Errorf("register the metrics of the status page: %w", err)
			}
		}
	}
	return b, nil
}

// Run keeps the page up to date until ctx ends.
func (b *Board) Run(ctx context.Context) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := b.Step(ctx); err != nil && ctx.Err() == nil {
			b.o.Logger.Error("the status page could not be made; the last one stays", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Step makes the page once. It must not run beside Run. A store that fails leaves what was read of it
// last.
func (b *Board) Step(ctx context.Context) error {
	c := b.o.Config()
	if len(c.Journeys) == 0 {
		b.now.Store(nil)
		b.metrics.made.Set(0)
		return nil
	}
	at := b.o.Now()
	w := &b.known
	w.At, w.Definitions, w.Statuses = at, b.o.Definitions(), b.o.Statuses()
	b.read(ctx, &c)
	world := *w
	world.At = at.Truncate(time.Minute)
	world.Incidents = append(openIncidents(w.Statuses), w.Incidents...) // the engine knows first what is open
	made, err := b.render(statuspage.Build(&c, &world))
	if err != nil {
		return err
	}
	b.now.Store(made)
	b.metrics.made.Set(float64(at.UnixNano()) / 1e9)
	return nil
}

// openIncidents are those that the engine holds as open.
func openIncidents(all []slo.Status) []slo.Incident {
	var open []slo.Incident
	for i := range all {
		open = append(open, all[i].Open...)
	}
	return open
}
