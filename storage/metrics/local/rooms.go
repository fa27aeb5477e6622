package local

import (
	"sync"

	"burnline/slo"
)

// rooms lend the memory in which batches keep samples aside, since batches come all the time.
type rooms struct{ pool sync.Pool }

type room struct {
	tapped []slo.SeriesSample
	wanted []*wanted
}

func (p *rooms) get() ([]slo.SeriesSample, []*wanted) {
	if r, ok := p.pool.Get().(*room); ok {
		return r.tapped, r.wanted
	}
	return make([]slo.SeriesSample, 0, 64), make([]*wanted, 0, 64)
}

// put takes memory back, and lets go of all samples.
func (p *rooms) put(tapped []slo.SeriesSample, of []*wanted) {
	clear(tapped)
	clear(of)
	p.pool.Put(&room{tapped[:0], of[:0]})
}
