package explain

import "math"

// weight is the events of a row or of a combination: those of now and those of before.
type weight struct{ bad, total, bad0, total0 float64 }

func (w *weight) add(v *weight) {
	w.bad += v.bad
	w.total += v.total
	w.bad0 += v.bad0
	w.total0 += v.total0
}

func (w weight) less(v weight) weight {
	return weight{max(0, w.bad-v.bad), max(0, w.total-v.total), max(0, w.bad0-v.bad0), max(0, w.total0-v.total0)}
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
	cols    []column
	weights []weight // by row
	rows    int      // with events of now
	all     weight
}

// encode reads the table, without the attributes that can't be compared: those with one
// value, with more than MaxValues, with fewer than MinPerValue events for each, and those
// beyond MaxAttributes.
func encode(t Table, o Options) *columns {
	c := &columns{weights: make([]weight, len(t.Rows))}
	for i := range t.Rows {
		c.weights[i] = t.Rows[i].weight()
		c.all.add(&c.weights[i])
		if c.weights[i].total > 0 {
			c.rows++
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
	last, code := "", int32(missing)
	for i := range rows {
		value := ""
		if a < len(rows[i].Values) {
			value = rows[i].Values[a]
		}
		if value != last {
			var ok bool
			if code, ok = known[value]; !ok {
				if len(col.values) > most {
					return col, false
				}
				code = int32(len(col.values))
				known[value] = code
				col.values = append(col.values, value)
			}
			last = value
		}
		col.codes[i] = code
	}
	col.named = len(col.values) - 1
	return col, true
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

func (r *Row) weight() weight {
	w := weight{total: number(r.Total), total0: number(r.BaselineTotal)}
	w.bad, w.bad0 = min(number(r.Bad), w.total), min(number(r.BaselineBad), w.total0)
	return w
}

func number(v float64) float64 {
	if v > 0 && !math.IsInf(v, 1) {
		return v
	}
	return 0
}
