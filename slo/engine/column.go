package engine

// pageSize is the number of buckets that are kept together.
const pageSize = 64

// column is the 64 numbers of a page, in cells as narrow as holds every one of
// them exactly.
type column interface {
	get(i int) float64
	// put sets a number; false when the cells are too narrow for it.
	put(i int, v float64) bool
	// sum adds the numbers [i, j).
	sum(i, j int) float64
}

// cells are a column of one width. Counts are mostly small whole numbers.
type cells[T uint8 | uint16 | uint32 | float64] [pageSize]T

func (c *cells[T]) get(i int) float64 { return float64(c[i]) }

func (c *cells[T]) put(i int, v float64) bool {
	// A number outside T's range converts to something, but never to itself.
	x := T(v)
	if float64(x) != v {
		return false
	}
	c[i] = x
	return true
}

func (c *cells[T]) sum(i, j int) float64 {
	var sum float64
	for _, v := range c[i:j] {
		sum += float64(v)
	}
	return sum
}

// set puts a number into a column, nil for one of zeros, and returns the column,
// which is another where the number needs wider cells.
func set(c column, i int, v float64) column {
	if c == nil {
		if v == 0 {
			return nil
		}
		c = new(cells[uint8])
	}
	for !c.put(i, v) {
		if widest, ok := c.(*cells[float64]); ok {
			widest[i] = v // no number; the cells take it like any other
			break
		}
		c = wider(c)
	}
	return c
}

func wider(c column) column {
	switch c := c.(type) {
	case *cells[uint8]:
		return widen(c, new(cells[uint16]))
	case *cells[uint16]:
		return widen(c, new(cells[uint32]))
	case *cells[uint32]:
		return widen(c, new(cells[float64]))
	}
	return c
}

func widen[N, W uint8 | uint16 | uint32 | float64](narrow *cells[N], wide *cells[W]) column {
	for i, v := range narrow {
		wide[i] = W(v)
	}
	return wide
}

func get(c column, i int) float64 {
	if c == nil {
		return 0
	}
	return c.get(i)
}

func sum(c column, i, j int) float64 {
	if c == nil {
		return 0
	}
	return c.sum(i, j)
}

// page holds the counts of 64 buckets in a row.
type page struct {
	total, bad column // nil where all are 0
}

func (p *page) add(i int, total, bad float64) {
	p.total = set(p.total, i, settle(get(p.total, i), total))
	if bad != 0 {
		p.bad = set(p.bad, i, settle(get(p.bad, i), bad))
	}
}

// sum adds the buckets [i, j).
func (p *page) sum(i, j int) (total, bad float64) {
	return sum(p.total, i, j), sum(p.bad, i, j)
}
