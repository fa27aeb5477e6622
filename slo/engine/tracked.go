package engine

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"burnline/slo"
)

// maxLog is how many samples of an SLO are held while history is read, and while
// nobody counts them; beyond it they are dropped and read from storage instead.
const maxLog = 500_000

// entry is a delivered sample together with what its series is to the SLO.
type entry struct {
	m *member
	slo.Sample
}

// tracked is one SLO at work.
type tracked struct {
	id    string
	table *table
	whole bool    // it has counts of its own: it is no composite
	ask   *asking // nil unless a query is what counts
	// redo, while a query's whole past is asked for, is what will replace acc, and slowly says
	// that its last answer took long; guarded by mu.
	redo   *accumulator
	slowly bool

	room    int // for samples, in the inbox and in the log; maxLog
	inboxMu sync.Mutex
	inbox   []entry
	// spilled is, of each series with samples that the inbox had no room for, the
	// oldest and the newest of them.
	spilled map[*member][2]int64

	// mu guards everything below but the atomics. It is never held during I/O
	// of storage; judging holds judging instead while it commits.
	mu  sync.Mutex
	def *slo.Definition
	acc *accumulator
	// parts are those of a composite, which has no counts of its own.
	parts []part
	// filled is true once history was read.
	filled bool
	// partial is, while only the newest history was read, since when counts are known;
	// else 0. reached is how far reading the rest has come.
	partial int64
	reached atomic.Int64
	// readErr is why storage can't be read; nil when it can.
	readErr error
	// resumed is what a checkpoint held, until what came since was read.
	resumed *resumed
	// failingSince is when reading began to fail; zero while it works.
	failingSince time.Time
	// log holds what was delivered while history is read; lost is the oldest
	// sample that did not fit.
	logging bool
	log     []entry
	lost    int64
	// waiting are samples of series of which it isn't known yet whether
	// storage holds earlier ones.
	waiting map[*member][]slo.Sample
	// late are samples that came too late, the oldest of each series, and
	// newestLate the newest of all: the reason for a repair.
	late       map[*member]int64
	newestLate int64
	// nextRead and nextRepair are when reading may begin again, in
	// milliseconds; failures counts the reads that failed in a row.
	nextRead, nextRepair int64
	failures             int
	// corrections are what the counts leave out, and what holds alerts back.
	corrections correcting
	// undelivered counts the repairs in a row that were put off for a sample that may be lost.
	undelivered int

	arrives   arrives
	hindsight hindsight
	// stored are the hashes of the closed days as they were written.
	stored     map[dayKey]uint64
	since      map[string]stateSince
	cumulative map[int]*cumulative

	// judging is held by whoever judges the SLO; it guards the machine.
	judging sync.Mutex
	machine *machine
	calm    calm
	// removed: the SLO left the set and its incidents have to close; gone: its
	// machine works elsewhere or has nothing left to do.
	removed, gone bool
	retry         *step // a proposal whose commit did not succeed yet
	retryAt       time.Time

	view atomic.Pointer[[]slo.Status]
	// wording is def for readers that must not wait for mu.
	wording atomic.Pointer[slo.Definition]
	// users are the composites that the SLO is a part of.
	users   atomic.Pointer[[]*tracked]
	outlook atomic.Pointer[outlook]
	// blind are the open incidents without data that concern the SLO.
	blind  atomic.Pointer[[]slo.Incident]
	dirty  atomic.Bool  // samples or history arrived since the last judging
	queued atomic.Bool  // waits for a worker or is with one
	due    atomic.Int64 // when to judge next, milliseconds
	busy   atomic.Bool  // a background read is under way
	// unsaved is true when history was read and no checkpoint was written since.
	unsaved atomic.Bool
}

type stateSince struct {
	state slo.State
	at    time.Time
}

func newTracked(d *slo.Definition, k keep, lateness time.Duration) (*tracked, error) {
	if err := sliced(d); err != nil {
		return nil, err
	}
	table, err := newTable(d)
	if err != nil {
		return nil, err
	}
	t := &tracked{
		id: d.ID, def: d, table: table, ask: askingOf(d), whole: d.SLI.Composite == nil,
		acc:     newAccumulator(k, lateness),
		waiting: map[*member][]slo.Sample{}, late: map[*member]int64{},
		stored: map[dayKey]uint64{}, since: map[string]stateSince{}, cumulative: map[int]*cumulative{},
		machine: &machine{closed: map[string]time.Time{}}, lost: math.MaxInt64, room: maxLog,
	}
	table.of = t
	t.wording.Store(d)
	return t, nil
}

// deliver hands over entries; it never waits for storage. When nobody counts
// them for so long that they are too many, they are forgotten but for the stretch
// of time that has to be read from storage instead.
func (t *tracked) deliver(entries []entry) {
	t.inboxMu.Lock()
	t.inbox = append(t.inbox, entries...)
	if len(t.inbox) > t.room {
		if t.spilled == nil {
			t.spilled = map[*member][2]int64{}
		}
		for _, e := range t.inbox {
			span, ok := t.spilled[e.m]
			if !ok {
				span = [2]int64{e.T, e.T}
			}
			t.spilled[e.m] = [2]int64{min(span[0], e.T), max(span[1], e.T)}
		}
		t.inbox = nil
	}
	t.inboxMu.Unlock()
	t.dirty.Store(true)
}

// spill notes what the inbox had no room for, and returns of how many series. The
// caller holds mu.
func (t *tracked) spill(spilled map[*member][2]int64) int {
	for m, span := range spilled {
		if t.logging {
			t.lost = min(t.lost, span[0])
		}
		if t.filled {
			t.tooLate(m, span[1])
			t.tooLate(m, span[0])
		}
	}
	return len(spilled)
}

// tally is what became of the samples of one drain.
type tally struct{ counted, duplicate, ignored, late, unknown int }

// drain counts what was delivered. The caller holds mu.
func (t *tracked) drain(now int64) tally {
	t.inboxMu.Lock()
	inbox, spilled := t.inbox, t.spilled
	t.inbox, t.spilled = nil, nil
	t.inboxMu.Unlock()
	if t.logging {
		t.keep(inbox)
	}
	n := tally{late: t.spill(spilled)}
	if t.filled {
		t.count(inbox, now, &n)
	}
	return n
}

func (t *tracked) keep(entries []entry) {
	t.log = append(t.log, entries...)
	if len(t.log) > t.room {
		t.lose()
	}
}

// lose drops the log: what was in it has to be read from storage. The caller holds mu.
func (t *tracked) lose() {
	for _, e := range t.log {
		t.lost = min(t.lost, e.T)
	}
	t.log = nil
}

func (t *tracked) count(entries []entry, now int64, n *tally) {
	for _, e := range entries {
		if w, ok := t.waiting[e.m]; ok {
			t.waiting[e.m] = append(w, e.Sample)
			n.unknown++
			continue
		}
		switch t.acc.add(e.m, e.Sample, now) {
		case counted:
			n.counted++
			t.hindsight.note(e.T, now)
		case duplicate:
			n.duplicate++
		case ignored:
			n.ignored++
		case unknown:
			// The series may have been forgotten while the sample was on its way.
			m := t.table.bind(e.m.series.Load())
			t.waiting[m] = append(t.waiting[m], e.Sample)
			n.unknown++
		case tooLate:
			t.tooLate(e.m, e.T)
			n.late++
		}
	}
	t.countAnew()
}

// countAnew has all history read where both forms of a histogram were counted. The
// caller holds mu.
func (t *tracked) countAnew() {
	if t.acc.doubled {
		t.acc.doubled, t.filled, t.partial = false, false, 0
	}
}

// sweep frees what is older than every window: buckets, series that ended, and
// then the members, families and groups that are left without a series. The
// caller holds mu.
func (t *tracked) sweep(now int64) {
	t.acc.sweep(now)
	for _, m := range t.table.all() {
		_, waits := t.waiting[m]
		_, late := t.late[m]
		if waits || late || t.acc.knows(m) {
			continue
		}
		family, group := t.table.forget(m)
		t.acc.drop(family, group)
		if group >= 0 {
			delete(t.cumulative, group)
			delete(t.since, m.labels().Keep(t.table.groupBy).String())
		}
	}
}

func (t *tracked) tooLate(m *member, at int64) {
	t.hindsight.note(at, t.acc.traffic.reported)
	if len(t.late) == 0 || at > t.newestLate {
		t.newestLate = at
	}
	if old, ok := t.late[m]; !ok || at < old {
		t.late[m] = at
	}
}

// wantsRead reports whether storage has to be read now: for history, for a
// repair, or to look up the series that wait.
func (t *tracked) wantsRead(now int64) bool {
	if t.ask != nil || !t.whole {
		return false // startAsk reads the one's history, and the other has none
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if pausing(t.nextRead, now) {
		return false
	}
	return !t.complete() || t.wantsRepair(now) || len(t.waiting) > 0
}

// complete reports whether all history was read. The caller holds mu.
func (t *tracked) complete() bool { return t.filled && t.partial == 0 }

// wantsOnlyPast reports whether the SLO is judged already, and only the rest of its
// history is to be read.
func (t *tracked) wantsOnlyPast() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.partial != 0 && len(t.waiting) == 0
}

// part returns how much of the longest window was read, 0–1. The caller holds mu.
func (t *tracked) part(now int64) float64 {
	switch {
	case t.complete():
		return 1
	case !t.filled:
		return 0
	}
	begin := t.acc.keep.begin(now)
	all := float64(now - begin)
	return min(1, max(float64(now-t.partial), float64(t.reached.Load()-begin))/all)
}

// wantsRepair reports whether samples came too late, or corrections changed the past, and it is time to repair the
// counts. The caller holds mu.
func (t *tracked) wantsRepair(now int64) bool {
	return (len(t.late) > 0 || t.corrections.recount != 0) && !pausing(t.nextRepair, now)
}

// pausing reports whether a pause that ends at until goes on. No pause is longer
// than maxBackOff; one that seems so began before the clock was set back.
func pausing(until, now int64) bool {
	return now < until && until <= now+maxBackOff.Milliseconds()
}

func byTime(a, b entry) int {
	switch {
	case a.T < b.T:
		return -1
	case a.T > b.T:
		return 1
	}
	return 0
}

func sortByTime(entries []entry) { slices.SortStableFunc(entries, byTime) }
