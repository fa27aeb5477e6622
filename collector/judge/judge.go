package judge

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/spancond"
	"burnline/slo"
)

// Mark is the attribute that bad spans are given: the IDs of the SLOs that they broke, with commas
// between them. Sampling keeps marked spans first, and traces are searched by it.
const Mark = "burnline.slo"

// Overflow is the value of every label of the group that takes the events of groups beyond the limit.
const Overflow = "(too many groups)"

// Defaults of the options.
const (
	DefaultGroups   = 1000
	DefaultRemember = 1 << 20
)

// rememberFor is how long an id is remembered at least where memory suffices: clients give
// up sending again after five minutes. (https://opentelemetry.io/docs/specs/otlp/#retry)
const rememberFor = int64(10 * time.Minute / time.Millisecond)

// Options are what a Judge is built from.
type Options struct {
	// Store takes the counters. Its appenders drop and count samples that can't be stored; an
	// error of theirs means that nothing of the batch is stored.
	Store storage.AppendableV2
	// Instance is a label of all counters, by which nodes that write to one store are told apart. It is
	// the same after a restart. "" is for a store with one node.
	Instance string
	// Groups is how many groups of one SLO are told apart. Default DefaultGroups.
	Groups int
	// Remember is how many ids of spans are remembered at least, if they come within ten minutes; twice as many at most, in
	// 16 bytes each. Default DefaultRemember.
	Remember int
	// Sink is shown every judged span; nil shows none.
	Sink slo.SpanSink
	// Compare names the attributes whose values the sink is given, Customer the one that says
	// who was served where an SLO names no other, and Hash makes a number of its value that tells nobody who that is.
	Compare  []string
	Customer string
	Hash     func(string) uint64
	// Now is the clock. Default: time.Now.
	Now func() time.Time
	// Logger is told of what nobody else is. Default: none.
	Logger *slog.Logger
	// Registerer takes the metrics. Default: none.
	Registerer prometheus.Registerer
}

// Judge judges spans by the definitions in force and counts them. It may be used by many at once.
type Judge struct {
	opts    Options
	metrics *metrics
	seed    maphash.Seed
	rules   atomic.Pointer[rules]
	ledger  *ledger
	pool    sync.Pool // of *request
	shown   sync.Pool // of *shown
	// compared are the places of the compared attributes.
	compared *places
}

// New returns a judge without definitions.
func New(o Options) (*Judge, error) {
	if o.Store == nil {
		return nil, errors.New("judge spans: no metric store is given")
	}
	if o.Groups <= 0 {
		o.Groups = DefaultGroups
	}
	if o.Remember <= 0 {
		o.Remember = DefaultRemember
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	j := &Judge{opts: o, metrics: newMetrics(o.Registerer), seed: maphash.MakeSeed()}
	j.ledger = &ledger{
		store: o.Store, now: o.Now, metrics: j.metrics, limit: o.Groups,
		run:   run(o),
		told:  told(o.Logger, o.Now),
		hurry: make(chan struct{}, 1), touched: map[*group]struct{}{},
		seen: seen{most: o.Remember, lasts: rememberFor},
	}
	j.compared = newPlaces(o.Compare)
	j.rules.Store(&rules{})
	return j, nil
}

// run tells this process from those before it and from other nodes.
func run(o Options) string {
	began := strconv.FormatInt(o.Now().UnixMilli(), 36)
	if o.Instance == "" {
		return began
	}
	return o.Instance + "-" + began
}

// toldEvery is how often one thing is told.
const toldEvery = time.Minute

// told logs a message at most once a minute.
func told(logger *slog.Logger, now func() time.Time) func(string, ...any) {
	last := map[string]time.Time{} // only commits tell, one after the other
	return func(message string, args ...any) {
		if at := now(); at.Sub(last[message]) >= toldEvery {
			last[message] = at
			logger.Warn(message, args...)
		}
	}
}

// Set puts definitions in force. Counters of SLOs whose conditions did not change go on; others begin
// anew. The error says which conditions can't be compiled; then nothing changes.
func (j *Judge) Set(defs []slo.Definition) error {
	next, err := newRules(defs, j.rules.Load(), j.opts.Sink != nil, j.opts.Instance)
	if err != nil {
		return err
	}
	j.rules.Store(next)
	return nil
}

// Count judges the spans, stores what is counted, marks the bad ones, and shows those that were not
// counted before to the sink. It returns once the counts are stored; after an error nothing is
// counted, and the spans may be sent again.
func (j *Judge) Count(ctx context.Context, td ptrace.Traces) error {
	rules := j.rules.Load()
	if len(rules.services) == 0 {
		return nil
	}
	r := j.request()
	defer j.release(r)
	spans := j.judge(rules, td, r)
	if !r.due(j.opts.Now().UnixMilli()) {
		return nil
	}
	if err := j.ledger.commit(ctx, r); err != nil {
		return err
	}
	j.tell(r)
	j.show(r, spans)
	return nil
}

// due reports whether there is something to commit.
func (r *request) due(now int64) bool {
	for _, s := range r.services {
		if s.beat.due(now) {
			return true
		}
	}
	return len(r.ids) > 0
}

// Lost notes spans that were counted and then lost by what follows.
func (j *Judge) Lost(spans int) { j.metrics.behind.Add(float64(spans)) }

// judge finds what is to be counted of the spans and marks the bad ones. It returns the spans, in the
// order of the request's ids, where they are to be shown.
func (j *Judge) judge(rules *rules, td ptrace.Traces, r *request) []spancond.Span {
	var kept []spancond.Span
	for _, rs := range td.ResourceSpans().All() {
		var s *service
		if name, ok := rs.Resource().Attributes().Get("service.name"); ok {
			s = rules.services[name.AsString()]
		}
		if s != nil {
			r.services = append(r.services, s)
		}
		for _, ss := range rs.ScopeSpans().All() {
			for _, sp := range ss.Spans().All() {
				sp.Attributes().Remove(Mark) // of its sender: what is marked is kept first
				if s == nil {
					continue
				}
				one := spancond.Span{Resource: rs, Scope: ss, Span: sp}
				if j.span(s, one, r) && j.opts.Sink != nil {
					kept = append(kept, one)
				}
			}
		}
	}
	return kept
}

// span judges one span by all rules of its service; false where it is none of theirs.
func (j *Judge) span(s *service, one spancond.Span, r *request) bool {
	first := len(r.events)
	mark := ""
	for _, rule := range s.rules {
		counts, bad, err := rule.judge(one)
		if err != nil {
			j.metrics.uncounted.WithLabelValues("unjudged").Inc()
			continue
		}
		if !counts {
			continue
		}
		e := event{rule: rule, bad: bad, end: int64(one.Span.EndTimestamp() / 1_000_000), trace: one.Span.TraceID(), span: int32(len(r.ids))} //nolint:gosec // milliseconds
		rule.find(one, &e, r)
		r.events = append(r.events, e)
		if bad && rule.counts() {
			if mark != "" {
				mark += ","
			}
			mark += rule.mark
		}
	}
	if len(r.events) == first {
		return false
	}
	r.ids = append(r.ids, j.id(one.Span))
	if mark != "" {
		one.Span.Attributes().PutStr(Mark, mark)
	}
	return true
}

// id stands for the trace and span id: two spans have the same in one of 2^64 cases. A span without
// ids has 0, and is counted whenever it comes.
func (j *Judge) id(s ptrace.Span) uint64 {
	trace, span := s.TraceID(), s.SpanID()
	if trace.IsEmpty() || span.IsEmpty() {
		return 0
	}
	var id [24]byte
	copy(id[:], trace[:])
	copy(id[16:], span[:])
	return max(1, maphash.Bytes(j.seed, id[:]))
}

// judge says whether the span is an event of the rule and whether it is bad.
func (one *rule) judge(s spancond.Span) (counts, bad bool, err error) {
	if !one.counts() {
		counts, bad = one.watch.judge(s.Span)
		return counts, bad, nil
	}
	if one.where != nil {
		if counts, err = one.where.Holds(s); err != nil || !counts {
			return false, false, err
		}
	}
	bad, err = one.bad.Holds(s)
	return err == nil, bad, err
}

// find sets the event's group, or its values where there is none yet.
func (one *rule) find(s spancond.Span, e *event, r *request) {
	resource := s.Resource.Resource().Attributes()
	r.key = r.key[:0]
	for _, name := range one.attributes {
		r.key = append(r.key, one.value(name, s.Span.Attributes(), resource)...)
		r.key = append(r.key, 0xff)
	}
	if e.group = one.tally.find(r.key); e.group != nil {
		return
	}
	for _, name := range one.attributes {
		e.values = append(e.values, one.value(name, s.Span.Attributes(), resource))
	}
}

// value returns an attribute's value. Groups of an SLO that counts metrics have the names of
// labels, which for attributes are written with _ for each dot.
func (one *rule) value(name string, span, resource pcommon.Map) string {
	v := attribute(name, span, resource)
	if v == "" && !one.counts() {
		v = attribute(dotted(name), span, resource)
	}
	return v
}

// tell counts what was judged.
func (j *Judge) tell(r *request) {
	var n [2]float64
	for i := range r.events {
		if e := &r.events[i]; e.rule.counts() && r.fresh[e.span] && !e.old {
			if e.bad {
				n[bad]++
			} else {
				n[good]++
			}
		}
	}
	for i := range n {
		j.metrics.judged.WithLabelValues(outcome(i)).Add(n[i])
	}
}

func (j *Judge) request() *request {
	if r, ok := j.pool.Get().(*request); ok {
		return r
	}
	return &request{done: make(chan answer, 1)}
}

func (j *Judge) release(r *request) {
	clear(r.events)
	r.ids, r.fresh, r.events, r.services = r.ids[:0], r.fresh[:0], r.events[:0], r.services[:0]
	j.pool.Put(r)
}
