package judge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/prometheus/storage"
)

// Commits of many requests are made together, so that a counter has no more samples than
// anybody needs: one each commitEvery, or sooner where many spans wait for it.
const (
	commitEvery = 100 * time.Millisecond
	commitSpans = 2048
	// commitTimeout is how long a store may take before senders are told to try again.
	commitTimeout = 10 * time.Second
)

const (
	// lateness is how late a span may come and still count as if it had just ended: as
	// samples do anywhere else. (design, "Counting")
	lateness = int64(2 * time.Minute / time.Millisecond)
	// oldest is how late a span may come to be counted at all: the store takes samples for a day.
	oldest = int64((24*time.Hour - 10*time.Minute) / time.Millisecond)
	minute = int64(time.Minute / time.Millisecond)
	// early is how far in the future a span may end before that is told.
	early = int64(10 * time.Second / time.Millisecond)
	// beatEvery is how often counters have a sample while their service sends spans.
	beatEvery = int64(15 * time.Second / time.Millisecond)
	// forgetAfter is for how long a group without events keeps its counters.
	forgetAfter = int64(24 * time.Hour / time.Millisecond)
	// longestValue is how many bytes a group's value may have; longer ones are told apart by nobody.
	longestValue = 256
	// exampleEvery is how often a counter is given an exemplar.
	exampleEvery = int64(time.Second / time.Millisecond)
)

// event is one span as one rule judges it.
type event struct {
	rule  *rule
	group *group // nil where it is not known yet
	bad   bool
	// old is set where it came too late to be counted.
	old bool
	// values are those of the group where it is not known yet.
	values []string
	end    int64
	trace  [16]byte
	// span is the place of the span among those of the request.
	span int32
}

// request is what is to be counted of one batch of spans.
type request struct {
	// ids are those of the spans, 0 for those that have none, and fresh says which of them were not counted before,
	// once the request is committed.
	ids    []uint64
	fresh  []bool
	events []event
	// services are those that sent the spans.
	services []*service
	key      []byte
	done     chan answer
}

// answer ends the waiting of a request: it is committed, or it failed, or it is its turn to commit.
type answer struct {
	err  error
	lead bool
}

// ledger commits what requests count, one commit after the other.
type ledger struct {
	store   storage.AppendableV2
	now     func() time.Time
	metrics *metrics
	run     string
	limit   int
	told    func(message string, args ...any)

	mu      sync.Mutex
	waiting []*request
	spans   int // of the waiting requests
	leading bool
	hurry   chan struct{} // a token when enough spans wait

	// What follows belongs to the request that leads.
	seen    seen
	last    time.Time // of the newest commit
	newest  int64     // time of the newest samples
	touched map[*group]struct{}
}

// commit counts a request and returns once its counts are stored. After an error nothing of it is counted,
// and it may be sent again.
func (l *ledger) commit(ctx context.Context, r *request) error {
	l.mu.Lock()
	l.waiting = append(l.waiting, r)
	l.spans += len(r.ids)
	lead := !l.leading
	l.leading = true
	if l.spans >= commitSpans {
		select {
		case l.hurry <- struct{}{}:
		default:
		}
	}
	l.mu.Unlock()
	if !lead {
		got := <-r.done
		if !got.lead {
			return got.err
		}
	}
	return l.lead(context.WithoutCancel(ctx), r)
}

// lead commits all that waits, the leader's own request among it, and passes the lead on.
func (l *ledger) lead(ctx context.Context, own *request) error {
	l.wait()
	l.mu.Lock()
	batch := l.waiting
	l.waiting, l.spans = nil, 0
	select {
	case <-l.hurry:
	default:
	}
	l.mu.Unlock()

	err := l.guarded(ctx, batch)
	l.last = l.now()
	for _, r := range batch {
		if r != own {
			r.done <- answer{err: err}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.leading = false
	} else {
		l.waiting[0].done <- answer{lead: true}
	}
	return err
}

// wait lets more requests come, so that they share a commit.
func (l *ledger) wait() {
	left := commitEvery - l.now().Sub(l.last)
	if left <= 0 {
		return
	}
	timer := time.NewTimer(min(left, commitEvery))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.hurry:
	}
}

// guarded commits a batch. A store that panics must not leave others waiting for good.
func (l *ledger) guarded(ctx context.Context, batch []*request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			l.undo(batch)
			err = fmt.Errorf("count spans: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	now := max(l.now().UnixMilli(), l.newest+2)
	l.seen.turn(now)
	for _, r := range batch {
		l.take(r, now)
	}
	if len(l.touched) == 0 {
		return nil
	}
	if err := l.write(ctx, now); err != nil {
		l.undo(batch)
		return err
	}
	l.newest = now
	for g := range l.touched {
		g.commit(now)
	}
	clear(l.touched)
	l.metrics.remembered.Set(float64(l.seen.held()))
	return nil
}

// take adds what a request counts to the groups: of each span that was not counted before.
func (l *ledger) take(r *request, now int64) {
	r.fresh = r.fresh[:0]
	for _, id := range r.ids {
		fresh := id == 0 || l.seen.add(id)
		r.fresh = append(r.fresh, fresh)
		if !fresh {
			l.metrics.duplicates.Inc()
		}
	}
	for i := range r.events {
		if e := &r.events[i]; e.rule.counts() && r.fresh[e.span] {
			l.count(e, now)
		}
	}
	for _, s := range r.services {
		if s.beat.due(now) {
			l.beat(s, now)
		}
	}
}

func (l *ledger) count(e *event, now int64) {
	if e.group != nil && e.group.gone { // forgotten since the span was judged
		e.group, e.values = nil, e.group.values
	}
	if e.group == nil {
		e.group = l.group(e)
	}
	g, i := e.group, good
	if e.bad {
		i = bad
	}
	switch age := now - e.end; {
	case age > oldest:
		e.old = true
		l.metrics.uncounted.WithLabelValues("too_old").Inc()
		return
	case age > lateness:
		l.metrics.late.Inc()
		g.counters[i].countLate(e.end / minute * minute)
	default:
		if -age > early {
			l.metrics.future.Inc()
		}
		g.counters[i].count(e)
	}
	g.seen = now
	l.touched[g] = struct{}{}
}

// group returns the event's group, which may be new. Beyond the limit it is one that says so.
func (l *ledger) group(e *event) *group {
	t := e.rule.tally
	key := groupKey(nil, e.values)
	if g := t.find(key); g != nil {
		return g
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.groups) >= l.limit || slices.ContainsFunc(e.values, func(v string) bool { return len(v) > longestValue }) {
		if t.overflow == nil {
			values := make([]string, len(e.values))
			for i := range values {
				values[i] = Overflow
			}
			t.overflow = newGroup(e.rule, values)
			l.told("an SLO has more groups of spans, or longer names of them, than are told apart; the others are counted as one", "slo", e.rule.mark, "groups", l.limit, "group", Overflow)
		}
		l.metrics.overflow.Inc()
		return t.overflow
	}
	g := newGroup(e.rule, e.values)
	t.groups[string(key)] = g
	return g
}

// undo takes back what was added by a batch that is not stored.
func (l *ledger) undo(batch []*request) {
	l.metrics.failed.Inc()
	for _, r := range batch {
		for i, fresh := range r.fresh {
			if fresh && r.ids[i] != 0 {
				l.seen.remove(r.ids[i])
			}
		}
	}
	for g := range l.touched {
		g.forget(true)
	}
	clear(l.touched)
}

// beat is when the counters of a service had samples, all of them.
type beat struct{ last atomic.Int64 }

func (b *beat) due(now int64) bool { return now-b.last.Load() >= beatEvery }

// beat has counters that did not change report as well, since the service does: without
// it nobody could tell a service without such requests from one whose spans are lost.
func (l *ledger) beat(s *service, now int64) {
	s.beat.last.Store(now)
	for _, one := range s.rules {
		for _, g := range one.tally.all() {
			switch {
			case now-g.seen > forgetAfter:
				l.drop(one.tally, g)
			case now-g.sampled >= beatEvery:
				l.touched[g] = struct{}{}
			}
		}
	}
}

// drop forgets a group without events.
func (l *ledger) drop(t *tally, g *group) {
	if _, busy := l.touched[g]; busy {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	g.gone = true
	if t.overflow == g {
		t.overflow = nil
		return
	}
	delete(t.groups, string(groupKey(nil, g.values)))
}

// groupKey writes the values of a group as a key.
func groupKey(to []byte, values []string) []byte {
	for _, v := range values {
		to = append(to, strings.ReplaceAll(v, "\xff", "�")...)
		to = append(to, 0xff)
	}
	return to
}
