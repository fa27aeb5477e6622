package changes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/internal/repeat"
	"burnline/slo"
)

// Filter narrows a list of changes; its zero value is all of them.
type Filter struct {
	// Service, Kind and Version are those of the changes, where they are not empty.
	Service, Version string
	Kind             slo.ChangeKind
	// Everybody lists those that concern all services beside those of Service.
	Everybody bool
	// From and To are when they happened, To excluded; zero is no bound.
	From, To time.Time
	// Limit bounds the answer, the newest first. Required.
	Limit int
}

// Store keeps changes and the versions that services were seen to have. storage/state implements
// it.
type Store interface {
	// SaveChange keeps a change and returns it, and true. Where one has its ID already that is
	// returned as it is, and false.
	SaveChange(ctx context.Context, c slo.ChangeEvent, now time.Time) (slo.ChangeEvent, bool, error)
	// Changes lists changes, the newest first.
	Changes(ctx context.Context, f Filter) ([]slo.ChangeEvent, error)
	// ChangeMark is another one once a change was kept or deleted.
	ChangeMark(ctx context.Context) (string, error)
	// SaveSeen keeps which versions were seen first when, unless that is known.
	SaveSeen(ctx context.Context, seen []Seen) error
	// SeenVersions returns all that was seen.
	SeenVersions(ctx context.Context) ([]Seen, error)
}

// Options are what a Keeper needs.
type Options struct {
	// Store is required.
	Store Store
	// Changed is called with each change that is new, once over all nodes, after it was kept;
	// may be nil. Where it fails the change is kept nevertheless.
	Changed func(ctx context.Context, c slo.ChangeEvent) error
	// Now is the clock, and NewID makes an ID; both are required.
	Now   func() time.Time
	NewID func() string
	// Logger and Registerer may be nil.
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Keeper takes changes, and knows the recent ones. It is safe for concurrent use.
type Keeper struct {
	o Options
	// mu guards what follows; recent is replaced as a whole, the newest first.
	mu     sync.Mutex
	mark   string
	recent []slo.ChangeEvent

	versions versions
	taken    *prometheus.CounterVec
	ignored  prometheus.Counter
}

const (
	// recentFor is how far back Recent goes, and mostRecent how many it holds.
	recentFor  = 7 * 24 * time.Hour
	mostRecent = 2000
	// pollEvery is how often it is looked what other nodes took, and what was seen is kept.
	pollEvery = 2 * time.Second
)

// New returns a keeper, or what is missing in its options. It starts nothing.
func New(o Options) (*Keeper, error) {
	if o.Store == nil || o.Now == nil || o.NewID == nil {
		return nil, errors.New("changes: a keeper needs Store, Now and NewID")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Changed == nil {
		o.Changed = func(context.Context, slo.ChangeEvent) error { return nil }
	}
	k := &Keeper{o: o,
		taken: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "burnline_changes_total",
			Help: "Changes that this node took, by kind (deploy, flag, config, version, other).",
		}, []string{"kind"}),
		ignored: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "burnline_changes_ignored_versions_total",
			Help: "Versions in telemetry that are not followed, because their service has too many or there are too many services.",
		}),
	}
	if o.Registerer == nil {
		return k, nil
	}
	for _, c := range []prometheus.Collector{k.taken, k.ignored} {
		if err := o.Registerer.Register(c); err != nil {
			return nil, fmt.Errorf("register the metrics of changes: %w", err)
		}
	}
	return k, nil
}

// Open reads the recent changes and the known versions. Call it before telemetry comes.
func (k *Keeper) Open(ctx context.Context) error {
	known, err := k.o.Store.SeenVersions(ctx)
	if err != nil {
		return fmt.Errorf("read which versions are known: %w", err)
	}
	k.versions.recall(known)
	return k.reread(ctx)
}

// Take takes a change that somebody tells of and returns it as it is kept, and whether it is
// new. The error is slo.Problems where the input breaks the rules, else the store's.
func (k *Keeper) Take(ctx context.Context, in Input) (slo.ChangeEvent, bool, error) {
	c, err := in.change(k.o.Now())
	if err != nil {
		return slo.ChangeEvent{}, false, err
	}
	if c.ID == "" {
		c.ID = k.o.NewID()
	}
	return k.keep(ctx, c)
}

// keep keeps a change and passes it on where it is new.
func (k *Keeper) keep(ctx context.Context, c slo.ChangeEvent) (slo.ChangeEvent, bool, error) {
	kept, is, err := k.o.Store.SaveChange(ctx, c, k.o.Now())
	if err != nil {
		return slo.ChangeEvent{}, false, fmt.Errorf("keep change %s: %w", c.ID, err)
	}
	if !is {
		return kept, false, nil
	}
	k.taken.WithLabelValues(string(c.Kind)).Inc()
	k.o.Logger.Info("a change is known", "id", kept.ID, "kind", kept.Kind, "service", kept.Service, "title", kept.Title)
	if err := k.o.Changed(ctx, kept); err != nil {
		k.o.Logger.Warn("others are not told of a change", "id", kept.ID, "error", err)
	}
	if err := k.reread(ctx); err != nil {
		k.o.Logger.Warn("a change is shown a moment later", "error", err)
	}
	return kept, true, nil
}

// List lists changes, the newest first.
func (k *Keeper) List(ctx context.Context, f Filter) ([]slo.ChangeEvent, error) {
	return k.o.Store.Changes(ctx, f)
}

// Recent returns the changes of the last days, the newest first, from memory. The slice is
// shared and only read.
func (k *Keeper) Recent() []slo.ChangeEvent {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.recent
}

// Run follows what other nodes take, and keeps the versions that were seen, until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	return repeat.Every(ctx, pollEvery, k.Step, func(err error) {
		k.o.Logger.Warn("changes can't be followed; it is tried on", "error", err)
	})
}

// Step does once what Run does again and again.
func (k *Keeper) Step(ctx context.Context) error {
	if err := k.noteVersions(ctx); err != nil {
		return err
	}
	mark, err := k.o.Store.ChangeMark(ctx)
	if err != nil {
		return err
	}
	k.mu.Lock()
	same := mark == k.mark
	k.mu.Unlock()
	if same {
		return nil
	}
	return k.reread(ctx)
}

// reread reads the recent changes.
func (k *Keeper) reread(ctx context.Context) error {
	mark, err := k.o.Store.ChangeMark(ctx) // before the changes, so that none is passed over
	if err != nil {
		return err
	}
	all, err := k.o.Store.Changes(ctx, Filter{From: k.o.Now().Add(-recentFor), Limit: mostRecent})
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.mark, k.recent = mark, slices.Clip(all)
	return nil
}
