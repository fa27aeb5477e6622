package impact

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"burnline/slo"
)

// What is kept of each group is cut into pieces of time by when spans ended: short ones, so that an
// incident's customers are those since its very start, and later whole minutes.
const (
	// fine and coarse are the lengths of pieces, in seconds.
	fine, coarse = 5, 60
	// fineFor is how long the short ones are kept before they become minutes, and keptFor how
	// long anything is: a page opens at most some minutes after the first failures that it
	// is about.
	fineFor, keptFor = 10 * 60, 90 * 60
	// pieces is how many there are of a group at most.
	pieces = fineFor/fine + keptFor/coarse
)

// Tracker keeps what judged spans say of customers. It is safe for concurrent use.
type Tracker struct {
	o       Options
	by      tally
	began   time.Time
	metrics *figures

	corrected atomic.Pointer[CorrectedFunc]

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
	// out is the time that counts for nothing.
	out corrected
	// tidied is when texts were forgotten last, in seconds.
	tidied int64
}

// group is one group of an SLO.
type group struct {
	// fine and coarse are its pieces by when they begin, in seconds.
	fine, coarse map[int64]*piece
}

// piece is what was seen of a group in some time.
type piece struct {
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
		l, c, out := t.watch(spans[0].SLO).take(t, spans[:n], now)
		late, crowded = late+l, crowded+c
		t.metrics.kept(n - l - c - out)
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
// one piece of it keeps.
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
	return min(best, max(fewest, t.o.MaxSpans/(2*pieces*max(1, t.series)))), true
}

// take counts the spans of one SLO. It returns how many came too late to be kept, of how
// many the group is one too many, and how many lie in corrected time.
func (w *watched) take(t *Tracker, spans []slo.JudgedSpan, now time.Time) (late, crowded, left int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	current := now.Unix()
	out := w.out.of(t, spans[0].SLO, now)
	for i := range spans {
		s := &spans[i]
		if within(out, s.End) {
			left++
			continue
		}
		key := s.Group.String()
		at := min(s.End.Unix(), current) // nothing has ended that is yet to come
		for _, in := range w.open {
			if at >= in.from && in.groups[key] {
				in.add(s, t.by)
			}
		}
		if at < current-keptFor {
			late++
			continue
		}
		p := w.piece(t, key, at, current)
		if p == nil {
			crowded++
			continue
		}
		p.add(s, t.by)
		into := &p.good
		if s.Bad {
			into = &p.bad
		}
		into.add(s, w.words, p.most, w.dice)
	}
	if w.words.crowded() && current >= w.tidied+coarse {
		w.tidied = current
		w.words.tidy(w.samples())
	}
	return late, crowded, left
}

// piece returns the piece of a group that a moment lies in; nil where there are too many
// groups.
func (w *watched) piece(t *Tracker, key string, at, current int64) *piece {
	g := w.groups[key]
	if g != nil {
		if p := g.at(at, current); p != nil {
			return p
		}
	}
	most, ok := t.admit(g == nil)
	if !ok {
		return nil
	}
	if g == nil {
		g = &group{fine: map[int64]*piece{}, coarse: map[int64]*piece{}}
		w.groups[key] = g
	}
	w.age(g, t.by, current)
	if p := g.at(at, current); p != nil {
		return p // short pieces have just become it
	}
	p := newPiece(most)
	if isFine(at, current) {
		g.fine[at-at%fine] = p
	} else {
		g.coarse[at-at%coarse] = p
	}
	return p
}

func newPiece(most int) *piece { return &piece{most: most, bad: sample{failed: true}} }

// isFine reports whether a moment lies in a short piece: the minutes that hold any of these are
// wholly made of them.
func isFine(at, current int64) bool { return at-at%coarse >= current-fineFor }

// at returns the piece in which a moment lies; nil where there is none yet.
func (g *group) at(at, current int64) *piece {
	if isFine(at, current) {
		return g.fine[at-at%fine]
	}
	return g.coarse[at-at%coarse]
}

// age makes minutes of the short pieces that are old, and forgets what is too old.
func (w *watched) age(g *group, by tally, current int64) {
	for at, p := range g.fine {
		if isFine(at, current) {
			continue
		}
		minute := g.coarse[at-at%coarse]
		if minute == nil {
			minute = newPiece(p.most)
			g.coarse[at-at%coarse] = minute
		}
		minute.merge(&p.totals, by)
		minute.good.merge(&p.good, len(w.words), minute.most, w.dice)
		minute.bad.merge(&p.bad, len(w.words), minute.most, w.dice)
		p.free(by.pool)
		delete(g.fine, at)
	}
	for at, p := range g.coarse {
		if at < current-keptFor {
			p.free(by.pool)
			delete(g.coarse, at)
		}
	}
}

// since calls do with the pieces of a group, and whether they lie after a moment; the minute
// in which it lies is one of these.
func (g *group) since(from int64, do func(p *piece, after bool)) {
	for at, p := range g.fine {
		do(p, at >= from)
	}
	for at, p := range g.coarse {
		do(p, at+coarse > from)
	}
}

// samples are all that are kept.
func (w *watched) samples() []*sample {
	var all []*sample
	for _, g := range w.groups {
		g.since(0, func(p *piece, _ bool) { all = append(all, &p.good, &p.bad) })
	}
	return all
}
