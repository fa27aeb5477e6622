package local

import (
	"sync"
	"sync/atomic"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunks"
)

const (
	pageBits = 10
	pageSize = 1 << pageBits
)

// seriesTable keeps a slot for each series of the TSDB's head, found by its
// reference in two loads. The TSDB counts references up and never gives one out twice
// while the process lives, and it reports each series that it forgets; so a slot
// never belongs to another series than the one it was made for.
type seriesTable struct {
	// newest returns the time of the newest sample in the head.
	newest func() int64
	pages  atomic.Pointer[[]atomic.Pointer[page]]
	mu     sync.Mutex // guards growing and freeing pages
}

type page struct {
	slots [pageSize]slot
	live  int // slots in use; guarded by seriesTable.mu
}

// slot is what the appenders know of one series.
type slot struct {
	used atomic.Bool
	mu   sync.Mutex
	// answer is what the sink said of the series; nil before it was asked.
	answer *answer
	// t is the newest time that any append brought and v the bits of its value;
	// claimed is false while t is only a guess from before the slot was made.
	t       int64
	v       uint64
	claimed bool
}

// histogramBits stands for the value of a histogram, which isn't compared
// here: a quiet NaN that nobody sends.
const histogramBits = 0x7ff8_6275_726e_6c69

// clash says whether a sample may collide with another of its series.
type clash int

const (
	// noClash: the sample is newer than all others, or equal to the newest.
	noClash clash = iota
	// lateClash: an older sample; one of its time may exist already.
	lateClash
	// sameTimeClash: the newest sample's time with another value.
	sameTimeClash
)

// claim enters a sample that an append brought. The caller holds s.mu.
func (s *slot) claim(t int64, v uint64) clash {
	switch {
	case t > s.t:
		s.t, s.v, s.claimed = t, v, true
		return noClash
	case t == s.t && !s.claimed:
		s.v, s.claimed = v, true
		return lateClash
	case t < s.t:
		return lateClash
	case s.v == v && v != histogramBits:
		return noClash
	}
	return sameTimeClash
}

func newSeriesTable() *seriesTable {
	t := &seriesTable{}
	t.pages.Store(&[]atomic.Pointer[page]{})
	return t
}

// peek returns the slot of the series, or nil when it has none.
func (t *seriesTable) peek(ref storage.SeriesRef) *slot {
	if pages := *t.pages.Load(); uint64(ref>>pageBits) < uint64(len(pages)) {
		if p := pages[ref>>pageBits].Load(); p != nil {
			if s := &p.slots[ref&(pageSize-1)]; s.used.Load() {
				return s
			}
		}
	}
	return nil
}

// at returns the slot of a series that the head has, and makes it if need be.
func (t *seriesTable) at(ref storage.SeriesRef) *slot {
	if s := t.peek(ref); s != nil {
		return s
	}
	return t.create(ref)
}

func (t *seriesTable) create(ref storage.SeriesRef) *slot {
	t.mu.Lock()
	defer t.mu.Unlock()
	pages := t.grown(int(ref >> pageBits))
	p := pages[ref>>pageBits].Load()
	if p == nil {
		p = &page{}
		pages[ref>>pageBits].Store(p)
	}
	s := &p.slots[ref&(pageSize-1)]
	if s.used.Load() {
		return s
	}
	// Samples from before this slot are at most as new as the head's newest.
	s.answer, s.t, s.v, s.claimed = nil, t.newest(), histogramBits, false
	p.live++
	s.used.Store(true)
	return s
}

// grown returns the pages with room for index i. The caller holds the mutex.
func (t *seriesTable) grown(i int) []atomic.Pointer[page] {
	old := *t.pages.Load()
	if i < len(old) {
		return old
	}
	pages := make([]atomic.Pointer[page], max(2*len(old), i+1))
	for k := range old {
		pages[k].Store(old[k].Load())
	}
	t.pages.Store(&pages)
	return pages
}

// forget frees the slots of series that the TSDB has dropped from its head.
func (t *seriesTable) forget(gone map[chunks.HeadSeriesRef]labels.Labels) {
	t.mu.Lock()
	defer t.mu.Unlock()
	pages := *t.pages.Load()
	for ref := range gone {
		i := int(ref >> pageBits)
		if i >= len(pages) {
			continue
		}
		p := pages[i].Load()
		if p == nil || !p.slots[ref&(pageSize-1)].used.Load() {
			continue
		}
		s := &p.slots[ref&(pageSize-1)]
		s.mu.Lock()
		if s.answer != nil && s.answer.wanted != nil {
			s.answer.wanted.gone.Store(true)
		}
		s.answer = nil
		s.mu.Unlock()
		s.used.Store(false)
		if p.live--; p.live == 0 {
			pages[i].Store(nil)
		}
	}
}
