package promapi

import (
	"cmp"
	"slices"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/storage"
)

// keepLoose puts exemplars without a sample aside.
func (b *batch) keepLoose(series uint64, exemplars []exemplar.Exemplar) {
	if b.loose == nil {
		b.loose = map[uint64][]exemplar.Exemplar{}
	}
	b.loose[series] = append(b.loose[series], exemplars...)
}

// withLoose adds the loose exemplars of the series to its own, in order of
// time; the hash is only asked for when there are any.
func (b *batch) withLoose(series func() uint64, own []exemplar.Exemplar) []exemplar.Exemplar {
	if len(b.loose) > 0 {
		key := series()
		own = append(own, b.loose[key]...)
		delete(b.loose, key)
	}
	slices.SortStableFunc(own, func(x, y exemplar.Exemplar) int { return cmp.Compare(x.Ts, y.Ts) })
	return own
}

// onLast returns the options of the i-th of n samples: exemplars go with the last.
func onLast(i, n int, exemplars []exemplar.Exemplar) storage.AOptions {
	if i == n-1 {
		return storage.AOptions{Exemplars: exemplars}
	}
	return storage.AOptions{}
}
