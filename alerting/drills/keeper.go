package drills

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/slo"
)

// Plan is what is configured.
type Plan struct {
	// Schedule says when drills are due; the zero value is never.
	Schedule Schedule
	// Receiver gets the page; "" leaves it to the routes.
	Receiver string
}

// Options are what a Keeper needs.
type Options struct {
	// Kind is what this keeper does.
	Kind Kind
	// Store is required.
	Store Store
	// Plan returns the configuration in force; required.
	Plan func() Plan
	// Drill runs one drill and tells its steps; required. Its error wraps ErrBusy where
	// another one is under way on this node, and says which step did not come else.
	Drill func(ctx context.Context, receiver string, tell func(Step)) error
	// Alert takes the alert of a drill that failed; required.
	Alert func(ctx context.Context, alerts []slo.Alert) error
	// Now is the clock; required.
	Now func() time.Time
	// Logger and Registerer may be nil.
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Keeper runs the drills that are due, and keeps what came of them and of those by hand. It is
// safe for concurrent use, but for Run and Step.
type Keeper struct {
	o Options
	// of is how the kind is told of.
	of words
	// mu guards what follows: the drills as they were last read, the newest first.
	mu     sync.Mutex
	newest []Drill
	// alerted is the drill whose failure was told last, and until when that is believed.
	// Only Step uses them, or what it runs beside a drill.
	alerted *Drill
	until   time.Time
	// begun is true once the first Step of this process has planned. Only Step uses it.
	begun bool

	results *prometheus.CounterVec
	steps   *prometheus.GaugeVec
}

const (
	// pollEvery is how often it is looked whether a drill is due.
	pollEvery = 5 * time.Second
	// hold is for how long a drill under way is its node's without a further step: longer
	// than any step may take.
	hold = 2 * time.Minute
	// lateness is by how much a drill may begin late; after that it counts as missed, since
	// people were told of another time.
	lateness = time.Hour
	// mostAttempts is how often a drill is begun that its node did not live to end.
	mostAttempts = 3
	// busyFor is after what time a drill that another one kept waiting is tried again.
	busyFor = 30 * time.Second
	// believed is for how long a told failure stands by itself, and renewBefore when it is
	// told again.
	believed    = 15 * time.Minute
	renewBefore = 10 * time.Minute
	// tellEvery is how often it is looked while a drill is under way whether a failure is to be told again.
	tellEvery = time.Minute
	// shown is how many drills are read, and listed.
	shown = 20
	// leaving is how long the end of a process may take to leave its drill to the next.
	leaving = 2 * time.Second
)

// New returns a keeper, or what is missing in its options. It starts nothing.
func New(o Options) (*Keeper, error) {
	if o.Store == nil || o.Plan == nil || o.Drill == nil || o.Alert == nil || o.Now == nil {
		return nil, errors.New("drills: a keeper needs Store, Plan, Drill, Alert and Now")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	of := o.Kind.words()
	k := &Keeper{o: o, of: of,
		results: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: of.total,
			Help: of.many + " that ended on this node, by result (passed, failed, missed).",
		}, []string{"result"}),
		steps: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: of.step,
			Help: "How long after the beginning of the newest " + of.one + " each of its steps was done.",
		}, []string{"step"}),
	}
	if o.Registerer == nil {
		return k, nil
	}
	for _, c := range []prometheus.Collector{k.results, k.steps,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: of.passed,
			Help: "When a " + of.one + " passed last, by hand or by schedule; NaN for never.",
		}, func() float64 { return k.moment(func(d *Drill) (time.Time, bool) { return d.Ended, d.Passed() }) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: of.next,
			Help: "When the next scheduled " + of.one + " is due; NaN without a schedule.",
		}, func() float64 {
			return k.moment(func(d *Drill) (time.Time, bool) { return d.Due, d.Result() == "planned" })
		}),
	} {
		if err := o.Registerer.Register(c); err != nil {
			return nil, fmt.Errorf("register the metrics of drills: %w", err)
		}
	}
	return k, nil
}

// moment is that of the newest drill of which there is one, in seconds since 1970.
func (k *Keeper) moment(of func(*Drill) (time.Time, bool)) float64 {
	for _, d := range k.List() {
		if at, is := of(&d); is {
			return float64(at.UnixMilli()) / 1000
		}
	}
	return math.NaN()
}

// List returns the newest drills as they were last read, the next among them, the newest
// first.
func (k *Keeper) List() []Drill {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.newest)
}

// Last returns the newest drill that ended; false before the first.
func (k *Keeper) Last() (Drill, bool) {
	for _, d := range k.List() {
		if !d.Ended.IsZero() {
			return d, true
		}
	}
	return Drill{}, false
}

// ByHand runs a drill that somebody asked for, and keeps what came of it. The error is the
// drill's.
func (k *Keeper) ByHand(ctx context.Context, receiver string, tell func(Step)) error {
	now := k.o.Now().UTC()
	d := Drill{ID: k.o.Kind.prefix() + "by-hand-" + now.Format(time.RFC3339Nano), Kind: k.o.Kind, Receiver: receiver, Due: now, Began: now, Attempt: 1}
	err := k.o.Drill(ctx, receiver, func(s Step) {
		d.Steps = append(d.Steps, s)
		tell(s)
	})
	if errors.Is(err, ErrBusy) || errors.Is(err, ErrNoReceiver) || errors.Is(err, ErrUnset) {
		return err // it never began
	}
	d.end(k.o.Now(), err)
	kept, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaving)
	defer cancel()
	if e := k.save(kept, d, 0); e != nil {
		k.o.Logger.Warn("the result of a drill is not kept", "error", e)
	}
	if e := k.read(kept); e != nil {
		k.o.Logger.Warn("drills can't be read", "error", e)
	}
	return err
}

// end notes how the drill ended.
func (d *Drill) end(at time.Time, err error) {
	d.Ended = at.UTC()
	if err != nil {
		d.Error = err.Error()
	}
}

// save writes a drill, and counts one that ended.
func (k *Keeper) save(ctx context.Context, d Drill, hold time.Duration) error {
	if err := k.o.Store.SaveDrill(ctx, d, hold, k.o.Now()); err != nil {
		return fmt.Errorf("keep drill %s: %w", d.ID, err)
	}
	if d.Ended.IsZero() {
		return nil
	}
	k.results.WithLabelValues(d.Result()).Inc()
	if !d.Missed {
		k.steps.Reset()
		for _, s := range d.Steps {
			k.steps.WithLabelValues(s.Name).Set(s.After.Seconds())
		}
	}
	return nil
}

// read reads the newest drills.
func (k *Keeper) read(ctx context.Context) error {
	all, err := k.o.Store.Drills(ctx, k.o.Kind, shown)
	if err != nil {
		return fmt.Errorf("read drills: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.newest = all
	return nil
}
