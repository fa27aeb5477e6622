package explain

import "math"

// weight is the events of a row or of a combination.
type weight struct {
	bad, total float64
	// expected is how many were to fail as things were before, and unsure the variance of
	// that; both are 0 where nothing is known of before.
	expected, unsure float64
}

func (w *weight) add(v *weight) {
	w.bad += v.bad
	w.total += v.total
	w.expected += v.expected
	w.unsure += v.unsure
}

func (w weight) less(v weight) weight {
	return weight{max(0, w.bad-v.bad), max(0, w.total-v.total), max(0, w.expected-v.expected), max(0, w.unsure-v.unsure)}
}

// missing is the code of "" in every column.
const missing = 0

// column is one attribute, its values written as numbers.
type column struct {
	name   string
	values []string // by code
	codes  []int32  // by row
	// named is how many values can be named, and so be a cause.
	named int
}

// columns is a table as it is searched.
type columns struct {
	cols []column
	// now and before are the weights of all rows in the two times.
	now, before []weight
	// rows are those with events of now, and past those with events of before.
	rows, past []int32
	all        weight // of now
}

// encode reads the table, without the attributes that can't be compared: those with one
// value, with more than MaxValues, with fewer than MinPerValue events for each, and those
// beyond MaxAttributes.
func encode(t Table, o Options) *columns {
	c := &columns{now: make([]weight, len(t.Rows)), before: make([]weight, len(t.Rows))}
	for i := range t.Rows {
		r := &t.Rows[i]
		if c.now[i] = newWeight(r.Bad, r.Total); c.now[i].total > 0 {
			c.rows = append(c.rows, int32(i))
			c.all.add(&c.now[i])
		}
		if c.before[i] = newWeight(r.BaselineBad, r.BaselineTotal); c.before[i].total > 0 {
			c.past = append(c.past, int32(i))
		}
	}
	for a, name := range t.Attributes {
		if len(c.cols) == o.MaxAttributes {
			break
		}
		col, ok := encodeColumn(t.Rows, a, o.MaxValues)
		if !ok || len(col.values) < 2 || c.all.total < o.MinPerValue*float64(col.named) {
			continue
		}
		if col.named == 1 && !col.lacks() {
			continue
		}
		col.name = name
		c.cols = append(c.cols, col)
	}
	return c
}

// encodeColumn gives every value a number; false where there are more than most.
func encodeColumn(rows []Row, a, most int) (column, bool) {
	col := column{values: []string{""}, codes: make([]int32, len(rows))}
	known := map[string]int32{"": missing}
	var recent recentValues
	for i := range rows {
		if a >= len(rows[i].Values) || rows[i].Values[a] == "" {
			continue
		}
		value := rows[i].Values[a]
		seen := recent.of(value)
		if seen.value == value {
			col.codes[i] = seen.code
			continue
		}
		code, ok := known[value]
		if !ok {
			if len(col.values) > most {
				return col, false
			}
			code = int32(len(col.values))
			known[value] = code
			col.values = append(col.values, value)
		}
		seen.value, seen.code = value, code
		col.codes[i] = code
	}
	col.named = len(col.values) - 1
	return col, true
}

// recentValues remembers the numbers of some values: comparing two strings takes a fraction
// of the time of looking one up.
type recentValues [64]numbered

// numbered is a value with its number.
type numbered struct {
	value string
	code  int32
}

// of returns the place of a value that is not empty; another one may hold it.
func (r *recentValues) of(value string) *numbered {
	n := len(value)
	return &r[(int(value[n-1])+5*int(value[n/2])+11*int(value[max(0, n-3)])+n)%len(r)]
}

// lacks reports whether a row has no value.
func (c *column) lacks() bool {
	for _, code := range c.codes {
		if code == missing {
			return true
		}
	}
	return false
}

func newWeight(bad, total float64) weight {
	w := weight{total: number(total)}
	w.bad = min(number(bad), w.total)
	return w
}

func number(v float64) float64 {
	if v > 0 && !math.IsInf(v, 1) {
		return v
	}
	return 0
}
