package impact

import (
	"sync/atomic"

	"github.com/axiomhq/hyperloglog"
)

// relativeError is the standard error of a sketch: 1.04 ÷ √m with m = 2¹⁴ registers.
// (Flajolet et al., HyperLogLog, 2007.)
const relativeError = 1.04 / 128

// precision is the logarithm of how many registers a sketch has.
const precision = 14

// sketchBytes is what a sketch takes at most.
const sketchBytes = 1 << precision

// distinct counts distinct customers by the hashes of their ids: exactly while they are few,
// then by HyperLogLog. Order and repetition change nothing.
type distinct struct {
	exact  map[uint64]struct{}
	sketch *hyperloglog.Sketch
	// full is true where no sketch could be had: it counts at least what it says.
	full bool
}

// sketchPool bounds how many sketches, and how many customers that are counted exactly, there are at once.
type sketchPool struct{ left, exact atomic.Int64 }

// hashesForSketch is how many exactly counted customers there may be for each sketch: they
// take about as much memory.
const hashesForSketch = 500

func newSketchPool(bytes int64) *sketchPool {
	p := &sketchPool{}
	p.left.Store(bytes / sketchBytes)
	p.exact.Store(bytes / sketchBytes * hashesForSketch)
	return p
}

// remember reports whether one more customer may be counted exactly.
func (p *sketchPool) remember() bool {
	if p.exact.Add(-1) >= 0 {
		return true
	}
	p.exact.Add(1)
	return false
}

// take reports whether one more may be made.
func (p *sketchPool) take() bool {
	if p.left.Add(-1) >= 0 {
		return true
	}
	p.left.Add(1)
	return false
}

func (p *sketchPool) give() { p.left.Add(1) }

// add counts a customer; most is up to how many are counted exactly.
func (d *distinct) add(customer uint64, most int, pool *sketchPool) {
	if d.sketch != nil {
		d.sketch.InsertHash(customer)
		return
	}
	if _, known := d.exact[customer]; known {
		return
	}
	if len(d.exact) >= most || !pool.remember() {
		if d.spill(pool) {
			d.sketch.InsertHash(customer)
		}
		return
	}
	if d.exact == nil {
		d.exact = map[uint64]struct{}{}
	}
	d.exact[customer] = struct{}{}
}

// spill goes on with a sketch; false where none is to be had.
func (d *distinct) spill(pool *sketchPool) bool {
	if !pool.take() {
		d.full = true
		return false
	}
	d.sketch = hyperloglog.New14()
	for customer := range d.exact {
		d.sketch.InsertHash(customer)
	}
	pool.exact.Add(int64(len(d.exact)))
	d.exact = nil
	return true
}

// merge adds what another one counted.
func (d *distinct) merge(o *distinct, most int, pool *sketchPool) {
	d.full = d.full || o.full
	for customer := range o.exact {
		d.add(customer, most, pool)
	}
	if o.sketch == nil || d.sketch == nil && !d.spill(pool) {
		return
	}
	if err := d.sketch.Merge(o.sketch); err != nil {
		d.full = true // never: all have one precision
	}
}

// free gives the sketch back.
func (d *distinct) free(pool *sketchPool) {
	if d.sketch != nil {
		pool.give()
	}
	pool.exact.Add(int64(len(d.exact)))
	*d = distinct{}
}

// count returns how many there are, and whether that is exact.
func (d *distinct) count() (n float64, exact bool) {
	if d.sketch != nil {
		return float64(d.sketch.Estimate()), false
	}
	return float64(len(d.exact)), !d.full
}
