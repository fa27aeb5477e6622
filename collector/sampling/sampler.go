package sampling

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// sort is why a trace is kept, the most important first.
type sort uint8

const (
	bad sort = iota
	failed
	slow
	baseline
	sorts
)

func (s sort) String() string { return [...]string{"bad", "error", "slow", "baseline"}[s] }

// trace is what is known of a trace while spans of it are held. It has no pointers, so that
// the garbage collector has nothing to do with hundreds of thousands of them.
type trace struct {
	start, end int64
	// held is how many of its spans are held, and paid how many of these are taken from a budget.
	held, paid int32
	// why is the sort of a kept trace.
	why     sort
	marked  bool
	failed  bool
	decided bool
	kept    bool
}

// Sampler holds spans until their traces can be judged, and passes on those of kept traces.
type Sampler struct {
	config  Config
	mark    string
	next    consumer.Traces
	counts  Counts
	logger  *slog.Logger
	now     func() time.Time
	seed    maphash.Seed
	started atomic.Bool
	stop    chan struct{}
	stopped chan struct{}

	mu      sync.Mutex
	chunks  []*chunk
	bytes   int
	traces  map[uint64]trace
	buckets [sorts]bucket
	// recent are traces that were kept, and why, and older those before.
	recent, older map[uint64]sort
	// passing is true while what is kept is passed on.
	passing bool
}

// Counts takes what was decided: spans of kept traces by why, of others with "", and those that were judged
// too soon for lack of room.
type Counts interface {
	Decided(why string, spans int)
	Hurried(spans int)
}

// Options are what a Sampler is built from.
type Options struct {
	Config Config
	// Mark is the attribute of spans that broke an SLO.
	Mark string
	// Next takes the spans of kept traces.
	Next   consumer.Traces
	Counts Counts
	Logger *slog.Logger
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// New returns a sampler that does nothing until Start.
func New(o Options) *Sampler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Sampler{
		config: o.Config, mark: o.Mark, next: o.Next, counts: o.Counts, logger: o.Logger, now: o.Now, seed: maphash.MakeSeed(),
		stop: make(chan struct{}), stopped: make(chan struct{}),
		traces: map[uint64]trace{}, recent: map[uint64]sort{}, older: map[uint64]sort{},
	}
	for why, b := range map[sort]Budget{bad: o.Config.Bad, failed: o.Config.Errors, slow: o.Config.Slow.Budget, baseline: o.Config.Baseline.Budget} {
		s.buckets[why].Budget = b
	}
	return s
}

// judgeEvery is how often it is looked for traces that can be judged.
const judgeEvery = 250 * time.Millisecond

// Start begins judging, until Shutdown.
func (s *Sampler) Start(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	s.started.Store(true)
	go func() {
		defer close(s.stopped)
		tick := time.NewTicker(judgeEvery)
		defer tick.Stop()
		for {
			select {
			case <-s.stop:
				s.release(ctx, time.Time{})
				return
			case <-tick.C:
				s.release(ctx, s.now().Add(-s.config.DecisionWait))
			}
		}
	}()
}

// Shutdown judges what is held, passes it on, and ends. It does so also after ctx has ended, as what came
// before it in the pipeline may have used up the time: what is held was accepted.
func (s *Sampler) Shutdown(context.Context) error {
	close(s.stop)
	if s.started.Load() {
		<-s.stopped
	}
	return nil
}

// errBehind says that spans are refused.
var errBehind = errors.New("hold spans: those before them are not taken as fast as they come")

// behind reports whether what is kept is passed on so slowly that nothing more can be held.
func (s *Sampler) behind() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.passing && s.bytes > 2*s.config.MaxMiB<<20
}

// ConsumeTraces holds a copy of the spans. It refuses them where twice as much as may be held is, since
// what is kept is not taken.
func (s *Sampler) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	n := td.SpanCount()
	if n == 0 {
		return nil
	}
	if s.behind() {
		return errBehind
	}
	ids := make([]uint64, 0, n)
	for _, sp := range spansOf(td) {
		id := sp.TraceID()
		ids = append(ids, maphash.Bytes(s.seed, id[:]))
	}
	c, err := s.chunkOf(ctx, td, ids)
	if err != nil {
		return fmt.Errorf("hold spans: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chunks = append(s.chunks, c)
	s.bytes += len(c.bytes)
	for i, sp := range spansOf(td) {
		s.note(ids[i], sp)
	}
	return nil
}

// chunkOf holds spans as the bytes that they came in, where these are known, else as what they
// are marshalled to.
func (s *Sampler) chunkOf(ctx context.Context, td ptrace.Traces, ids []uint64) (*chunk, error) {
	if c := s.asItCame(ctx, td, ids); c != nil {
		return c, nil
	}
	var marshaler ptrace.ProtoMarshaler
	all, err := marshaler.MarshalTraces(td)
	if err != nil {
		return nil, err
	}
	c := &chunk{came: s.now(), bytes: slices.Clip(all)}
	return c, c.cut(ids)
}

// spansOf yields all spans in order.
func spansOf(td ptrace.Traces) func(func(int, ptrace.Span) bool) {
	return func(yield func(int, ptrace.Span) bool) {
		i := 0
		for _, rs := range td.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, sp := range ss.Spans().All() {
					if !yield(i, sp) {
						return
					}
					i++
				}
			}
		}
	}
}

// note adds a span to what is known of its trace. The caller holds mu.
func (s *Sampler) note(id uint64, sp ptrace.Span) {
	t, known := s.traces[id]
	if !known {
		t.start = math.MaxInt64
		if t.why, t.kept = s.recent[id]; !t.kept {
			t.why, t.kept = s.older[id]
		}
		t.decided = t.kept
	}
	t.start = min(t.start, int64(sp.StartTimestamp())) //nolint:gosec // nanoseconds until 2262
	t.end = max(t.end, int64(sp.EndTimestamp()))       //nolint:gosec // nanoseconds until 2262
	t.held++
	t.failed = t.failed || sp.Status().Code() == ptrace.StatusCodeError
	if !t.marked {
		_, t.marked = sp.Attributes().Get(s.mark)
	}
	s.traces[id] = t
}

// release judges the chunks that came before the given time, all for the zero time, and more where too much is
// held, and passes on what is kept.
func (s *Sampler) release(ctx context.Context, before time.Time) {
	for {
		s.mu.Lock()
		c, kept := s.take(before)
		s.passing = c != nil
		s.mu.Unlock()
		if c == nil {
			return
		}
		if bytes := c.only(kept, s.mark); bytes != nil {
			if err := s.pass(ctx, bytes); err != nil {
				s.logger.Debug("kept traces were lost", "error", err)
			}
		}
	}
}

// take returns the oldest chunk that is to be judged, and which of its spans are kept; nil for none.
func (s *Sampler) take(before time.Time) (*chunk, []bool) {
	if len(s.chunks) == 0 {
		return nil, nil
	}
	c := s.chunks[0]
	if due := before.IsZero() || !c.came.After(before); !due {
		if s.bytes <= s.config.MaxMiB<<20 {
			return nil, nil
		}
		s.counts.Hurried(len(c.spans))
	}
	s.chunks[0] = nil
	s.chunks = s.chunks[1:]
	s.bytes -= len(c.bytes)
	kept := make([]bool, len(c.spans))
	now, dropped := s.now(), 0
	for i, span := range c.spans {
		t := s.traces[span.trace]
		if !t.decided {
			s.decide(span.trace, &t, now)
		}
		if kept[i] = t.kept && s.pay(&t, now); !kept[i] {
			dropped++
		}
		if t.held--; t.held == 0 {
			delete(s.traces, span.trace)
		} else {
			s.traces[span.trace] = t
		}
	}
	s.counts.Decided("", dropped)
	return c, kept
}

// pay reports whether a span of a kept trace is within the budget. Spans that come after their trace was judged are paid
// one by one: a trace that never ends would get around the budget otherwise.
func (s *Sampler) pay(t *trace, now time.Time) bool {
	if t.paid > 0 {
		t.paid--
		return true
	}
	if !s.buckets[t.why].take(1, now, false) {
		return false
	}
	s.counts.Decided(t.why.String(), 1)
	return true
}

// decide says whether a trace is kept: by the first sort that it is of and that has room.
func (s *Sampler) decide(id uint64, t *trace, now time.Time) {
	t.decided = true
	is := [sorts]bool{
		bad: t.marked, failed: t.failed, slow: t.end-t.start >= int64(s.config.Slow.Threshold),
		baseline: float64(id>>11)/(1<<53)*100 < s.config.Baseline.Percentage,
	}
	for why := bad; why < sorts; why++ {
		if !is[why] || !s.buckets[why].take(int(t.held), now, why == bad || why == failed) { // all of an undecided trace is held
			continue
		}
		t.kept, t.why, t.paid = true, why, t.held
		s.counts.Decided(why.String(), int(t.held))
		if len(s.recent) >= s.config.KeptTraces/2 {
			s.recent, s.older = map[uint64]sort{}, s.recent
		}
		s.recent[id] = why
		return
	}
}

// pass decodes spans and hands them on.
func (s *Sampler) pass(ctx context.Context, bytes []byte) error {
	var unmarshaler ptrace.ProtoUnmarshaler
	td, err := unmarshaler.UnmarshalTraces(bytes)
	if err != nil {
		return fmt.Errorf("read held spans: %w", err)
	}
	return s.next.ConsumeTraces(ctx, td)
}
