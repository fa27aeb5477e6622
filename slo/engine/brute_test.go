package engine

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"burnline/slo"
)

// memory is an in-memory metric store for tests: it implements Reader over the
// raw samples, and can be asked to let things happen in the middle of a read.
type memory struct {
	mu     sync.Mutex
	series map[string]*stored
	during func() // called before every read
	// corrected is what brute force leaves out, in any order.
	corrected []span
	err       error // answers every read, where set
}

type stored struct {
	labels  slo.Labels
	samples []slo.Sample // in order of time
}

func newMemory() *memory { return &memory{series: map[string]*stored{}} }

func (m *memory) commit(labels slo.Labels, s slo.Sample) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := labels.String()
	if m.series[key] == nil {
		m.series[key] = &stored{labels: labels}
	}
	have := m.series[key]
	i, found := slices.BinarySearchFunc(have.samples, s.T, func(a slo.Sample, t int64) int { return cmp.Compare(a.T, t) })
	if !found {
		have.samples = slices.Insert(have.samples, i, s)
	}
}

// lose forgets all samples before t.
func (m *memory) lose(t int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.series {
		s.samples = slices.DeleteFunc(s.samples, func(one slo.Sample) bool { return one.T < t })
	}
}

func (m *memory) begin() error {
	if f := m.during; f != nil {
		f()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.err
}

func (m *memory) Select(_ context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error {
	if err := m.begin(); err != nil {
		return err
	}
	match, err := sel.Compile()
	if err != nil {
		return err
	}
	m.mu.Lock()
	var found []slo.SeriesSamples
	for _, s := range m.series {
		if !match.Match(s.labels) {
			continue
		}
		run := slo.SeriesSamples{Series: slo.NewSeries(s.labels)}
		for _, one := range s.samples {
			if one.T >= from && one.T <= to {
				run.Samples = append(run.Samples, one)
			}
		}
		if len(run.Samples) > 0 {
			found = append(found, run)
		}
	}
	m.mu.Unlock()
	// In one order always, so that a seed gives the same run again.
	slices.SortFunc(found, func(a, b slo.SeriesSamples) int {
		return cmp.Compare(a.Series.Labels().String(), b.Series.Labels().String())
	})
	for _, run := range found {
		if err := yield(run); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Before(_ context.Context, labels slo.Labels, t int64) (slo.Sample, bool, error) {
	if err := m.begin(); err != nil {
		return slo.Sample{}, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.series[labels.String()]
	if s == nil {
		return slo.Sample{}, false, nil
	}
	for i := len(s.samples) - 1; i >= 0; i-- {
		if s.samples[i].T < t {
			return s.samples[i], true, nil
		}
	}
	return slo.Sample{}, false, nil
}

// fakeHistogram is a native histogram that knows only what counting asks.
type fakeHistogram struct{ count, below float64 }

func (h fakeHistogram) Count() float64             { return h.count }
func (h fakeHistogram) CountBelow(float64) float64 { return h.below }

// bruteEvent is one difference of brute force: an amount over (from, to], or
// at to where from is to.
type bruteEvent struct {
	from, to int64
	began    int64 // the sample before, or the start, even where the amount is not spread
	amount   [2]float64
}

// bruteSeries are the plain values of one series in order of time.
type bruteSeries struct {
	labels slo.Labels
	points []brutePoint
}

type brutePoint struct {
	t, st int64
	v     [2]float64
}

// bruteCount is an amount of events of one group over (from, to], or at to where from
// is to.
type bruteCount struct {
	from, to    int64
	began       int64
	total, good float64
}

// bruteForce counts straight from the rules of the design over all raw
// samples: total and bad events of one group in (start, end], or slices where they are
// what counts. It shares nothing with the engine but slo.Definition's terms.
func bruteForce(store *memory, d *slo.Definition, groupKey string, start, end int64) slo.Counts {
	return bruteOf(store, d, groupKey).between(start, end)
}

// brute is what one group has counted, by brute force.
type brute struct {
	window slo.Window
	events []bruteCount
	slices map[int64]slo.Counts // what each slice counts as, by its end; nil where events count
}

func bruteOf(store *memory, d *slo.Definition, groupKey string) brute {
	b := brute{window: d.Window, events: bruteLeft(bruteCounts(store, d, groupKey), store.corrected)}
	if d.Budgeting.Sliced() {
		b.slices = bruteSlices(b.events, d.Budgeting)
	}
	return b
}

// between returns the events, or slices, of (start, end].
func (b brute) between(start, end int64) slo.Counts {
	var sum slo.Counts
	for until, c := range b.slices {
		if until > start && until <= end {
			sum = slo.Counts{Total: sum.Total + c.Total, Good: sum.Good + c.Good}
		}
	}
	if b.slices != nil {
		return sum
	}
	for _, c := range b.events {
		share := bruteShare(c.from, c.to, start, end)
		sum.Total += share * c.total
		sum.Good += share * c.good
	}
	return sum
}

// bruteLeft leaves out what lies in a correction. It goes from edge to edge, and asks of
// each piece in between whether any correction holds it.
func bruteLeft(all []bruteCount, corrected []span) []bruteCount {
	out := func(t int64) bool {
		return slices.ContainsFunc(corrected, func(c span) bool { return t > c.from && t <= c.to })
	}
	var left []bruteCount
	for _, c := range all {
		if c.from == c.to {
			if !out(c.to) && !slices.ContainsFunc(corrected, func(one span) bool { return one.from < c.to && one.to > c.began }) {
				left = append(left, c)
			}
			continue
		}
		edges := []int64{c.from, c.to}
		for _, one := range corrected {
			edges = append(edges, min(max(one.from, c.from), c.to), min(max(one.to, c.from), c.to))
		}
		slices.Sort(edges)
		for i := 1; i < len(edges); i++ {
			if low, high := edges[i-1], edges[i]; low < high && !out(high) {
				share := float64(high-low) / float64(c.to-c.from)
				left = append(left, bruteCount{low, high, low, share * c.total, share * c.good})
			}
		}
	}
	return left
}

// bruteSlices judges every slice by all its events.
func bruteSlices(all []bruteCount, b slo.Budgeting) map[int64]slo.Counts {
	slice := b.Slice.Milliseconds()
	events := map[int64]slo.Counts{} // by the slice's end
	for _, c := range all {
		for until := (c.from + slice - 1) / slice * slice; until < c.to+slice; until += slice {
			if share := bruteShare(c.from, c.to, until-slice, until); share > 0 {
				sum := events[until]
				events[until] = slo.Counts{Total: sum.Total + share*c.total, Good: sum.Good + share*c.good}
			}
		}
	}
	judged := map[int64]slo.Counts{}
	for until, c := range events {
		if c.Total <= 1e-9 {
			continue
		}
		one := slo.Counts{Total: 1}
		switch good := c.Good / c.Total; {
		case b.Method == slo.RatioTimeslices:
			one.Good = min(1, max(0, good))
		case good >= b.Target-1e-9*max(1, 1/c.Total):
			one.Good = 1
		}
		judged[until] = one
	}
	return judged
}

// bruteCounts are the events of one group.
func bruteCounts(store *memory, d *slo.Definition, groupKey string) []bruteCount {
	series := brutePoints(store, d)
	hasBad := d.SLI.Events != nil && d.SLI.Events.Bad != nil
	var all []bruteCount
	for _, s := range series {
		if s.labels.Keep(d.GroupBy).String() != groupKey {
			continue
		}
		first, last := bruteReign(s, series)
		for _, term := range d.Terms() {
			match, err := term.Compile()
			if err != nil {
				panic(err)
			}
			if !match.Match(s.labels) {
				continue
			}
			if term.Role == slo.RoleSample {
				for _, p := range s.points {
					c := bruteCount{p.t, p.t, p.t, 1, 0}
					if d.SLI.Samples.Op.Holds(p.v[0], d.SLI.Samples.Value) {
						c.good = 1
					}
					all = append(all, c)
				}
				continue
			}
			sign := 1.0
			if term.Minus {
				sign = -1
			}
			for _, e := range bruteEvents(s, series) {
				if e.to >= first && e.to <= last {
					continue
				}
				c := bruteCount{from: e.from, to: e.to, began: e.began}
				switch term.Role {
				case slo.RoleTotal:
					c.total = sign * e.amount[0]
					if hasBad {
						c.good = c.total
					}
				case slo.RoleGood:
					c.good = sign * e.amount[0]
				case slo.RoleBad:
					c.good = -sign * e.amount[0]
				case slo.RoleNative:
					c.total, c.good = sign*e.amount[0], sign*e.amount[1]
				}
				all = append(all, c)
			}
		}
	}
	return all
}

func brutePoints(store *memory, d *slo.Definition) []bruteSeries {
	var all []bruteSeries
	for _, s := range store.series {
		matched := false
		for _, term := range d.Terms() {
			match, err := term.Compile()
			if err != nil {
				panic(err)
			}
			matched = matched || match.Match(s.labels)
		}
		if !matched {
			continue
		}
		one := bruteSeries{labels: s.labels}
		for _, x := range s.samples {
			p := brutePoint{t: x.T, st: x.ST, v: [2]float64{x.V, 0}}
			if x.H != nil {
				p.v = [2]float64{x.H.Count(), x.H.CountBelow(0)}
			}
			if !math.IsNaN(p.v[0]) {
				one.points = append(one.points, p)
			}
		}
		all = append(all, one)
	}
	return all
}

const fiveMinutes = 300_000

func bruteEvents(s bruteSeries, all []bruteSeries) []bruteEvent {
	var events []bruteEvent
	for i, p := range s.points {
		if i == 0 {
			if from := bruteBirth(s, p, all); from < p.t {
				events = append(events, bruteEvent{from, p.t, from, p.v})
			}
			continue
		}
		q := s.points[i-1]
		e := bruteEvent{q.t, p.t, q.t, [2]float64{p.v[0] - q.v[0], p.v[1] - q.v[1]}}
		switch {
		case p.v[0] < q.v[0] || p.st > q.t:
			e.amount = p.v
			if p.st > q.t && p.st < p.t {
				e.from, e.began = p.st, p.st
			}
		case e.amount[1] < 0:
			e.amount[1] = 0
		case e.amount[1] > e.amount[0]:
			e.amount[1] = e.amount[0]
		}
		if e.to-e.from <= fiveMinutes {
			e.from = e.to
		}
		events = append(events, e)
	}
	return events
}

// bruteForm returns the labels that the forms of one histogram share, and whether the series is
// the native one.
func bruteForm(s bruteSeries) (string, bool) {
	var rest slo.Labels
	for _, l := range s.labels {
		if l.Name != slo.MetricName && l.Name != "le" {
			rest = append(rest, l)
		}
	}
	name := s.labels.Get(slo.MetricName)
	return rest.String(), !strings.HasSuffix(name, "_count") && !strings.HasSuffix(name, "_bucket")
}

// bruteReign returns the time in which the native form of a classic histogram counts
// instead of it; an empty one where there is none.
func bruteReign(s bruteSeries, all []bruteSeries) (first, last int64) {
	form, native := bruteForm(s)
	for _, other := range all {
		if f, n := bruteForm(other); !native && n && f == form && len(other.points) > 0 {
			return other.points[0].t, other.points[len(other.points)-1].t + fiveMinutes
		}
	}
	return 0, -1
}

// bruteBirth returns the moment from which a series' first value counts.
func bruteBirth(s bruteSeries, p brutePoint, all []bruteSeries) int64 {
	newest := int64(0)
	form, native := bruteForm(s)
	for _, other := range all {
		if f, n := bruteForm(other); native && !n && f == form && len(other.points) > 0 && other.points[0].t < p.t {
			return p.t // it goes on for its classic form
		}
	}
	for _, other := range all {
		if other.labels.String() == s.labels.String() {
			continue
		}
		same := true
		for _, name := range []string{"__name__", "job", "instance"} {
			same = same && other.labels.Get(name) == s.labels.Get(name)
		}
		if !same {
			continue
		}
		for _, q := range other.points {
			if q.t < p.t && q.t >= p.t-fiveMinutes && q.t > newest {
				newest = q.t
			}
		}
	}
	switch {
	case newest > 0:
		return newest
	case p.st > 0 && p.st < p.t:
		return p.st
	}
	return p.t
}

// bruteShare is the part of (from, to] that lies in (start, end].
func bruteShare(from, to, start, end int64) float64 {
	if from == to {
		if to > start && to <= end {
			return 1
		}
		return 0
	}
	if low, high := max(from, start), min(to, end); high > low {
		return float64(high-low) / float64(to-from)
	}
	return 0
}

// bruteWindow is brute force with the edges of the design: the start rounded
// down to the window's step, the end up to the full second.
func bruteWindow(store *memory, d *slo.Definition, groupKey string, at time.Time, w time.Duration) slo.Counts {
	return bruteOf(store, d, groupKey).since(slo.Start(at, w), at)
}

// since returns what was counted from start up to the full second of at.
func (b brute) since(start, at time.Time) slo.Counts {
	return b.between(start.UnixMilli(), (at.UnixMilli()+999)/1000*1000)
}

// whole returns what was counted in the SLO's own window.
func (b brute) whole(at time.Time) slo.Counts {
	start, _ := b.window.Bounds(at)
	return b.since(start, at)
}
