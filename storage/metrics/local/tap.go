package local

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/prometheus/prometheus/model/labels"

	"burnline/slo"
	"burnline/storage/metrics"
)

// tap shows committed samples to a sink. The sink is asked about a series
// once per generation; the answer is kept in the series' slot.
type tap struct {
	sink metrics.Sink
	mu   sync.Mutex
	// wanted holds one entry per series that an SLO counts, by its labels, so that a
	// series that was dropped from the head and came back keeps its identity.
	wanted     map[string]*wanted
	generation uint64
}

// wanted is a series that an SLO counts.
type wanted struct {
	series slo.Series
	// suspect is the newest time at which two appends may have brought different
	// values: samples up to it are compared with what was stored. It is written
	// under the slot's mutex.
	suspect atomic.Int64
	// gone is set when the TSDB dropped the series from its head.
	gone atomic.Bool
}

// answer is what the sink said of one series in one generation. Its fields
// don't change; wanted is nil when no SLO counts the series.
type answer struct {
	generation uint64
	wanted     *wanted
}

func newTap(sink metrics.Sink) *tap {
	return &tap{sink: sink, wanted: map[string]*wanted{}}
}

// ask asks the sink about a series.
func (t *tap) ask(ls labels.Labels, generation uint64) *answer {
	set := metrics.FromLabels(ls)
	wants := t.sink.Wants(set)
	t.mu.Lock()
	defer t.mu.Unlock()
	if generation > t.generation {
		t.generation = generation
		t.prune()
	}
	if !wants {
		return &answer{generation: generation}
	}
	key := string(ls.Bytes(nil))
	w := t.wanted[key]
	if w == nil {
		w = &wanted{series: slo.Series{Labels: set}}
		w.suspect.Store(math.MinInt64)
		t.wanted[key] = w
	}
	w.gone.Store(false)
	return &answer{generation: generation, wanted: w}
}

// prune forgets series that left the head; their pointers only have to stay
// the same within a generation.
func (t *tap) prune() {
	for key, w := range t.wanted {
		if w.gone.Load() {
			delete(t.wanted, key)
		}
	}
}
