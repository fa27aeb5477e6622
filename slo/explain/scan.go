package explain

import (
	"math"
	"slices"
)

// maxDepth is the most attributes that a cause names.
const maxDepth = 3

// cause is a combination that was judged.
type cause struct {
	columns []int
	codes   []int32 // one of each column
	weight  weight  // in the rows that earlier causes leave
	// score is the log-likelihood ratio less the cost; above 0 it is no chance.
	score float64
}

// scan looks for the one best combination among some rows. Combinations are built up
// attribute by attribute, in depth; one whose ceiling is below the best score is left with
// all that go on from it, so the answer is that of looking at them all.
type scan struct {
	cols    *columns
	weights []weight // of the rows that are looked at
	costs   costs
	opt     Options
	least   float64 // excess that a cause must have
	usual   float64 // the least ratio that is expected of any row
	past    []int32 // rows of before that no cause covers
	taken   cause   // what all combinations begin with

	all    weight // of the rows
	depth  int    // that is looked at
	best   cause
	path   cause
	levels [maxDepth]level
}

func newScan(c *columns, weights []weight, rows []int32, o Options) *scan {
	all := c.sum(weights, rows)
	return &scan{
		cols: c, weights: weights, costs: price(c, len(rows), o), opt: o,
		least: o.MinShare * max(0, all.bad-all.expected),
	}
}

// level is the room that one depth of the search works in.
type level struct {
	sums  []weight // by code
	sizes []int32  // by code: rows, then where they end in rows
	rows  []int32
}

// run returns the best combination among the rows; its score is 0 where none stands out.
func (s *scan) run(rows []int32) cause {
	s.all = s.cols.sum(s.weights, rows)
	s.best = cause{}
	if s.all.bad < s.opt.MinFailures {
		return s.best
	}
	most := s.opt.Depth - len(s.taken.columns)
	for s.depth = 1; s.depth <= most; s.depth++ { // what is found early prunes what comes later
		s.extend(rows, 0)
	}
	return s.best
}

// extend judges every combination that adds one value to the path, of a column from from on,
// and goes on from those that may still become the best.
func (s *scan) extend(rows []int32, from int) {
	at := len(s.path.columns)
	l := &s.levels[at]
	for j := from; j < len(s.cols.cols); j++ {
		if slices.Contains(s.taken.columns, j) {
			continue
		}
		col := &s.cols.cols[j]
		l.sum(col, rows, s.weights)
		s.path.columns = append(s.path.columns, j)
		deeper := false
		for code := int32(1); int(code) < len(col.values); code++ {
			s.path.weight = l.sums[code]
			s.path.codes = append(s.path.codes, code)
			if at+1 == s.depth {
				s.judge()
			} else if s.promises() {
				deeper = true
			} else {
				l.sizes[code] = 0
			}
			s.path.codes = s.path.codes[:at]
		}
		if deeper {
			s.descend(l, col, rows, j)
		}
		s.path.columns = s.path.columns[:at]
	}
}

// descend goes on from each value of the column that has rows left.
func (s *scan) descend(l *level, col *column, rows []int32, j int) {
	at := len(s.path.codes)
	l.part(col, rows)
	begin := int32(0)
	for code := int32(1); int(code) < len(col.values); code++ {
		end := l.sizes[code]
		if end > begin {
			s.path.codes = append(s.path.codes, code)
			s.extend(l.rows[begin:end], j+1)
			s.path.codes = s.path.codes[:at]
			begin = end
		}
	}
}

// promises reports whether a combination that goes on from the path may become the best.
func (s *scan) promises() bool {
	if s.path.weight.bad < max(s.opt.MinFailures, s.least) {
		return false
	}
	return ceiling(s.path.weight, s.all, s.usual)-s.costs.atLeast(len(s.taken.columns)+s.depth) >= s.best.score
}

// judge takes the path for the best where it is: of two that explain as much the one with
// fewer attributes, or with those that stand first.
func (s *scan) judge() {
	if s.path.weight.bad < max(s.opt.MinFailures, s.least) {
		return
	}
	f := judge(s.path.weight, s.all)
	if f.excess < s.least || f.lift < s.opt.MinLift {
		return
	}
	cost := s.costs.of(s.taken.columns, s.path.columns)
	if f.sure <= cost || !better(f.llr-cost, s.best.score) {
		return
	}
	one := s.taken.with(&s.path)
	one.score = f.llr - cost
	if !s.excuses(&one) {
		s.best = one
	}
}

// with returns both combinations together, with the weight of the second.
func (c *cause) with(d *cause) cause {
	return cause{columns: slices.Concat(c.columns, d.columns), codes: slices.Concat(c.codes, d.codes), weight: d.weight}
}

// better reports whether a score is higher by more than what adding up in another order does.
func better(a, b float64) bool { return a-b > 1e-9*math.Max(1, math.Abs(b)) }

// sum adds up the rows of every value of a column.
func (l *level) sum(col *column, rows []int32, weights []weight) {
	n := len(col.values)
	l.sums = slices.Grow(l.sums[:0], n)[:n]
	l.sizes = slices.Grow(l.sizes[:0], n)[:n]
	clear(l.sums)
	clear(l.sizes)
	for _, r := range rows {
		code := col.codes[r]
		l.sums[code].add(&weights[r])
		l.sizes[code]++
	}
	l.sizes[missing] = 0
}

// part puts the rows of every value that has a size left beside each other, in their order,
// and makes of each size the end of its rows.
func (l *level) part(col *column, rows []int32) {
	end := int32(0)
	for code, size := range l.sizes {
		end += size
		if size == 0 {
			l.sizes[code] = -1
		} else {
			l.sizes[code] = end - size
		}
	}
	l.rows = slices.Grow(l.rows[:0], int(end))[:end]
	for _, r := range rows {
		code := col.codes[r]
		if at := l.sizes[code]; at >= 0 {
			l.rows[at] = r
			l.sizes[code]++
		}
	}
}
