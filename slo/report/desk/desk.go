package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/slo"
	"burnline/slo/report"
)

// Store keeps closed reports for good. storage/state implements it.
type Store interface {
	// SaveReport keeps a revision; false where its number is taken.
	SaveReport(ctx context.Context, r report.Report, basis string) (bool, error)
	// Report returns a revision, the newest for 0; false where there is none.
	Report(ctx context.Context, period, team string, revision int) (report.Report, bool, error)
	// ReportHeads lists revisions of a period, or of all for "", those made last first.
	ReportHeads(ctx context.Context, period string, limit int) ([]report.Head, error)
}

// Facts are what reports are made of beside the promises.
type Facts struct {
	Teams     []slo.Team
	Incidents []report.Incident
	Statuses  []slo.Status
	// Services are those that send metrics; nil is not known.
	Services []string
	Currency string
}

// Options are what a Desk needs; all are required, but for Logger and Registerer.
type Options struct {
	Source *report.Source
	Store  Store
	// Facts returns the incidents that were open in (from, to], and the rest as it is now.
	Facts func(ctx context.Context, from, to time.Time) (Facts, error)
	// Plan returns the configuration in force.
	Plan func() Plan
	// Tell hands a report over to a receiver, for good: name is the same for the same period, team and
	// receiver, and what was handed over under a name is not again.
	Tell func(ctx context.Context, name, receiver string, r report.Report) error
	// Now is the clock.
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Desk is safe for concurrent use, but for Run and Step.
type Desk struct {
	o Options
	// making lets one report at a time be made; it guards nothing else.
	making chan struct{}
	// mu guards fresh.
	mu    sync.Mutex
	fresh map[scope]made

	// heads are the newest revisions by period and team, each period read once, and rechecked is when
	// each was made again last. Only Step uses them, and told.
	heads     map[string]map[string]report.Head
	rechecked map[scope]check
	told      map[string]bool

	revisions *prometheus.CounterVec
	failures  prometheus.Counter
}

// scope is a period of a team.
type scope struct{ period, team string }

// made is a report with when it has to be made again.
type made struct {
	report report.Report
	until  time.Time
}

const (
	// freshFor is how long a report of a period that is not closed serves all who ask, at least,
	// and costFactor times the time that its making took where that is more.
	freshFor   = 30 * time.Second
	costFactor = 20
	// mostFresh bounds how many are kept.
	mostFresh = 64
)

// New returns a desk, or what is missing in its options. It starts nothing.
func New(o Options) (*Desk, error) {
	if o.Source == nil || o.Store == nil || o.Facts == nil || o.Plan == nil || o.Tell == nil || o.Now == nil {
		return nil, errors.New("reports: a desk needs Source, Store, Facts, Plan, Tell and Now")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Desk{o: o, making: make(chan struct{}, 1), fresh: map[scope]made{}, heads: map[string]map[string]report.Head{}, rechecked: map[scope]check{}, told: map[string]bool{},
		revisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_report_revisions_total",
			Help: "Revisions of closed reports that this node made, by kind (first, later).",
		}, []string{"kind"}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "burnline_report_failures_total",
			Help: "Times that closing or sending reports did not work; it is tried again within a minute.",
		})}
	if o.Registerer != nil {
		for _, c := range []prometheus.Collector{d.revisions, d.failures} {
			if err := o.Registerer.Register(c); err != nil {
				return nil, fmt.Errorf("register the metrics of reports: %w", err)
			}
		}
	}
	return d, nil
}

// Zone is the time zone of periods.
func (d *Desk) Zone() *time.Location { return d.o.Plan().Zone }

// Now returns the report of the running month.
func (d *Desk) Now(ctx context.Context, team string) (report.Report, error) {
	return d.fromMemory(ctx, report.PeriodOf(slo.Month, d.o.Now(), d.Zone()), team)
}

// Report returns the report of a period: a closed revision, the newest where revision is 0; or what
// there is to tell while the period is not closed. False means that there is no such revision, or
// that the period has not begun.
func (d *Desk) Report(ctx context.Context, p report.Period, team string, revision int) (report.Report, bool, error) {
	r, found, err := d.o.Store.Report(ctx, p.Name, team, revision)
	if err != nil || found {
		return r, found, err
	}
	if revision > 0 || !p.From.Before(d.o.Now()) {
		return report.Report{}, false, nil
	}
	r, err = d.fromMemory(ctx, p, team)
	return r, err == nil, err
}

// Revisions lists the revisions of a period and team, the newest first.
func (d *Desk) Revisions(ctx context.Context, period, team string) ([]report.Head, error) {
	all, err := d.o.Store.ReportHeads(ctx, period, mostHeads)
	if err != nil {
		return nil, err
	}
	var some []report.Head
	for _, h := range all {
		if h.Team == team {
			some = append(some, h)
		}
	}
	return some, nil
}

// Closed lists what was closed for a team last, the newest revision of each period.
func (d *Desk) Closed(ctx context.Context, team string) ([]report.Head, error) {
	all, err := d.o.Store.ReportHeads(ctx, "", mostHeads)
	if err != nil {
		return nil, err
	}
	newest, order := map[string]int{}, []report.Head(nil)
	for _, h := range all {
		switch i, known := newest[h.Period]; {
		case h.Team != team:
		case !known:
			newest[h.Period] = len(order)
			order = append(order, h)
		case order[i].Revision < h.Revision:
			order[i] = h
		}
	}
	return order, nil
}

// mostHeads bounds lists of revisions.
const mostHeads = 10_000

// fromMemory returns a report that is as good as new.
func (d *Desk) fromMemory(ctx context.Context, p report.Period, team string) (report.Report, error) {
	if m, ok := d.lookup(scope{p.Name, team}); ok {
		return m, nil
	}
	select {
	case d.making <- struct{}{}:
		defer func() { <-d.making }()
	case <-ctx.Done():
		return report.Report{}, ctx.Err()
	}
	if m, ok := d.lookup(scope{p.Name, team}); ok {
		return m, nil // somebody else asked for the same
	}
	begin := d.o.Now()
	all, err := d.make(ctx, p, []string{team})
	if err != nil {
		return report.Report{}, err
	}
	end := d.o.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	for k, m := range d.fresh {
		if end.After(m.until) || len(d.fresh) >= mostFresh {
			delete(d.fresh, k)
		}
	}
	until := end.Add(max(freshFor, costFactor*end.Sub(begin)))
	if all[0].Running {
		until = slo.Earliest(until, p.To) // what is told when the period is over is of all of it
	}
	d.fresh[scope{p.Name, team}] = made{all[0], until}
	return all[0], nil
}

func (d *Desk) lookup(k scope) (report.Report, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m, ok := d.fresh[k]
	return m.report, ok && d.o.Now().Before(m.until)
}

// make makes the reports of a period.
func (d *Desk) make(ctx context.Context, p report.Period, teams []string) ([]report.Report, error) {
	facts, err := d.o.Facts(ctx, p.Before().From, p.To)
	if err != nil {
		return nil, fmt.Errorf("read what happened in %s: %w", p.Name, err)
	}
	return d.o.Source.Make(ctx, report.Input{
		Period: p, Zone: p.From.Location(), Teams: facts.Teams, Incidents: facts.Incidents,
		Statuses: facts.Statuses, Services: facts.Services, Currency: facts.Currency,
	}, teams)
}
