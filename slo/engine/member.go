package engine

import (
	"cmp"
	"hash/maphash"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"burnline/slo"
)

// member is what one series is to one SLO: its group, and by how much a
// difference of the series moves the total and the bad events.
type member struct {
	index  int32       // place in accumulator.series
	group  int32       // place in accumulator.groups
	family int32       // place in accumulator.families
	used   atomic.Bool // samples were delivered since the last sweep
	of     *tracked
	*weight
	// twin names the histogram that a latency's series is a form of; 0 for others.
	twin uint64
	// series is the store's own where it delivered one, so that its labels are held once.
	series atomic.Pointer[slo.Series]
	next   *member // of the same hash in the table
	// newest is the time of the newest sample that was read or delivered; 0 for none.
	newest atomic.Int64
}

// saw notes that there is a sample at t.
func (m *member) saw(t int64) {
	for old := m.newest.Load(); t > old && !m.newest.CompareAndSwap(old, t); {
		old = m.newest.Load()
	}
}

func (m *member) labels() slo.Labels { return m.series.Load().Labels() }

// table knows which series an SLO counts. It outlives the accumulators that
// are built while history is read again.
type table struct {
	of      *tracked
	terms   []boundTerm
	matched []atomic.Bool // whether any series was bound by the term of that place
	groupBy []string
	ask     *asking  // nil unless a query is what counts
	single  *singles // nil unless each sample is an event of its own
	latency bool     // histograms are counted
	inverse bool     // bad events are total − good

	mu       sync.Mutex
	seed     maphash.Seed
	members  map[uint64]*member // by the hash of their labels
	series   places             // of members
	groups   numbers[string]
	weights  []*weight    // of members, each once
	labels   []slo.Labels // of the groups, stale where a number is free
	families numbers[familyKey]
	bounds   map[float64]bool // a latency's buckets that are not at the threshold
}

type boundTerm struct {
	slo.Term
	match *slo.Matching
	loose *slo.Matching // without the bucket's bound; nil where there is none
}

func newTable(d *slo.Definition) (*table, error) {
	t := &table{
		groupBy: d.GroupBy, single: singlesOf(d), ask: askingOf(d), latency: d.SLI.Latency != nil, inverse: true,
		seed: maphash.MakeSeed(), members: map[uint64]*member{},
		groups: newNumbers[string](), families: newNumbers[familyKey](),
		bounds: map[float64]bool{},
	}
	for _, term := range d.Terms() {
		b := boundTerm{Term: term}
		var err error
		if b.match, err = term.Compile(); err != nil {
			return nil, err
		}
		if term.LE > 0 {
			if b.loose, err = term.Selector.Compile(); err != nil {
				return nil, err
			}
		}
		if term.Role == slo.RoleBad {
			t.inverse = false
		}
		t.terms = append(t.terms, b)
	}
	t.matched = make([]atomic.Bool, len(t.terms))
	return t, nil
}

// wants reports whether the SLO counts the series, and remembers a bucket
// that is not the one it looks for.
func (t *table) wants(series slo.Labels) bool {
	for i := range t.terms {
		term := &t.terms[i]
		if term.match.Match(series) {
			return true
		}
		if term.loose != nil && term.loose.Match(series) {
			t.note(series.Get("le"))
		}
	}
	return false
}

func (t *table) note(le string) {
	if v, err := strconv.ParseFloat(le, 64); err == nil && !math.IsInf(v, 0) {
		t.mu.Lock()
		t.bounds[v] = true
		t.mu.Unlock()
	}
}

// bind returns what the series is to the SLO, nil when it is not counted. The
// series is kept where it is new.
func (t *table) bind(series *slo.Series) *member {
	labels := series.Labels()
	if t.ask != nil && t.ask.alone {
		// Only the group counts, so that another series may go on for one.
		labels = labels.Keep(t.groupBy)
		series = slo.NewSeries(labels)
	}
	hash := t.hash(labels)
	if m := t.find(hash, labels); m != nil {
		return m
	}
	w, wanted := t.weightOf(labels)
	if !wanted {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if m := t.among(hash, labels); m != nil {
		return m
	}
	m := &member{of: t.of, index: t.series.take(), weight: t.shared(w), next: t.members[hash]}
	m.series.Store(series)
	if t.latency {
		m.twin = t.twinOf(labels)
	}
	m.group = t.groupOf(labels.Keep(t.groupBy))
	m.family = t.families.take(familyOf(labels))
	t.members[hash] = m
	return m
}

// find returns the member with these labels; nil where there is none yet.
func (t *table) find(hash uint64, labels slo.Labels) *member {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.among(hash, labels)
}

// among is find for who holds mu.
func (t *table) among(hash uint64, labels slo.Labels) *member {
	for m := t.members[hash]; m != nil; m = m.next {
		if slices.Equal(m.labels(), labels) {
			return m
		}
	}
	return nil
}

func (t *table) hash(labels slo.Labels) uint64 {
	var h maphash.Hash
	h.SetSeed(t.seed)
	for i := range labels {
		h.WriteString(labels[i].Name)
		h.WriteByte(0xff)
		h.WriteString(labels[i].Value)
		h.WriteByte(0xff)
	}
	return h.Sum64()
}

// familyKey names the siblings that a series belongs to.
type familyKey struct{ metric, job, instance string }

func familyOf(series slo.Labels) familyKey {
	return familyKey{series.Get(slo.MetricName), series.Get("job"), series.Get("instance")}
}

func (t *table) groupOf(labels slo.Labels) int32 {
	i := t.groups.take(labels.String())
	t.labels = grow(t.labels, int(i))
	t.labels[i] = labels
	return i
}

// groupNumber returns the number of a group; false when no series has it.
func (t *table) groupNumber(labels slo.Labels) (int, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i, ok := t.groups.of[labels.String()]
	return int(i), ok
}

// groupLabels returns the labels of all groups by number, stale ones among them.
func (t *table) groupLabels() []slo.Labels {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]slo.Labels(nil), t.labels...)
}

// clear forgets every member.
func (t *table) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.members, t.series, t.labels = map[uint64]*member{}, places{}, nil
	t.groups, t.families = newNumbers[string](), newNumbers[familyKey]()
}

// all returns every member in order of their numbers, since that of a map differs from run to run.
func (t *table) all() []*member {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]*member, 0, len(t.members))
	for _, m := range t.members {
		for ; m != nil; m = m.next {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b *member) int { return cmp.Compare(a.index, b.index) })
	return all
}

// inOrder yields what a map holds of series in order of their numbers, so that what is done to one after
// another ends the same whenever it is done again.
func inOrder[V any](of map[*member]V) iter.Seq2[*member, V] {
	return func(yield func(*member, V) bool) {
		all := slices.SortedFunc(maps.Keys(of), func(a, b *member) int { return cmp.Compare(a.index, b.index) })
		for _, m := range all {
			if !yield(m, of[m]) {
				return
			}
		}
	}
}

// forget drops a member that its accumulator doesn't know; it is made anew when
// it comes back. It returns the family and the group that had no other member,
// −1 where they have one.
func (t *table) forget(m *member) (family, group int) {
	hash := t.hash(m.labels())
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.unlink(hash, m) {
		return -1, -1
	}
	t.series.leave(m.index)
	return t.families.leave(familyOf(m.labels())), t.groups.leave(m.labels().Keep(t.groupBy).String())
}

// unlink takes a member out of the chain of its hash; false when it is not there.
func (t *table) unlink(hash uint64, m *member) bool {
	first := t.members[hash]
	if first == m && m.next == nil {
		delete(t.members, hash)
		return true
	}
	if first == m {
		t.members[hash] = m.next
		return true
	}
	for before := first; before != nil; before = before.next {
		if before.next == m {
			before.next = m.next
			return true
		}
	}
	return false
}

// nearest returns the bounds next to the threshold; NaN where none is known.
func (t *table) nearest(threshold float64) (below, above float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	below, above = math.NaN(), math.NaN()
	for b := range t.bounds {
		if b < threshold && !(below >= b) {
			below = b
		}
		if b > threshold && !(above <= b) {
			above = b
		}
	}
	return below, above
}

// staleNaN is the bit pattern by which Prometheus marks the end of a series;
// such a sample is no value.
const staleNaN = 0x7ff0000000000002

// selectors returns the selectors of the SLO's terms without those that another one
// covers, as that of a total covers its bad events'. For buckets the
// bound is narrowed by a pattern that lets through every way of writing it.
func (t *table) selectors() []slo.Selector {
	var all []slo.Selector
	for i := range t.terms {
		sel := t.terms[i].Selector
		if le := t.terms[i].LE; le > 0 {
			matchers := append([]slo.Matcher(nil), sel.Matchers...)
			sel.Matchers = append(matchers, slo.Matcher{Label: "le", Op: slo.MatchRegexp, Value: boundPattern(le)})
		}
		if slices.ContainsFunc(all, func(other slo.Selector) bool { return covers(other, sel) }) {
			continue
		}
		all = slices.DeleteFunc(all, func(other slo.Selector) bool { return covers(sel, other) })
		all = append(all, sel)
	}
	return all
}

// covers reports whether a matches every series that b does, since all that it demands b
// demands too.
func covers(a, b slo.Selector) bool {
	return a.Name == b.Name && !slices.ContainsFunc(a.Matchers, func(m slo.Matcher) bool { return !slices.Contains(b.Matchers, m) })
}

// boundPattern matches the numbers that begin like le, and all with an exponent.
func boundPattern(le float64) string {
	digits := strconv.FormatFloat(le, 'f', -1, 64)
	if strings.Contains(digits, ".") {
		return strings.ReplaceAll(digits, ".", `\.`) + "[0-9]*|.*[eE].*"
	}
	return digits + `(\.[0-9]*)?|.*[eE].*`
}
