package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/slo"
)

// DefaultLateness is for how long after a newer sample of its series a sample
// is still counted without reading storage.
const DefaultLateness = 2 * time.Minute

// Options are what an Engine needs; those without a default are required.
type Options struct {
	// Reader reads raw samples back from the metric store.
	Reader Reader
	// Commit stores a transition together with the deliveries that it causes.
	// The engine's own state advances only after nil; on an error it proposes
	// the same transition again. Committing one twice must change nothing.
	Commit func(context.Context, slo.Transition) error
	// Raise says why an open ticket is to rise to a page although no policy pages; "" is
	// that it is not. It is asked with every judging and must answer at once, from memory. Nil
	// raises nothing.
	Raise func(slo.Incident, *slo.Definition) string
	// Querier evaluates the queries of SLOs that are more than counters; without it
	// such an SLO is broken.
	Querier Querier
	// Checkpoints keeps the counts over a restart; nil keeps none, and after a restart
	// all history is read.
	Checkpoints Checkpoints
	// Totals keeps the events of every day, from which windows are completed that reach
	// farther back than the metric store; nil keeps none.
	Totals Totals
	// Recorder takes the recorded series; nil records nothing.
	Recorder Recorder
	// Beside returns rows of others that are recorded with the engine's results, every
	// 30 seconds; nil has none. It must answer at once, from memory.
	Beside func(at time.Time) []slo.Recorded
	// Unstored says since when and why the metric store takes no samples; a zero time where it takes them. It
	// must answer at once, from memory. Nil: it always does.
	Unstored func() (since time.Time, why error)
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Logger takes what the engine's owner should know; default: nothing.
	Logger *slog.Logger
	// Registerer takes the engine's own metrics; nil registers none.
	Registerer prometheus.Registerer
	// Lateness is how far out of order samples of one series may come before
	// counting them needs storage. Default DefaultLateness.
	Lateness time.Duration
}

// Reader reads raw samples back from the metric store.
type Reader interface {
	// Select yields every series that the selector matches with its samples of
	// [from, to] (milliseconds, both ends included) in order of time; they are
	// the engine's to keep.
	Select(ctx context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error
	// Before returns the newest sample of the series that is older than t
	// milliseconds; false when there is none.
	Before(ctx context.Context, series slo.Labels, t int64) (slo.Sample, bool, error)
}

// Recorder writes the engine's results into the metric store.
type Recorder interface {
	// Record writes the rows; they are the recorder's to keep.
	Record(ctx context.Context, rows []slo.Recorded) error
}

func (o *Options) complete() error {
	if o.Reader == nil {
		return errors.New("engine: Options.Reader is missing")
	}
	if o.Commit == nil {
		return errors.New("engine: Options.Commit is missing")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Lateness <= 0 {
		o.Lateness = DefaultLateness
	}
	return nil
}

// Engine counts, judges and proposes incidents for a set of SLOs. All methods
// are safe for concurrent use.
type Engine struct {
	opt     Options
	metrics *engineMetrics

	updating sync.Mutex // one Update at a time
	restored map[string][]slo.Incident
	// corrections are those of all SLOs; guarded by updating.
	corrections []slo.Correction
	// saved are the checkpoints of before the process began, and savedNotes the notes,
	// until the first Update; guarded by updating.
	saved      map[string][]byte
	savedNotes map[string][]slo.Note

	noting sync.Mutex
	noted  map[*slo.Series]noted
	behind map[*tracked]noted

	mu       sync.RWMutex
	all      []*tracked // in order of ID
	byID     map[string]*tracked
	index    *index     // of all
	leaving  []*tracked // removed, with incidents that still have to close
	unwanted []string   // IDs of removed SLOs whose checkpoints are still there
	bindings map[*slo.Series]binding

	shares sharesPool

	watch watch
	dark  darkWatch

	generation, version atomic.Uint64
	work                chan *tracked
	reads, longReads    chan *tracked // waiting for a reader
	asks, slowAsks      chan struct{} // a token per query of an SLO
	commits             chan struct{} // a token per commit
	stalled             atomic.Bool   // commits hang
	changed             chan *tracked // to be recorded now
	background          sync.WaitGroup
}

// New returns an engine without SLOs. It starts nothing; Run does.
func New(opt Options) (*Engine, error) {
	if err := opt.complete(); err != nil {
		return nil, err
	}
	e := &Engine{
		opt: opt, restored: map[string][]slo.Incident{}, byID: map[string]*tracked{},
		index: newIndex(nil), bindings: map[*slo.Series]binding{}, noted: map[*slo.Series]noted{}, behind: map[*tracked]noted{},
		work: make(chan *tracked, 1024), reads: make(chan *tracked, 1024), longReads: make(chan *tracked, 1024),
		asks: make(chan struct{}, maxAsks), slowAsks: make(chan struct{}, maxSlowAsks),
		commits: make(chan struct{}, maxCommits), changed: make(chan *tracked, 1024),
	}
	e.dark.closed, e.dark.seen = map[string]time.Time{}, map[string]time.Time{}
	e.watch.unstored = opt.Unstored
	e.watch.tick(opt.Now())
	e.metrics = newMetrics(opt.Registerer, e)
	return e, nil
}
