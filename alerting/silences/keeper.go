package silences

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/alerting"
)

// Options are what a Keeper needs.
type Options struct {
	// Store is required.
	Store alerting.SilenceStore
	// World returns what there is for silences to keep quiet: of incidents those that
	// are open and those that closed after since. Required.
	World func(ctx context.Context, since time.Time) (World, error)
	// Changed takes all silences that are active or to come, whenever they change;
	// required. It owns the slice.
	Changed func([]alerting.Silence)
	// Limits returns what bounds one silence now; required.
	Limits func() Limits
	// Now is the clock, and NewID makes an ID, a UUID; both are required.
	Now   func() time.Time
	NewID func() string
	// Logger and Registerer may be nil.
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Keeper puts silences in force, changes and ends them. It is safe for concurrent use.
type Keeper struct {
	o Options
	// told is held while Changed is called, so that it hears of changes in order.
	told sync.Mutex
	last []alerting.Silence
	// matched are the silences until resolved that have matched something, and since
	// is up to when that is known. Only Run uses them.
	matched map[string]bool
	since   map[string]time.Time
	// looked is when what is open was last read for them, and took how long that lasted.
	looked time.Time
	took   time.Duration

	count *prometheus.GaugeVec
}

// pollEvery is how often silences are read again, since another node on the same state may
// have changed them, and how soon one that lasts until its incidents are resolved ends.
const pollEvery = 2 * time.Second

// listed is for how long a silence that is over stays in the list. By its ID it is found for
// good.
const listed = 30 * 24 * time.Hour

// New returns a keeper, or what is missing in its options. It starts nothing.
func New(o Options) (*Keeper, error) {
	if o.Store == nil || o.World == nil || o.Changed == nil || o.Limits == nil || o.Now == nil || o.NewID == nil {
		return nil, errors.New("silences: a keeper needs Store, World, Changed, Limits, Now and NewID")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{o: o, matched: map[string]bool{}, since: map[string]time.Time{}, count: prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "burnline_alerting_silences",
		Help: "Silences by state (active, pending).",
	}, []string{"state"})}
	if o.Registerer != nil {
		if err := o.Registerer.Register(k.count); err != nil {
			return nil, fmt.Errorf("register the metrics of silences: %w", err)
		}
	}
	return k, nil
}

// Open reads the silences in force and passes them on. Call it before anybody is told of anything, and
// after silences were written beside the keeper.
func (k *Keeper) Open(ctx context.Context) error {
	_, err := k.reread(ctx)
	return err
}

// TooWide is the error of a silence that mutes so much that it has to be confirmed.
type TooWide struct {
	// Preview is what it would mute.
	Preview Preview
}

// Error implements error.
func (e *TooWide) Error() string {
	return e.Preview.Wide + "; narrow its matchers, or confirm that it shall"
}

// Preview says what the silence would keep quiet. The error is slo.Problems where its
// matchers say nothing.
func (k *Keeper) Preview(ctx context.Context, r Request) (Preview, error) {
	now := k.o.Now()
	if found := r.checkForPreview(); len(found) > 0 {
		return Preview{}, found
	}
	return k.look(ctx, r.silence(now), now)
}

func (k *Keeper) look(ctx context.Context, s alerting.Silence, now time.Time) (Preview, error) {
	w, err := k.o.World(ctx, now.Add(-LookBack))
	if err != nil {
		return Preview{}, fmt.Errorf("see what the silence would mute: %w", err)
	}
	w.At = now
	return Look(&s, w, k.o.Limits()), nil
}

// checked is the silence as it is to be kept, with the errors of Put.
func (k *Keeper) checked(ctx context.Context, r Request, now time.Time) (alerting.Silence, error) {
	if found := r.check(k.o.Limits(), now); len(found) > 0 {
		return alerting.Silence{}, found
	}
	next := r.silence(now)
	preview, err := k.look(ctx, next, now)
	if err != nil {
		return alerting.Silence{}, err
	}
	if preview.Wide != "" && !r.Confirmed {
		return alerting.Silence{}, &TooWide{preview}
	}
	if r.Ceiling == nil {
		next.Ceiling = preview.Ceiling
	}
	return next, nil
}

// Prepare returns a new silence as Put would keep it, with its errors, and keeps nothing: who keeps it
// together with something else calls Open then.
func (k *Keeper) Prepare(ctx context.Context, r Request) (alerting.Silence, error) {
	s, err := k.checked(ctx, r, k.o.Now())
	if err == nil {
		s.ID = k.o.NewID()
	}
	return s, err
}

// Put puts a silence in force, new or in the place of the one of its ID, and returns it as it
// is. It is safe on disk when Put returns nil. The error is slo.Problems where the request
// breaks the rules, a *TooWide where it has to be confirmed, ErrUnknown where no silence has
// its ID, and another one where the store fails.
func (k *Keeper) Put(ctx context.Context, r Request) (alerting.Silence, error) {
	now := k.o.Now()
	next, err := k.checked(ctx, r, now)
	if err != nil {
		return alerting.Silence{}, err
	}
	id := k.o.NewID()
	var done alerting.Silence
	err = k.o.Store.EditSilence(ctx, r.ID, func(old *alerting.Silence) ([]alerting.Silence, error) {
		records, err := place(old, next, id, now)
		if err != nil {
			return nil, err
		}
		done = records[len(records)-1]
		return records, nil
	})
	if err != nil {
		return alerting.Silence{}, err
	}
	k.o.Logger.Info("silence is in force", "id", done.ID, "matchers", texts(done.Matchers), "from", done.StartsAt, "to", done.EndsAt, "author", done.Author)
	k.announce(ctx)
	return done, nil
}

// Expire ends a silence now and keeps who did it. Ending one that is over changes nothing.
// The error is ErrUnknown where no silence has the ID, and another one where the store fails.
func (k *Keeper) Expire(ctx context.Context, id, by string) (alerting.Silence, error) {
	now := k.o.Now()
	var done alerting.Silence
	err := k.o.Store.EditSilence(ctx, id, func(old *alerting.Silence) ([]alerting.Silence, error) {
		if old == nil {
			return nil, fmt.Errorf("expire silence %s: %w", id, ErrUnknown)
		}
		if done = *old; old.State(now) == alerting.SilenceExpired {
			return nil, nil
		}
		done = expired(*old, by, now)
		return []alerting.Silence{done}, nil
	})
	if err != nil {
		return alerting.Silence{}, err
	}
	k.o.Logger.Info("silence is over", "id", id, "by", by)
	k.announce(ctx)
	return done, nil
}

// Silence returns one; ErrUnknown where no silence has the ID.
func (k *Keeper) Silence(ctx context.Context, id string) (alerting.Silence, error) {
	s, ok, err := k.o.Store.Silence(ctx, id)
	if err == nil && !ok {
		err = fmt.Errorf("read silence %s: %w", id, ErrUnknown)
	}
	return s, err
}

// List returns the active silences, the first to end first, those to come, the first to
// begin first, and those that ended within 30 days, the last to end first.
func (k *Keeper) List(ctx context.Context) ([]alerting.Silence, error) {
	now := k.o.Now()
	all, err := k.o.Store.Silences(ctx, now.Add(-listed))
	if err != nil {
		return nil, err
	}
	order := map[alerting.SilenceState]int{alerting.SilenceActive: 0, alerting.SilencePending: 1, alerting.SilenceExpired: 2}
	slices.SortStableFunc(all, func(a, b alerting.Silence) int {
		state := a.State(now)
		if c := cmp.Compare(order[state], order[b.State(now)]); c != 0 {
			return c
		}
		switch state {
		case alerting.SilencePending:
			return a.StartsAt.Compare(b.StartsAt)
		case alerting.SilenceExpired:
			return b.EndsAt.Compare(a.EndsAt)
		}
		return a.EndsAt.Compare(b.EndsAt)
	})
	return all, nil
}

// announce passes a change on. What was committed is in force whatever becomes of
// that: the next poll passes it on as well.
func (k *Keeper) announce(ctx context.Context) {
	if _, err := k.reread(context.WithoutCancel(ctx)); err != nil {
		k.o.Logger.Warn("a change of silences is in force a moment later", "error", err)
	}
}

// reread reads the silences in force and passes them on where they changed.
func (k *Keeper) reread(ctx context.Context) ([]alerting.Silence, error) {
	k.told.Lock()
	defer k.told.Unlock()
	now := k.o.Now()
	all, err := k.o.Store.Silences(ctx, now)
	if err != nil {
		return nil, err
	}
	states := map[alerting.SilenceState]float64{}
	for i := range all {
		states[all[i].State(now)]++
	}
	for _, state := range []alerting.SilenceState{alerting.SilenceActive, alerting.SilencePending} {
		k.count.WithLabelValues(string(state)).Set(states[state])
	}
	if k.last == nil || !slices.EqualFunc(k.last, all, sameRecord) {
		k.last = append([]alerting.Silence{}, all...)
		k.o.Changed(slices.Clone(all))
	}
	return all, nil
}

// sameRecord compares two readings of the same records: every change of one is another
// moment of its writing.
func sameRecord(a, b alerting.Silence) bool {
	return a.ID == b.ID && a.UpdatedAt.Equal(b.UpdatedAt) && a.EndsAt.Equal(b.EndsAt)
}
