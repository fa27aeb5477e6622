package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"burnline/slo"
)

// Some SLOs don't count series of storage but what a query answers: an error ratio, or
// a gauge that is more than a selector. Such a query is asked at the end of every slice
// of time, by queries over a range; each answer is a sample of a series without a name,
// and is counted as any other sample. An answer may change while late samples come, so the
// last lateness is asked again each time, and the new answer replaces the old one.

const (
	// askChunk is the most slices that one query is asked for.
	askChunk = 1440
	// askSettle is how long after a slice's end it is asked for, so that the samples
	// of its end are there; at most a quarter of the slice.
	askSettle = 10 * time.Second
	// askTimeout is how long one query may take.
	askTimeout = time.Minute
	// askPatience is for how long a query may fail before the SLO is broken.
	askPatience = 2 * time.Minute
	// maxAsks is how many queries run at once that judging waits for, and maxSlowAsks how
	// many besides that are slow, or of the past: they hold up nobody.
	maxAsks     = 4
	maxSlowAsks = 2
	// slowAsk is from when on a query is slow.
	slowAsk = 5 * time.Second
)

// errNoQuerier is why an SLO's query is not asked.
var errNoQuerier = errors.New("nothing is there to ask")

// Querier evaluates PromQL. A partial answer is an error.
type Querier interface {
	// QueryRange yields every series of the answer with its values at from, from + step
	// and so on up to to. A value that is no number is left out or NaN.
	QueryRange(ctx context.Context, expr string, from, to time.Time, step time.Duration, yield func(slo.SeriesSamples) error) error
}

// asking is the query of an SLO; it never changes.
type asking struct {
	expr  string
	every int64 // milliseconds
	// alone says that a group has one series at most.
	alone bool
}

// askingOf returns nil where the SLO counts series.
func askingOf(d *slo.Definition) *asking {
	switch r, s := d.SLI.Ratio, d.SLI.Samples; {
	case r != nil:
		return &asking{expr: r.Expr(), every: r.Slice.Milliseconds(), alone: true}
	case s != nil && s.Selector == nil:
		return &asking{expr: s.Query, every: s.Every.Milliseconds()}
	}
	return nil
}

// newest returns the end of the newest slice that may be asked for.
func (q *asking) newest(now int64) int64 {
	return floorDiv(now-min(askSettle.Milliseconds(), q.every/4), q.every) * q.every
}

// next returns the ends of the first and the last slice to ask for now; false where
// there is none.
func (q *asking) next(a *accumulator, now int64) (first, last int64, ok bool) {
	last = q.newest(now)
	if a.asked >= last {
		return 0, 0, false
	}
	first = floorDiv(a.keep.begin(now), q.every)*q.every + q.every
	if a.asked > first {
		first = -floorDiv(-max(first, a.asked-a.lateness), q.every) * q.every
	}
	return first, min(last, first+(askChunk-1)*q.every), true
}

// wantsAsk reports whether the SLO has a query that is to be asked now.
func (t *tracked) wantsAsk(now int64) bool {
	if t.ask == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if pausing(t.nextRead, now) {
		return false
	}
	_, _, ok := t.ask.next(t.asked(now), now)
	return ok || !t.filled || t.wantsPast()
}

// wantsPast reports whether the whole past is to be asked for beside what is judged: only
// the newest was at first, or corrections leave out something else than what was counted.
// The caller holds mu.
func (t *tracked) wantsPast() bool { return t.filled && (t.partial != 0 || t.corrections.recount != 0) }

// asked returns the counts that the next answers go into: those that are judged, as long as
// a slice of theirs is to be asked for, and else those of the whole past. The caller holds mu.
func (t *tracked) asked(now int64) *accumulator {
	if t.redo == nil {
		return t.acc
	}
	if _, _, due := t.ask.next(t.acc, now); due {
		return t.acc
	}
	return t.redo
}

// prepare sees to it that what judging needs is asked for first, and the whole past
// beside it, with the corrections that are in force. The caller holds mu.
func (t *tracked) prepare(now int64) {
	c := &t.corrections
	switch {
	case !t.filled && t.acc.asked == 0 && t.quickens(now):
		t.partial = floorDiv(t.quickFrom(now), t.ask.every) * t.ask.every
		t.acc.asked = t.partial
	case !t.wantsPast():
		t.redo = nil
	case t.redo != nil:
		if _, differ := differ(t.redo.corrected, c.spans, t.redo.keep.begin(now), t.redo.newest); !differ {
			t.redo.corrected = c.spans
			return
		}
		fallthrough
	default:
		t.redo = newAccumulator(t.acc.keep, time.Duration(t.acc.lateness)*time.Millisecond)
		t.redo.corrected = c.spans
	}
}

// answered notes that the answers up to last were counted into a. The caller holds mu.
func (t *tracked) answered(a *accumulator, last, now int64) {
	t.readErr, t.failures, t.failingSince = nil, 0, time.Time{}
	if a == t.redo {
		t.reached.Store(last)
	}
	switch {
	case last < t.ask.newest(now):
	case a == t.acc:
		t.filled = true
	case a == t.redo:
		t.acc, t.redo, t.partial = t.redo, nil, 0
		clear(t.cumulative)
		t.compare(now)
	}
}

// lastingErr returns why the SLO's data can't be read. A query that has failed for a
// moment only is asked again before anything is said of it. The caller holds mu.
func (t *tracked) lastingErr(now time.Time) error {
	if t.ask != nil && now.Sub(t.failingSince) < askPatience && !errors.Is(t.readErr, errNoQuerier) {
		return nil
	}
	return t.readErr
}

// asksAside reports whether the SLO's next query is slow, or of a past that judging doesn't
// wait for.
func (t *tracked) asksAside(now int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _, due := t.ask.next(t.acc, now)
	return t.slowly || t.filled && !due
}

// startAsk asks an SLO's query in the background where it is time to, at most one at a
// time for each SLO and as many in all as there are turns; false means that none is left. Each turn asks
// for one chunk, so that a long history holds up nobody; aside says which queries it is the turn of.
func (e *Engine) startAsk(ctx context.Context, t *tracked, now time.Time, aside bool) bool {
	if t.busy.Load() || !t.wantsAsk(now.UnixMilli()) || t.asksAside(now.UnixMilli()) != aside {
		return true
	}
	turns := e.asks
	if aside {
		turns = e.slowAsks
	}
	select {
	case turns <- struct{}{}:
	default:
		return false
	}
	t.busy.Store(true)
	e.background.Go(func() {
		defer func() { t.busy.Store(false); <-turns }()
		e.askOnce(ctx, t)
	})
	return true
}

// askOnce asks for the next chunk and counts the answers. Errors are retried with
// growing pauses.
func (e *Engine) askOnce(ctx context.Context, t *tracked) {
	now := e.opt.Now()
	t.mu.Lock()
	t.prepare(now.UnixMilli())
	a := t.asked(now.UnixMilli())
	first, last, ok := t.ask.next(a, now.UnixMilli())
	t.mu.Unlock()
	var err error
	if ok {
		err = e.askChunk(ctx, t, a, first, last)
	}
	if ctx.Err() != nil {
		return
	}
	begin := now
	now = e.opt.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.slowly = now.Sub(begin) >= slowAsk
	t.dirty.Store(true)
	if err == nil {
		if !ok {
			last = t.ask.newest(now.UnixMilli())
		}
		t.answered(a, last, now.UnixMilli())
		return
	}
	if e.backOff(t, now, err) {
		e.opt.Logger.Warn("asking an SLO's query fails; the engine retries", "slo", t.id, "error", err)
	}
}

// askChunk asks for the slices that end in [first, last] and counts the answers into a.
func (e *Engine) askChunk(ctx context.Context, t *tracked, a *accumulator, first, last int64) error {
	if e.opt.Querier == nil {
		return errNoQuerier
	}
	within, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	got := answers{table: t.table, ask: t.ask, samples: map[*member][]slo.Sample{}, owners: map[slice]slo.Labels{}, refused: map[slice]bool{}}
	every := time.Duration(t.ask.every) * time.Millisecond
	err := e.opt.Querier.QueryRange(within, t.ask.expr, time.UnixMilli(first), time.UnixMilli(last), every, got.take)
	if err != nil {
		return fmt.Errorf("evaluate %s: %w", t.ask.expr, err)
	}
	got.refuse()
	now := e.opt.Now().UnixMilli()
	t.mu.Lock()
	defer t.mu.Unlock()
	a.replace(got.samples, first, last, now)
	if got.newest > 0 {
		a.ambiguous, a.ambiguity = got.newest, got.why
	}
	return nil
}

// slice is one slice of one group.
type slice struct {
	group int32
	end   int64
}

// answers collects what one query answers.
type answers struct {
	table   *table
	ask     *asking
	samples map[*member][]slo.Sample
	// owners are the series that answered for a slice, and refused the slices for
	// which more than one did; why names the newest case.
	owners  map[slice]slo.Labels
	refused map[slice]bool
	newest  int64
	why     string
}

// take is handed to Querier.QueryRange.
func (g *answers) take(run slo.SeriesSamples) error {
	m := g.table.bind(run.Series)
	for _, s := range run.Samples {
		if math.IsNaN(s.V) || s.H != nil || g.ask.alone && math.IsInf(s.V, 0) {
			continue // unknown: infinite is what a ratio of no events at all is
		}
		if g.ask.alone {
			g.claim(m, run.Series.Labels(), s.T)
		}
		g.samples[m] = append(g.samples[m], s)
	}
	return nil
}

// claim notes whose answer counts for a slice. Two answers of one group are none.
func (g *answers) claim(m *member, series slo.Labels, end int64) {
	at := slice{m.group, end}
	first, taken := g.owners[at]
	if !taken {
		g.owners[at] = series
		return
	}
	g.refused[at] = true
	if end > g.newest {
		g.newest = end
		g.why = fmt.Sprintf("The query answers with more than one series for one group: %s and %s", named(first), named(series))
	}
}

func named(series slo.Labels) string {
	if len(series) == 0 {
		return "{}"
	}
	return series.String()
}

// refuse takes out the slices with more than one answer.
func (g *answers) refuse() {
	if len(g.refused) == 0 {
		return
	}
	for m, samples := range g.samples {
		left := samples[:0]
		for _, s := range samples {
			if !g.refused[slice{m.group, s.T}] {
				left = append(left, s)
			}
		}
		g.samples[m] = left
	}
}

// replace counts answers for the slices that end in [first, last]; what was counted
// there before and is not among them is taken back.
func (a *accumulator) replace(answers map[*member][]slo.Sample, first, last, now int64) {
	for _, se := range a.series {
		if se != nil && se.kept.end() >= first {
			a.withdraw(se, answers[se.m], first, now)
		}
	}
	for m, samples := range answers {
		for _, s := range samples {
			if s.T < first || s.T > last {
				continue
			}
			if p, kind := m.point(s); kind == readable && !a.knows(m) {
				a.adopt(m, nil, p, now)
				continue
			}
			a.add(m, s, now)
		}
	}
	a.asked = max(a.asked, last)
}

// withdraw takes back the answers of one series from first on that are not given again.
func (a *accumulator) withdraw(se *series, again []slo.Sample, first, now int64) {
	same := map[int64][2]float64{}
	for _, s := range again {
		if p, kind := se.m.point(s); kind == readable {
			same[p.t] = p.v
		}
	}
	for i := se.kept.len() - 1; i >= 0 && se.kept.time(i) >= first; i-- {
		p := se.kept.at(i)
		if v, ok := same[p.t]; ok && v == p.v {
			continue
		}
		a.single(se.m, p, -1, now)
		se.kept.remove(i)
	}
	if se.kept.len() == 0 {
		a.series[se.m.index] = nil
		f := a.families[se.m.family]
		f.all = without(f.all, se)
	}
}
