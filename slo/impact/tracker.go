package impact

import (
	"math/rand/v2"
	"sync"
	"time"

	"burnline/slo"
)

// remembered is how many minutes are kept: a page opens at most some of them after the
// first failures that it is about.
const remembered = 90

// Tracker keeps what judged spans say of customers. It is safe for concurrent use.
type Tracker struct {
	o       Options
	by      tally
	began   time.Time
	metrics *figures

	mu     sync.RWMutex
	slos   map[string]*watched
	series int
}

var _ slo.SpanSink = (*Tracker)(nil)

// watched is one SLO.
type watched struct {
	mu     sync.Mutex
	words  dictionaries
	groups map[string]*group
	// open are its open incidents by key.
	open map[string]*incident
	dice *rand.Rand
	// tidied is the minute in which texts were forgotten last.
	tidied int64
}

// group is one group of an SLO.
type group struct {
	minutes map[int64]*minute
}

// minute is what was seen of a group in a minute, by when spans ended.
type minute struct {
	totals
	good, bad sample
	// most is how many spans of each outcome are kept.
	most int
}

// New returns a tracker that has seen nothing.
func New(o Options) (*Tracker, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	t := &Tracker{
		o:       o,
		by:      tally{exact: o.Exact, pool: newSketchPool(o.MaxSketchBytes), region: o.place(o.Region), journey: o.place(o.Journey)},
		began:   o.Now(),
		slos:    map[string]*watched{},
		metrics: newFigures(),
	}
	return t, t.metrics.register(o.Registerer)
}

// Judged implements slo.SpanSink: it counts the spans and returns; it waits for nothing but
// other spans of the same SLOs.
func (t *Tracker) Judged(spans []slo.JudgedSpan) {
	now := t.o.Now()
	var late, crowded int
	for len(spans) > 0 {
		n := 1
		for n < len(spans) && spans[n].SLO == spans[0].SLO {
			n++
		}
		l, c := t.watch(spans[0].SLO).take(t, spans[:n], now)
		late, crowded = late+l, crowded+c
		t.metrics.kept(n - l - c)
		spans = spans[n:]
	}
	t.metrics.dropped(late, crowded)
}

// watch returns what is kept of an SLO.
func (t *Tracker) watch(id string) *watched {
	t.mu.RLock()
	w := t.slos[id]
	t.mu.RUnlock()
	if w != nil {
		return w
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if w = t.slos[id]; w == nil {
		w = &watched{
			words: newDictionaries(len(t.o.Compare)), groups: map[string]*group{}, open: map[string]*incident{},
			dice: rand.New(rand.NewPCG(1, uint64(len(t.slos)))), // a sample, no secret
		}
		t.slos[id] = w
	}
	return w
}

// admit reports whether one more group may be followed, and how many spans of each outcome
// one minute of it keeps.
func (t *Tracker) admit(fresh bool) (most int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if fresh {
		if t.series >= t.o.MaxSeries {
			return 0, false
		}
		t.series++
	}
	const fewest, best = 4, 1024
	return min(best, max(fewest, t.o.MaxSpans/(2*remembered*max(1, t.series)))), true
}

// take counts the spans of one SLO. It returns how many came too late to be kept, and of how
// many the group is one too many.
func (w *watched) take(t *Tracker, spans []slo.JudgedSpan, now time.Time) (late, crowded int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	current := minuteOf(now)
	for i := range spans {
		s := &spans[i]
		key := s.Group.String()
		at := min(minuteOf(s.End), current) // nothing has ended that is yet to come
		for _, in := range w.open {
			if at >= in.from && in.groups[key] {
				in.add(s, t.by)
			}
		}
		if at <= current-remembered {
			late++
			continue
		}
		m := w.minute(t, key, at, current)
		if m == nil {
			crowded++
			continue
		}
		m.add(s, t.by)
		into := &m.good
		if s.Bad {
			into = &m.bad
		}
		into.add(s, w.words, m.most, w.dice)
	}
	if w.words.crowded() && w.tidied != current {
		w.tidied = current
		w.words.tidy(w.samples())
	}
	return late, crowded
}

// minute returns a minute of a group; nil where there are too many groups.
func (w *watched) minute(t *Tracker, key string, at, current int64) *minute {
	g := w.groups[key]
	if g != nil {
		if m := g.minutes[at]; m != nil {
			return m
		}
	}
	most, ok := t.admit(g == nil)
	if !ok {
		return nil
	}
	if g == nil {
		g = &group{minutes: map[int64]*minute{}}
		w.groups[key] = g
	}
	g.forget(current, t.by.pool)
	m := &minute{most: most, bad: sample{failed: true}}
	g.minutes[at] = m
	return m
}

// forget drops the minutes that are too old.
func (g *group) forget(current int64, pool *sketchPool) {
	for at, m := range g.minutes {
		if at <= current-remembered {
			m.free(pool)
			delete(g.minutes, at)
		}
	}
}

// samples are all that are kept.
func (w *watched) samples() []*sample {
	var all []*sample
	for _, g := range w.groups {
		for _, m := range g.minutes {
			all = append(all, &m.good, &m.bad)
		}
	}
	return all
}

// minuteOf numbers the minute of a moment.
func minuteOf(t time.Time) int64 {
	seconds := t.Unix()
	if seconds < 0 {
		return -1 // before 1970: no clock says so
	}
	return seconds / 60
}
