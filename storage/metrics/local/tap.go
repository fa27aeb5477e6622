package local

import (
	"sync"
	"sync/atomic"

	"github.com/prometheus/prometheus/model/labels"

	"burnline/slo"
	"burnline/storage/metrics"
)

// tap shows committed samples to a sink. The sink is asked about a series
// once per generation; the answer is kept in the series' slot.
type tap struct {
	sink  metrics.Sink
	rooms rooms
	mu    sync.Mutex
	// wanted holds one entry per series that an SLO counts, by the hash of its labels, so
	// that a series that was dropped from the head and came back keeps its identity.
	wanted     map[uint64]*wanted
	generation uint64
}

// wanted is a series that an SLO counts.
type wanted struct {
	series slo.Series
	labels labels.Labels
	next   *wanted // of the same hash; guarded by tap.mu
	// settled is true once more than the batch that brought the series may look at its
	// labels; guarded by tap.mu.
	settled bool
	// gone is set when the TSDB dropped the series from its head.
	gone atomic.Bool
	mu   sync.Mutex
	// pending are the samples that were appended and not yet committed.
	pending *pending
}

// Labels implements slo.Labeled: the set shares the strings of the head, which are all that
// is kept of a series' labels.
func (w *wanted) Labels() slo.Labels { return metrics.SharedLabels(w.labels) }

// pending is a sample of a batch that is still open.
type pending struct {
	owner  *appender
	sample slo.Sample
	next   *pending // of the same series
}

// enter adds a sample to the pending ones; false when one of them has another
// value for the same time.
func (w *wanted) enter(owner *appender, sample slo.Sample) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p := w.pending; p != nil; p = p.next {
		if p.sample.T == sample.T && !equal(p.sample, sample) {
			return false
		}
	}
	w.pending = &pending{owner, sample, w.pending}
	return true
}

// leave takes out the owner's sample of that time.
func (w *wanted) leave(owner *appender, t int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for at := &w.pending; *at != nil; at = &(*at).next {
		if p := *at; p.owner == owner && p.sample.T == t {
			*at = p.next
			return
		}
	}
}

// answer is what the sink said of one series in one generation. Its fields
// don't change; wanted is nil when no SLO counts the series.
type answer struct {
	generation uint64
	wanted     *wanted
}

func newTap(sink metrics.Sink) *tap {
	return &tap{sink: sink, wanted: map[uint64]*wanted{}}
}

// ask asks the sink about a series. Its labels are copied unless they are lasting, which
// those are that the head holds.
func (t *tap) ask(ls labels.Labels, lasting bool, generation uint64) *answer {
	wants := t.sink.Wants(metrics.SharedLabels(ls))
	t.mu.Lock()
	defer t.mu.Unlock()
	if generation > t.generation {
		t.generation = generation
		t.prune()
	}
	if !wants {
		return &answer{generation: generation}
	}
	hash, full := ls.Hash(), ls.WithoutEmpty()
	w := t.wanted[hash]
	for w != nil && !labels.Equal(w.labels, full) {
		w = w.next
	}
	if w != nil {
		w.settled = true
	} else {
		w = &wanted{settled: lasting, next: t.wanted[hash]}
		w.series = slo.SeriesOf(w)
		if w.labels = full; !lasting {
			w.labels = full.Copy()
		}
		t.wanted[hash] = w
	}
	w.gone.Store(false)
	return &answer{generation: generation, wanted: w}
}

// adopt has a new series share the labels that the head holds since, unless others look at
// its own already.
func (t *tap) adopt(w *wanted, head labels.Labels) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !w.settled && !head.IsEmpty() {
		w.labels = head
	}
	w.settled = true
}

// prune forgets series that left the head; their pointers only have to stay
// the same within a generation.
func (t *tap) prune() {
	for hash, first := range t.wanted {
		var left *wanted
		for w := first; w != nil; {
			next := w.next
			if !w.gone.Load() {
				w.next, left = left, w
			}
			w = next
		}
		if left == nil {
			delete(t.wanted, hash)
			continue
		}
		t.wanted[hash] = left
	}
}
