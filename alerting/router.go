package alerting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/slo"
)

// Options are what a Router needs.
type Options struct {
	// Store is required.
	Store Store
	// Alerts keeps outside alerts; without it none are taken.
	Alerts AlertStore
	// Config is the first configuration.
	Config Config
	// ExternalURL is under which people reach the web page; without it messages
	// carry no links to it.
	ExternalURL string
	// Location is the time zone of messages; nil means UTC.
	Location *time.Location
	// Now is the clock; required.
	Now func() time.Time
	// Wake is called after a commit, so that a page leaves at once; may be nil.
	Wake func()
	// Statuses returns what the engine knows of an SLO's groups now: ceilings of
	// silences and holds rest on it. Nil knows nothing, so that every page with a
	// dependency is held for a moment and no ceiling is seen to be reached later.
	Statuses func(id string) []slo.Status
	// Evidence says whom a transition's incident hurts, where and since which change; nil
	// knows nothing. Where urgent, a page waits for it: it ends when ctx does, and asks memory
	// alone.
	Evidence func(ctx context.Context, t slo.Transition, urgent bool) *slo.Evidence
	// Sight returns a transition with what the engine sees of an open incident now:
	// definition, counts, status and policy; false where it sees nothing. Without it impact is
	// told with transitions alone.
	Sight func(slo.Incident) (slo.Transition, bool)
	// Poll is how often Run looks for what other nodes changed, and at burn rates.
	// Default 5s.
	Poll time.Duration
	// FallbackAfter is for how long a receiver may fail before its fallback is told.
	// Default 2m.
	FallbackAfter time.Duration
	// Logger and Registerer may be nil.
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Router turns transitions into rows of the outbox. It is safe for concurrent use.
type Router struct {
	store    Store
	text     TextOptions
	now      func() time.Time
	wake     func()
	statuses func(id string) []slo.Status
	poll     time.Duration
	logger   *slog.Logger

	fallbackAfter time.Duration

	evidence func(context.Context, slo.Transition, bool) *slo.Evidence
	sight    func(slo.Incident) (slo.Transition, bool)
	// spare is held while evidence is asked for a page, and rested is until when none is.
	spare  sync.Mutex
	rested time.Time
	// latest is what is known now of open incidents, by key.
	latest sync.Map

	// changing is held for reading while a commit rests on config, so that a
	// reload sees every incident that was planned by the configuration before it.
	changing sync.RWMutex
	config   Config

	alertStore AlertStore
	alerts     alertDesk
	// world is what fires and what is silenced.
	world *world
	// changed holds a value while open incidents are to be judged again, which one at
	// a time does.
	changed  chan struct{}
	revising sync.Mutex

	transitions *prometheus.CounterVec
	metrics     alertMetrics
}

// NewRouter returns a router, or what is wrong with its options. It starts nothing.
func NewRouter(o Options) (*Router, error) {
	if o.Store == nil || o.Now == nil {
		return nil, errors.New("alerting: a router needs a store and a clock")
	}
	if err := o.Config.Validate(); err != nil {
		return nil, err
	}
	r := &Router{
		store:    o.Store,
		text:     TextOptions{ExternalURL: o.ExternalURL, Location: o.Location},
		now:      o.Now,
		wake:     o.Wake,
		statuses: o.Statuses,
		poll:     o.Poll,
		evidence: o.Evidence,
		sight:    o.Sight,
		config:   o.Config,
		changed:  make(chan struct{}, 1),
		logger:   orDiscard(o.Logger),

		alertStore: o.Alerts,
		alerts:     alertDesk{mu: newDeskLock(), wake: make(chan struct{}, 1), quieted: true},
		metrics:    newAlertMetrics(),
		transitions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_alerting_transitions_total",
			Help: "Transitions of incidents that were committed, by kind (opened, joined, updated, closed, recorded) and severity.",
		}, []string{"kind", "severity"}),
	}
	r.world = newWorld(&r.config, r.rejudge)
	if r.fallbackAfter = o.FallbackAfter; r.fallbackAfter <= 0 {
		r.fallbackAfter = defaultFallbackAfter
	}
	if r.poll <= 0 {
		r.poll = 5 * time.Second
	}
	if r.statuses == nil {
		r.statuses = func(string) []slo.Status { return nil }
	}
	if r.sight == nil {
		r.sight = func(slo.Incident) (slo.Transition, bool) { return slo.Transition{}, false }
	}
	if r.wake == nil {
		r.wake = func() {}
	}
	return r, register(o.Registerer, r.transitions, r.metrics.news)
}

// Commit plans what the transition causes and commits both in one transaction.
// After nil the transition is safe: it will be told, across crashes. After an
// error nothing of it happened, or all of it; committing it again is right in
// both cases.
func (r *Router) Commit(ctx context.Context, t slo.Transition) error {
	t.Evidence = r.witness(ctx, t)
	planned, err := r.commit(ctx, t)
	if err != nil {
		return fmt.Errorf("commit %s incident of %s: %w", t.Kind, t.Incident.SLO, err)
	}
	r.wake()
	r.transitions.WithLabelValues(string(t.Kind), string(t.Incident.Severity)).Inc()
	r.logger.Info("incident committed", "kind", t.Kind, "slo", t.Incident.SLO, "severity", t.Incident.Severity,
		"key", t.Incident.Key, "rows", len(planned.Rows), "plan", planned.Reason)
	return nil
}

// commit commits by the configuration in force and returns the plan written.
func (r *Router) commit(ctx context.Context, t slo.Transition) (Plan, error) {
	r.changing.RLock()
	defer r.changing.RUnlock()
	if t.Incident.Team == "" && t.Definition != nil {
		t.Incident.Team = t.Definition.Team
	}
	p := r.proposed(t)
	// The store may ask several times; only what it wrote is remembered.
	var done *passage
	change := Change{Transition: t, Plan: func(have Existing) Plan {
		p := p
		p.have = have
		p = pass(r.view(), p)
		done = &p
		return p.plan
	}}
	if err := r.store.Commit(ctx, change, r.now()); err != nil {
		return Plan{}, err
	}
	if done == nil {
		return Plan{}, nil // it was committed before
	}
	r.note(done)
	return done.plan, nil
}

// view is what the stages see now. The caller holds changing.
func (r *Router) view() *view {
	return &view{config: &r.config, text: r.text, world: r.world, now: r.now(), fallbackAfter: r.fallbackAfter}
}

// proposed is the passage of a transition before its first stage.
func (r *Router) proposed(t slo.Transition) passage {
	p := passage{t: t, labels: Labels(t.Incident, t.Definition), message: Text(t, r.text), burn: highestBurn(t.Status)}
	if t.Policy != nil && t.Policy.Long.Known && t.Policy.Short.Known {
		p.burn = max(p.burn, min(t.Policy.Long.Rate, t.Policy.Short.Rate))
	}
	if t.Kind == slo.IncidentOpened && t.Incident.Severity == slo.Page {
		for _, dep := range r.world.dependencies(t.Incident.SLO) {
			p.follows = p.follows || !r.world.paged(dep) && mayFollow(r.statuses(dep), t.Incident.Started)
		}
	}
	return p
}

// note remembers what was committed, so that others are judged by it.
func (r *Router) note(p *passage) {
	in := p.t.Incident
	in.Key = orElse(p.have.Key, in.Key)
	switch p.t.Kind {
	case slo.IncidentRecorded:
		return
	case slo.IncidentClosed:
		r.world.forget(in.Key)
	default:
		if len(p.have.Replaced) > 0 {
			r.world.forget(p.have.Replaced[0].Key)
		}
		r.world.learn(remembered{incident: in, labels: p.labels, settled: settled{
			decisions: p.decisions(), explains: p.plan.Newest.Explains, due: r.view().due(p), acks: len(p.have.Acks),
			evidence: p.plan.Newest.Evidence}})
	}
	if !outside(in) && r.world.stirs(in, p.decisions()) {
		r.rejudge()
	}
}

// Reload takes a new configuration over. Rows that a receiver refused are tried
// again, because a reload is how a wrong routing key is put right; rows of a
// receiver that is back are due at once; and open incidents that nobody has
// taken are told to the new route. A start is a reload too: call it once before
// the engine runs. After an error of the store the new configuration is in force,
// and the next reload queues what this one should have.
func (r *Router) Reload(ctx context.Context, config Config) error {
	if err := config.Validate(); err != nil {
		return err
	}
	r.changing.Lock()
	r.config = config
	r.world.obey(&r.config)
	r.changing.Unlock()
	if err := r.recallSources(ctx); err != nil {
		return fmt.Errorf("read which alerts keep others quiet: %w", err)
	}
	n, err := r.reviseAll(ctx, true)
	if err != nil {
		return fmt.Errorf("queue refused and untold pages: %w", err)
	}
	if n > 0 {
		r.logger.Info("refused and untold pages are queued", "rows", n)
	}
	r.wake()
	r.rejudge()
	return nil
}

// SetSilences takes the silences over that there are now, those that have not begun
// among them. Open incidents are judged again by Run.
func (r *Router) SetSilences(silences []Silence) {
	r.world.hush(silences)
	r.rejudge()
}

// rejudge makes Run judge all open incidents again, and RunAlerts all outside alerts. It
// never blocks.
func (r *Router) rejudge() {
	r.rejudgeAlerts()
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// orDiscard returns the logger, or one that keeps nothing.
func orDiscard(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l
}

// register registers the collectors unless there is no registerer.
func register(reg prometheus.Registerer, cs ...prometheus.Collector) error {
	if reg == nil {
		return nil
	}
	for _, c := range cs {
		if err := reg.Register(c); err != nil {
			return fmt.Errorf("register alerting metrics: %w", err)
		}
	}
	return nil
}
