package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"

	"burnline/slo"
)

// Prometheus' own defaults.
const (
	defaultInterval = time.Minute
	outageTolerance = time.Hour
	forGracePeriod  = 10 * time.Minute
)

// defaultSettle is how long rules have to be evaluated after a start before it
// counts as proof that an alert of before no longer fires: rules look back
// over samples that the time without Burnline lacks.
const defaultSettle = 5 * time.Minute

// Origin is that of all alerts of the runner.
const Origin = "rules"

// Router takes alerts; alerting.Router implements it.
type Router interface {
	// Alerts takes alerts that fire and alerts that have ended; the same again
	// changes nothing.
	Alerts(ctx context.Context, alerts []slo.Alert) error
	// EndAbsent closes the open incidents of the origin whose alerts aren't present.
	EndAbsent(ctx context.Context, origin string, present func(slo.Labels) bool) error
}

// Options are what a Runner needs; those without a default are required.
type Options struct {
	Store  Store
	Router Router
	// ExternalURL is how people reach Burnline; templates may use it. May be nil.
	ExternalURL *url.URL
	// Settle is how long after a start the silence of a rule proves nothing. Default 5m.
	Settle time.Duration
	// Now is the clock of what is proved; evaluations follow the wall clock. Default time.Now.
	Now func() time.Time
	// Logger and Registerer may be nil.
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Runner evaluates a set of rule files. Its methods are safe for concurrent use.
type Runner struct {
	opt      Options
	failures prometheus.Counter

	// updating is held while a set is put in force. It is never held together with
	// mu while the manager waits for an evaluation, which takes mu.
	updating sync.Mutex
	set      Set
	manager  *rules.Manager // while it runs

	// groups are those in force; views read them while mu is held for a slow store.
	groups atomic.Pointer[[]*rules.Group]

	mu      sync.Mutex
	started time.Time
	// proved are the alerting rules that were evaluated without an error.
	proved map[*rules.AlertingRule]bool
	// told are the alerts that fire, by their labels.
	told map[string]told
}

// told is an alert that fires, and whether the router has stored it.
type told struct {
	alert  slo.Alert
	stored bool
}

// New returns a runner of no rules. It starts nothing; Run does.
func New(o Options) (*Runner, error) {
	if o.Store == nil || o.Router == nil {
		return nil, errors.New("rules: a runner needs a store and a router")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Settle <= 0 {
		o.Settle = defaultSettle
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.ExternalURL == nil {
		o.ExternalURL = &url.URL{}
	}
	r := &Runner{opt: o, proved: map[*rules.AlertingRule]bool{}, told: map[string]told{}}
	r.failures = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "burnline_rules_alert_failures_total",
		Help: "Evaluations of rule groups whose alerts could not be stored as incidents; the next evaluation tells them again.",
	})
	if o.Registerer != nil {
		if err := o.Registerer.Register(r.failures); err != nil {
			return nil, fmt.Errorf("register the metrics of rules: %w", err)
		}
	}
	return r, nil
}

// Update puts a set of rules in force, now or once Run begins. Groups that did not
// change go on; of changed ones, alerts of the same name and labels go on.
func (r *Runner) Update(set Set) error {
	r.updating.Lock()
	defer r.updating.Unlock()
	if r.manager != nil {
		if err := r.install(set); err != nil {
			return err
		}
	}
	r.set = set
	return nil
}

// install hands the set to the running manager. The caller holds updating.
func (r *Runner) install(set Set) error {
	old := r.set
	r.set = set // the loader reads it
	if err := r.manager.Update(defaultInterval, set.files, labels.EmptyLabels(), r.opt.ExternalURL.String(), r.evaluate); err != nil {
		r.set = old
		return fmt.Errorf("put the rules in force: %w", err)
	}
	groups := r.manager.RuleGroups()
	r.groups.Store(&groups)
	r.mu.Lock()
	defer r.mu.Unlock()
	left := map[*rules.AlertingRule]bool{}
	for _, g := range groups {
		for _, rule := range g.AlertingRules() {
			if r.proved[rule] {
				left[rule] = true
			}
		}
	}
	r.proved = left
	return nil
}

// Run evaluates rules until the context ends, and then returns nil after the
// last evaluation has ended.
func (r *Runner) Run(ctx context.Context) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	var wg sync.WaitGroup
	wg.Go(r.manager.Run)
	r.settle(ctx)
	<-ctx.Done()
	r.updating.Lock()
	manager := r.manager
	r.manager = nil
	r.updating.Unlock()
	manager.Stop()
	wg.Wait()
	return nil
}

// start makes the manager, which is bound to the context for good.
func (r *Runner) start(ctx context.Context) error {
	r.updating.Lock()
	defer r.updating.Unlock()
	r.mu.Lock()
	r.started = r.opt.Now()
	r.mu.Unlock()
	r.manager = rules.NewManager(&rules.ManagerOptions{
		Context: ctx, ExternalURL: r.opt.ExternalURL, QueryFunc: query(r.opt.Store),
		// What fires is read after every evaluation instead, so that an error of the
		// router is mended by the next one.
		NotifyFunc: func(context.Context, string, ...*rules.Alert) {},
		Appendable: appendable{r.opt.Store}, Queryable: queryable{r.opt.Store},
		Logger: r.opt.Logger, Registerer: r.opt.Registerer,
		OutageTolerance: outageTolerance, ForGracePeriod: forGracePeriod, ResendDelay: time.Minute,
		GroupLoader: loader{r}, NameValidationScheme: model.UTF8Validation, Parser: parser.NewParser(parser.Options{}),
	})
	return r.install(r.set)
}

// settle ends, once it is certain, the incidents of rules of before when there is no
// rule left whose evaluation would.
func (r *Runner) settle(ctx context.Context) {
	timer := time.NewTimer(r.opt.Settle)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			r.tell(ctx, nil)
			timer.Reset(r.opt.Settle)
		}
	}
}

// Groups returns the groups in force with the state of their rules, in order of
// file and name.
func (r *Runner) Groups() []*rules.Group {
	if groups := r.groups.Load(); groups != nil {
		return *groups
	}
	return nil
}

// loader gives the manager the files as they were checked, so that one that changes
// meanwhile is not taken half.
type loader struct{ r *Runner }

// Load implements rules.GroupLoader.
func (l loader) Load(file string, _ bool, _ model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	groups := l.r.set.groups[file]
	if groups == nil {
		return nil, []error{fmt.Errorf("%s was not read", file)}
	}
	return groups, nil
}

// Parse implements rules.GroupLoader.
func (loader) Parse(text string) (parser.Expr, error) {
	return parser.NewParser(parser.Options{}).ParseExpr(text)
}
