package engine

import (
	"math"
	"time"

	"burnline/slo"
)

// spreadSpan is the longest difference that counts at the moment of its later
// sample; a longer one is spread evenly over its span, so that an old outage
// doesn't land in the last five minutes. (design, "Counting")
const spreadSpan = int64(5 * time.Minute / time.Millisecond)

// ahead is how far in the future a sample may lie; stores refuse what is more
// than ten minutes ahead, by their own clock.
const ahead = int64(15 * time.Minute / time.Millisecond)

// outcome says what became of a sample.
type outcome int

const (
	// counted: the counts are exact with the sample.
	counted outcome = iota
	// duplicate: the sample was counted before.
	duplicate
	// ignored: the sample carries no value that counts.
	ignored
	// unknown: the accumulator doesn't know whether the series has earlier
	// samples; ask storage, then call adopt.
	unknown
	// tooLate: the sample's neighbours are no longer held; the counts from it
	// on have to be rebuilt from storage.
	tooLate
)

// accumulator counts the events of one SLO. It takes samples in any order,
// any number of times, and gives the answer of brute force over the raw
// samples, or says that it can't. It does no I/O and is not safe for concurrent use.
type accumulator struct {
	lateness int64
	keep     keep
	// corrected is what is taken out of the budget: events there are counted apart.
	corrected spans
	groups    []*group  // by member.group, nil where nothing was counted
	series    []*series // by member.index, nil where unknown
	families  []*family // by member.family
	room      []series  // for series that are yet to come
	// newest is the time of the newest sample; newestCount and newestBucket
	// those of series of the total and of buckets at the threshold.
	newest, newestCount, newestBucket int64
	// newestClassic is that of classic histograms' counts; natives are the native ones
	// that have a classic form maybe, and doubled is true where both were counted.
	newestClassic int64
	natives       map[uint64]reign
	doubled       bool
	// preceded has, while history is read again, the time of a sample of a classic
	// histogram that was not read, since it lies before: its native form goes on for it.
	preceded map[uint64]int64
	// surplus, while counts are repaired, is what those before the clip hold too much.
	surplus *surplus
	// notNumber is the time of the newest NaN.
	notNumber int64
	// asked is the end of the newest slice for which a query was asked; ambiguous is
	// the newest for which a group had more than one answer, and ambiguity names them.
	asked, ambiguous int64
	ambiguity        string
	// interval estimates the time between samples of the total.
	interval int64
	// traffic remembers when there were events.
	traffic traffic
	// floor is the time before which storage may hold samples of a series that
	// the accumulator doesn't know.
	floor int64
	// clip, while history is read again, is the time up to which the counts are
	// taken from the accumulator before; see rings.clip.
	clip int64
	// resuming, while what came after a checkpoint is read, says that what is older
	// than the samples that are kept was counted.
	resuming bool
	// fed says that something of storage was counted.
	fed bool
	// watch is the stretch in which the first samples of series are looked at,
	// and oldestStart the oldest start time among them.
	watch       [2]int64
	oldestStart int64
	// first is the time of the oldest sample that ever was counted.
	first int64
	// moved: counts before clip were not read, and are to be moved where corrections
	// want them.
	moved bool
	// unfit are samples of storage that came too late even so.
	unfit []entry
}

// group is the counts of one group.
type group struct {
	rings *rings
	// out are the events that corrections take out; nil where there are none.
	out *rings
	// covered is since when the group's events are known; newest is its newest sample.
	covered, newest int64
	// total and bad are all events ever counted; they only feed the recorded
	// counter, never a window.
	total, bad float64
}

func (g *group) count(in *rings, from, to int64, total, bad float64, spread bool, now int64) {
	total, bad = in.add(from, to, total, bad, spread, now)
	g.total += total
	g.bad += bad
}

// counted returns all events ever counted, but for slices that still last.
func (g *group) counted(now time.Time) slo.Counts {
	sum := slo.Counts{Total: g.total, Good: g.total - g.bad}
	for _, r := range g.both() {
		open := r.unfinished(now)
		sum.Total, sum.Good = sum.Total-open.Total, sum.Good-open.Good
	}
	return sum
}

// series holds the newest samples of one series.
type series struct {
	m *member
	// kept are the samples of the last lateness and one before, in order.
	kept kept
	// whole is true while kept begins with the first sample there is.
	whole bool
	birth *birth
}

func newAccumulator(k keep, lateness time.Duration) *accumulator {
	return &accumulator{
		lateness: lateness.Milliseconds(), keep: k,
		floor: math.MinInt64, clip: math.MinInt64, oldestStart: math.MaxInt64, first: math.MaxInt64,
	}
}

// seriesRoom is for how many series memory is taken at once. One by one they would lie among
// what reading history leaves behind, and that memory is of no other use.
const seriesRoom = 8

func (a *accumulator) newSeries(m *member) *series {
	if len(a.room) == 0 {
		a.room = make([]series, seriesRoom)
	}
	se := &a.room[0]
	a.room, se.m = a.room[1:], m
	return se
}

// grow returns the slice with room for index i.
func grow[T any](s []T, i int) []T {
	for len(s) <= i {
		var zero T
		s = append(s, zero)
	}
	return s
}

func (a *accumulator) group(i int) *group {
	a.groups = grow(a.groups, i)
	if a.groups[i] == nil {
		a.groups[i] = &group{rings: newRings(a.keep), covered: uncovered}
		a.groups[i].rings.clip = a.clip
	}
	return a.groups[i]
}

func (a *accumulator) family(i int) *family {
	a.families = grow(a.families, i)
	if a.families[i] == nil {
		a.families[i] = &family{}
	}
	return a.families[i]
}

// add counts one sample; now is the present in milliseconds.
func (a *accumulator) add(m *member, s slo.Sample, now int64) outcome {
	p, ok := a.read(m, s, now)
	if !ok {
		return ignored
	}
	if !a.knows(m) {
		return unknown
	}
	return a.insert(a.series[m.index], p, now)
}

// read turns a sample into a point; false where it carries no value that counts.
func (a *accumulator) read(m *member, s slo.Sample, now int64) (point, bool) {
	p, kind := m.point(s)
	if kind == noNumber {
		a.notNumber = max(a.notNumber, s.T)
	}
	return p, kind == readable && s.T <= now+ahead
}

func (a *accumulator) insert(se *series, p point, now int64) outcome {
	k := &se.kept
	n, i := k.len(), k.before(p.t)
	if se.m.single != nil {
		return a.insertSingle(se, i, p, now)
	}
	switch {
	case i < n && k.time(i) == p.t:
		return duplicate
	case i == n:
		last := k.at(n - 1)
		a.difference(se.m, last, p, 1, now)
		a.observeInterval(se.m, p.t-last.t)
	case i > 0:
		before, after := k.at(i-1), k.at(i)
		a.difference(se.m, before, after, -1, now)
		a.difference(se.m, before, p, 1, now)
		a.difference(se.m, p, after, 1, now)
	case !se.whole:
		return tooLate
	default:
		a.giveBirth(se, -1, now)
		a.difference(se.m, p, k.at(0), 1, now)
	}
	k.insert(i, p)
	if se.m.count {
		a.traffic.reported = now
	}
	done := counted
	if i == 0 {
		done = a.bear(se, now)
	}
	if a.tell(se, p.t, now) == tooLate || i == 0 && a.precedes(se.m, p.t, now) == tooLate {
		done = tooLate
	}
	a.trim(se)
	return done
}

// adopt makes a series known, with its first sample that is to be counted
// and the sample before it; base is nil when storage holds none, and then the
// sample is the first that there is.
func (a *accumulator) adopt(m *member, base *point, p point, now int64) outcome {
	a.series = grow(a.series, int(m.index))
	f := a.family(int(m.family))
	se := a.newSeries(m)
	se.whole = base == nil
	a.series[m.index] = se
	f.all = append(f.all, se)
	if m.count {
		a.traffic.reported = now
	}
	if m.single != nil {
		return a.adoptSingle(se, base, p, now)
	}
	done := counted
	if base != nil {
		se.kept.insert(0, *base)
		se.kept.insert(1, p)
		a.difference(m, *base, p, 1, now)
		a.see(m, base.t, base.t)
	} else {
		se.kept.insert(0, p)
		done = a.bear(se, now)
	}
	if a.tell(se, p.t, now) == tooLate || a.precedes(m, se.kept.time(0), now) == tooLate {
		done = tooLate
	}
	return done
}

// start makes a series known with a sample that only serves as a base.
func (a *accumulator) start(m *member, p point) {
	a.series = grow(a.series, int(m.index))
	f := a.family(int(m.family))
	se := a.newSeries(m)
	se.kept.insert(0, p)
	a.series[m.index] = se
	f.all = append(f.all, se)
	if m.native && m.twin != 0 {
		a.remember(m.twin, p.t) // nothing of this time is counted here
	}
	a.see(m, p.t, p.t)
}

// knows reports whether the series is known.
func (a *accumulator) knows(m *member) bool {
	return int(m.index) < len(a.series) && a.series[m.index] != nil && a.series[m.index].m == m
}

// difference counts (sign 1) or takes back (sign −1) the events between two
// consecutive samples of a series.
func (a *accumulator) difference(m *member, x, y point, sign float64, now int64) {
	d0, from := y.v[0]-x.v[0], x.t
	// The interpolated part of a native histogram also falls when its buckets are
	// merged, which is no reset.
	d1 := min(max(0, y.v[1]-x.v[1]), d0)
	if d0 < 0 || y.st > x.t {
		// A reset: the counter began anew, at its start time where that is known.
		d0, d1 = y.v[0], y.v[1]
		if y.st > x.t && y.st < y.t {
			from = y.st
		}
	}
	if a.muted(m, y.t) {
		a.mute(m, y.t)
		if y.t-from > spreadSpan {
			a.exceeds(m, from, y.t)
		}
		return
	}
	a.reigns(m, x.t, now)
	a.reigns(m, y.t, now)
	a.see(m, x.t, y.t)
	spread := y.t-from > spreadSpan
	a.traffic.events(from, y.t, sign*m.total*d0, spread, now)
	a.count(a.groups[m.group], from, y.t, sign*m.total*d0, sign*(m.bad*d0+m.below*d1), spread, now)
}

// see notes that the group's events are known from from on and that a sample came at t.
func (a *accumulator) see(m *member, from, t int64) {
	g := a.group(int(m.group))
	g.covered = min(g.covered, from)
	g.newest = max(g.newest, t)
	a.newest = max(a.newest, t)
	a.first = min(a.first, t)
	if m.count {
		a.newestCount = max(a.newestCount, t)
		if !m.native {
			a.newestClassic = max(a.newestClassic, t)
		}
	}
	if m.bucket {
		a.newestBucket = max(a.newestBucket, t)
	}
}

// observeInterval follows the time between samples of the total: down at
// once, up slowly, so that one gap doesn't hide the next.
func (a *accumulator) observeInterval(m *member, gap int64) {
	switch {
	case !m.count:
	case a.interval == 0 || gap < a.interval:
		a.interval = gap
	default:
		a.interval += (min(gap, 4*a.interval) - a.interval) / 8
	}
}
