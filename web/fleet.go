package web

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"burnline/slo"
)

const (
	// fleetAge is how old the figures of a list may be: budgets move without that the engine's
	// version rises.
	fleetAge = time.Second
	// largeFleet is from how many budgets on a list may also be that old after a visible
	// change; with so many, changes never end.
	largeFleet = 1000
)

// fleet is every budget at one moment, in order of ID and group, with what lists ask of it
// worked out once for all requests. It is only read.
type fleet struct {
	*catalog
	version uint64
	made    time.Time
	rows    []row
	// first is the first row of each definition, and behind the last the number of rows.
	first []int
	// places are the rows' definitions in the catalog, shown their states and groups their
	// groups as text.
	places []int
	shown  []slo.State
	groups []string
	orders map[string]*ordering

	once     sync.Once
	tally    map[slo.State]int
	sentence string
}

// ordering is the rows' positions by one column, found when somebody first asks.
type ordering struct {
	once sync.Once
	rows []int
}

// fleets keeps the newest fleet for all requests.
type fleets struct {
	making sync.Mutex
	newest atomic.Pointer[fleet]
}

// get returns the budgets as of now, or of at most fleetAge ago. One request makes them anew;
// others take what there is meanwhile, unless the fleet is small.
func (fs *fleets) get(e Engine, now time.Time) *fleet {
	f := fs.newest.Load()
	if f.holds(e.Version(), now) {
		return f
	}
	if f == nil || len(f.rows) < largeFleet {
		fs.making.Lock()
	} else if !fs.making.TryLock() {
		return f
	}
	defer fs.making.Unlock()
	version := e.Version() // what changes from here on makes the fleet anew
	if f = fs.newest.Load(); f.holds(version, now) {
		return f
	}
	next := newFleet(f, e.Definitions(), e.Statuses())
	next.version, next.made = version, now
	fs.newest.Store(next)
	return next
}

// holds reports whether the fleet may still be shown.
func (f *fleet) holds(version uint64, now time.Time) bool {
	if f == nil || now.Before(f.made) || now.Sub(f.made) >= fleetAge {
		return false
	}
	return f.version == version || len(f.rows) >= largeFleet
}

// newFleet pairs definitions with their statuses. Of the fleet before, which may be nil, it
// takes over what is the same.
func newFleet(before *fleet, defs []*slo.Definition, statuses []slo.Status) *fleet {
	f := &fleet{orders: map[string]*ordering{}}
	if before != nil && slices.Equal(before.defs, defs) {
		f.catalog = before.catalog
	} else {
		f.catalog = newCatalog(defs)
	}
	byPlace := make([][]slo.Status, len(f.defs))
	for from := 0; from < len(statuses); {
		to := from + 1
		for to < len(statuses) && statuses[to].ID == statuses[from].ID {
			to++
		}
		if i, ok := f.place[statuses[from].ID]; ok {
			byPlace[i] = append(byPlace[i], statuses[from:to:to]...)
		}
		from = to
	}
	f.rows = make([]row, 0, len(statuses))
	for i, d := range f.defs {
		f.first = append(f.first, len(f.rows))
		for _, r := range rowsOf(d, byPlace[i]) {
			f.rows, f.places = append(f.rows, r), append(f.places, i)
		}
	}
	f.first = append(f.first, len(f.rows))
	f.shown, f.groups = make([]slo.State, len(f.rows)), make([]string, len(f.rows))
	for i := range f.rows {
		f.shown[i], f.groups[i] = shownAs(f.rows[i].Status), groupText(f.rows[i].Status.Group)
	}
	for _, col := range columns() {
		f.orders[col.Key], f.orders["-"+col.Key] = &ordering{}, &ordering{}
	}
	return f
}

// notJudged is why nothing is known of an SLO that the engine has no status of.
const notJudged = "It was loaded a moment ago and has not been judged yet."

// rowsOf pairs a definition with its statuses, in order of group. One that the engine has not
// judged yet gets a row that says so.
func rowsOf(d *slo.Definition, found []slo.Status) []row {
	if len(found) == 0 {
		return []row{{d, slo.Status{ID: d.ID, State: slo.StateUnseen, Reason: notJudged}}}
	}
	all := make([]row, len(found))
	for i, st := range found {
		all[i] = row{d, st}
	}
	if len(all) > 1 {
		slices.SortStableFunc(all, func(a, b row) int { return cmp.Compare(groupText(a.Status.Group), groupText(b.Status.Group)) })
	}
	return all
}

// order returns the positions of all rows by a column, "-" before its key turning it round;
// what is no column is the state.
func (f *fleet) order(key string) []int {
	o := f.orders[key]
	if o == nil {
		key = usualOrder
		o = f.orders[key]
	}
	o.once.Do(func() { o.rows = positions(f.rows, key) })
	return o.rows
}

// sum returns how many budgets are in each state, and how they all stand in words.
func (f *fleet) sum() (map[slo.State]int, string) {
	f.once.Do(func() {
		every := make([]int, len(f.rows))
		for i := range every {
			every[i] = i
		}
		f.tally, f.sentence = f.count(every), overviewSentence(f.rows, every)
	})
	return f.tally, f.sentence
}

// count returns how many of some rows are in each state.
func (f *fleet) count(some []int) map[slo.State]int {
	tally := map[slo.State]int{}
	for _, i := range some {
		tally[f.shown[i]]++
	}
	return tally
}

// has reports whether a row shows every one of the words, which are in lower case.
func (f *fleet) has(i int, words []string) bool {
	for _, w := range words {
		if !strings.Contains(f.words[f.places[i]], w) && !strings.Contains(lookOf(f.shown[i]).Word, w) &&
			(f.groups[i] == "" || !strings.Contains(strings.ToLower(f.groups[i]), w)) {
			return false
		}
	}
	return true
}

// fleet returns every budget.
func (s *server) fleet() *fleet { return s.fleets.get(s.Engine, s.Now()) }
