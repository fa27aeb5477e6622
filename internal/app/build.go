package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/alerting"
	"burnline/alerting/drills"
	"burnline/alerting/maintenance"
	"burnline/alerting/reviews"
	"burnline/alerting/silences"
	"burnline/alerting/statuspage"
	"burnline/collector"
	"burnline/collector/scrape"
	"burnline/internal/auth"
	"burnline/internal/datadir"
	"burnline/internal/ingest"
	"burnline/internal/portowner"
	"burnline/internal/privacy"
	"burnline/rules/runner"
	"burnline/slo"
	"burnline/slo/changes"
	"burnline/slo/engine"
	"burnline/slo/impact"
	"burnline/slo/report"
	"burnline/slo/report/desk"
	"burnline/storage/checkpoints"
	"burnline/storage/metrics"
	"burnline/storage/metrics/local"
	"burnline/storage/metrics/remote"
	"burnline/storage/state"
	"burnline/storage/traces"
	statusweb "burnline/web/statuspage"
)

// parts are the pieces of one running server, built in the order of the fields.
type parts struct {
	opts     Options
	logger   *slog.Logger
	started  time.Time
	registry *prometheus.Registry
	// set is the configuration in force, with its SLOs.
	set atomic.Pointer[settings]
	// listed are the SLO files of set.
	listed atomic.Pointer[listedFiles]
	// refused holds what was wrong with the newest reload; nil when it was taken.
	refused atomic.Pointer[refusedReload]
	// waiting are the keys that the last reload found changed and that a restart puts in force.
	waiting atomic.Pointer[[]string]

	disk     *disk
	listener net.Listener
	// statusListener is where the status page is served apart; nil where it is not.
	statusListener net.Listener
	// refusedConnections counts those to either of them that were closed at once.
	refusedConnections *prometheus.CounterVec
	metrics            metrics.Store
	local              *local.Store  // nil with a remote backend
	remote             *remote.Store // nil with the embedded store
	poller             *remote.Poller
	// backend knows whether the remote backend has answered; nil with the embedded store.
	backend *backend
	// hasher replaces customer ids, wherever they would be kept.
	hasher *privacy.Hasher
	traces *traces.Store
	state  *state.Spooled
	// checkpoints keeps the engine's counts over a restart.
	checkpoints *checkpoints.Store
	// saved is when the newest of them was written; nil when none was yet.
	saved     atomic.Pointer[time.Time]
	senders   senders
	router    *alerting.Router
	deliverer *alerting.Deliverer
	heart     *alerting.Heart
	// drill is the one under way; nil where there is none.
	drill       atomic.Pointer[drill]
	drills      *drills.Keeper
	changes     *changes.Keeper
	silences    *silences.Keeper
	maintenance *maintenance.Keeper
	reviews     *reviews.Keeper
	rules       *runner.Runner
	engine      *engine.Engine
	explainer   *explainer
	labels      byLabels
	book        *book
	impact      *impact.Tracker
	collector   *collector.Collector
	scrape      *scrape.Scraper
	vitals      *vitals
	historian   *historian
	posts       *statuspage.Posts
	board       *statusweb.Board
	days        *report.Source
	reports     *desk.Desk
	backups     *backups
	handler     http.Handler
	// access knows who gets in, and keeps the audit log, gate who may send; the certificates are nil without TLS.
	access                       *auth.Keeper
	gate                         *ingest.Gate
	certificate, otlpCertificate *certificate

	// ctx is the server's own: a reload asked for over HTTP outlives its client.
	// calm ends what holds for the garbage collector only during the start.
	calm      func()
	ctx       context.Context
	reloading sync.Mutex
	ready     chan struct{}
	counted   chan struct{} // closed once every SLO was counted up to now
	stopping  chan struct{}
}

// log returns the logger of one part.
func (p *parts) log(part string) *slog.Logger { return p.logger.With("part", part) }

// lockData comes first and is undone last: no store is ever open in two processes,
// whichever stores the configuration names.
func (p *parts) lockData(_ context.Context, down *teardown) error {
	lock, err := datadir.Take(p.set.Load().Config.Data)
	if err != nil {
		return err
	}
	down.add("lock of the data folder", lock.Release)
	p.disk = &disk{dir: p.set.Load().Config.Data, look: datadir.RoomOf}
	p.disk.register(p.registry)
	return p.disk.start()
}

func (p *parts) openListener(ctx context.Context, down *teardown) error {
	p.ready, p.counted, p.stopping = make(chan struct{}), make(chan struct{}), make(chan struct{})
	l, err := portowner.Listen(ctx, p.set.Load().Config.Server.Listen, "the web server",
		"choose another one with --listen or server.listen")
	if err != nil {
		return err
	}
	c := p.set.Load().Config.Server.Limits
	p.refusedConnections = newRefused(p.registry)
	p.listener = newListener(l, c.Connections, c.ConnectionsEach, p.refusedConnections)
	down.add("listener", func() error { _ = l.Close(); return nil }) // the web server closed it already
	return nil
}

func (p *parts) openMetrics(ctx context.Context, down *teardown) error {
	c := p.set.Load().Config
	if c.Metrics.Remote != nil {
		return p.openRemote(ctx, down)
	}
	p.logger.Info("what is stored is bounded", "disk", mebibytes(c.DiskSize), "metrics", mebibytes(c.MetricsSize()), "traces", mebibytes(c.TracesSize()))
	store, err := local.Open(local.Options{
		Dir:        filepath.Join(c.Data, "metrics"),
		Retention:  c.Metrics.Retention,
		MaxBytes:   c.MetricsSize(),
		MaxSeries:  c.Metrics.MaxSeries,
		MaxSamples: c.Server.Limits.Queries.Samples,
		Room:       p.disk.samples,
		Logger:     p.log("metrics"),
		Registerer: p.registry,
	})
	if err != nil {
		return err
	}
	p.metrics, p.local = store, store
	down.add("metric store", store.Close)
	return nil
}

func (p *parts) openRemote(ctx context.Context, down *teardown) error {
	store, err := remote.Open(p.set.Load().remoteOptions(p.log("remote metrics"), p.registry))
	if err != nil {
		return err
	}
	down.add("remote metric store", store.Close)
	p.metrics, p.remote = store, store
	p.backend = &backend{ping: store.Ping, logger: p.log("remote metrics")}
	return p.backend.meet(ctx, time.Now())
}

func (p *parts) openTraces(_ context.Context, down *teardown) error {
	c := p.set.Load().Config
	store, err := traces.Open(traces.Options{
		Dir:        filepath.Join(c.Data, "traces"),
		Retention:  c.Traces.Retention,
		MaxBytes:   c.TracesSize(),
		Room:       p.disk.traces,
		Redact:     p.redact,
		Stored:     p.stored,
		Logger:     p.log("traces"),
		Registerer: p.registry,
	})
	if err != nil {
		return err
	}
	p.traces = store
	down.add("trace store", store.Close)
	return nil
}

func (p *parts) openState(ctx context.Context, down *teardown) error {
	c := p.set.Load().Config
	store, err := state.OpenSpooled(ctx, state.SpoolOptions{
		Options:    state.Options{DSN: c.State.DSN.Reveal(), Dir: c.Data, Logger: p.log("state"), Program: Version()},
		Registerer: p.registry,
	})
	if err != nil {
		return err
	}
	p.state = store
	p.historian = newHistorian(store, func() []slo.Definition { return p.set.Load().Definitions }, p.log("definitions"))
	down.add("state", store.Close)
	return nil
}

func (p *parts) openCheckpoints(ctx context.Context, down *teardown) error {
	store, err := checkpoints.Open(ctx, p.set.Load().Config.Data, p.log("checkpoints"))
	if err != nil {
		return err
	}
	p.checkpoints = store
	down.add("checkpoints", store.Close)
	return nil
}

// mostRemembered bounds how many closed incidents the engine is reminded of.
const mostRemembered = 10_000

// buildEngine gives the engine its incidents and corrections before its SLOs, and its
// SLOs before any sample can come.
func (p *parts) buildEngine(ctx context.Context, _ *teardown) error {
	var recorder engine.Recorder = p.local
	if p.remote != nil {
		recorder = p.remote
	}
	e, err := engine.New(engine.Options{
		Reader: p.metrics, Querier: metrics.Ranges{Store: p.metrics}, Commit: p.commit, Raise: p.raise, Recorder: undrilledSeries{recorder}, Beside: p.changes.Recorded,
		Checkpoints: roomyCheckpoints{p.checkpoints, p.disk.samples, &p.saved}, Totals: undrilledTotals{totals: p.state}, Unstored: p.unstored,
		Now: time.Now, Logger: p.log("engine"), Registerer: p.registry,
	})
	if err != nil {
		return err
	}
	incidents, err := p.remembered(ctx)
	if err != nil {
		return err
	}
	e.Restore(incidents)
	e.Resume(ctx)
	p.book = &book{store: p.state, engine: e, also: p.correctImpact, now: time.Now, logger: p.log("corrections")}
	if err := p.book.open(ctx, p.set.Load().Corrections); err != nil {
		return err
	}
	if err := e.Update(p.set.Load().Definitions); err != nil {
		return fmt.Errorf("take the SLOs over: %w", err)
	}
	p.engine, p.explainer = e, newExplainer(e.Compare)
	if p.local != nil {
		p.local.Tap(e)
		return nil
	}
	p.backend.answered = e.Hurry
	p.poller, err = remote.NewPoller(remote.PollerOptions{
		Store: p.remote, Sink: e, Now: time.Now, Logger: p.log("remote metrics"), Registerer: p.registry,
	})
	return err
}

func (p *parts) buildCollector(ctx context.Context, _ *teardown) error {
	set := p.set.Load()
	instance, err := p.instance()
	if err != nil {
		return err
	}
	c, err := collector.New(collector.Options{
		Config: set.Pipeline, Instance: instance,
		GRPC: set.Config.Collector.OTLP.GRPC, HTTP: set.Config.Collector.OTLP.HTTP,
		TLS: p.otlpCertificate.server(), Guard: p.guard(), Open: set.Config.Ingest.Auth == IngestOpen,
		Metrics: p.metrics, Traces: p.traces, Version: Version(), Versions: p.changes.Saw,
		RemoteWrite: func() string { return p.externalURL() + "/prometheus/api/v1/write" },
		Sink:        p.impact, Compare: set.Config.Impact.compared(), Customer: set.Config.Impact.Customer, Hash: p.hasher.Sum64,
		Logger: slog.New((&handshakes{logger: p.log("collector")}).around()), Registerer: p.registry,
	})
	if err != nil {
		return err
	}
	p.collector = c
	if err := c.SetDefinitions(set.Definitions); err != nil {
		return err
	}
	if set.Pipeline == nil {
		return nil
	}
	return c.Check(ctx, set.Pipeline)
}

// instance names this node where others may write to the same metric store.
func (p *parts) instance() (string, error) {
	if p.remote == nil {
		return "", nil
	}
	return nodeName()
}

// nodeName is the same after a restart of this node.
func nodeName() (string, error) {
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("name this node: %w", err)
	}
	return name, nil
}

func (p *parts) buildScrape(_ context.Context, _ *teardown) error {
	s, err := scrape.New(scrape.Options{
		Configs: p.set.Load().Config.ScrapeConfigs, Dir: p.set.Load().Config.Dir, Appendable: p.metrics,
		Logger: p.log("scrape"), Registerer: p.registry,
	})
	p.scrape = s
	return err
}

// externalURL is where people reach the server: as configured, else as it listens.
func (p *parts) externalURL() string {
	if u := p.set.Load().Config.Server.ExternalURL; u != "" {
		return u
	}
	return webAddress(p.set.Load().Config.Server.scheme(), p.listener.Addr())
}

func (p *parts) addresses() Addresses {
	set, at := p.set.Load(), p.collector.Endpoints()
	return Addresses{
		UI: webAddress(set.Config.Server.scheme(), p.listener.Addr()), External: p.externalURL(), Access: p.accessNote(), OTLPGRPC: at.GRPC, OTLPHTTP: at.HTTP, OTLPTLS: p.otlpCertificate != nil,
		StatusPage: p.statusGreeting(),
		SLOs:       len(set.Definitions), SLOPaths: set.sloPaths(),
		Receivers: len(set.alerting.Receivers), Shadow: set.alerting.Shadow, Data: set.Config.Data,
	}
}
