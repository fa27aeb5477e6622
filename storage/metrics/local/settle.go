package local

import (
	"context"
	"math"

	"github.com/prometheus/prometheus/model/labels"

	"burnline/slo"
	"burnline/storage/metrics"
)

// doubt is a sample of a series that no SLO counts, of whose time the store
// may hold another value.
type doubt struct {
	labels labels.Labels
	sample slo.Sample
}

// settle ends the claims of a committed batch, and looks for samples that the
// commit may have dropped in series that no SLO counts: the TSDB judges each sample
// again then, and says nothing of what became a duplicate since it was appended.
func (a *appender) settle() {
	for i, w := range a.wanted {
		w.leave(a, a.tapped[i].T)
	}
	for _, d := range a.doubts {
		a.check(d)
	}
}

// check reads the sample back and counts it as refused when the store holds
// another value for its time.
func (a *appender) check(d doubt) {
	got, found, err := a.store.at(context.WithoutCancel(a.ctx), d.labels, d.sample.T)
	switch {
	case err != nil:
		a.store.logger.Warn("Could not read back a sample", "series", d.labels.String(), "err", err)
	case !found || !equal(got, d.sample):
		a.stored--
		a.refused.add(refusedDuplicate)
	}
}

// equal compares values bit by bit.
func equal(a, b slo.Sample) bool {
	if (a.H == nil) != (b.H == nil) {
		return false
	}
	if a.H != nil {
		return metrics.EqualHistograms(a.H, b.H)
	}
	return math.Float64bits(a.V) == math.Float64bits(b.V)
}
