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

// settle looks after a commit for samples that it may have dropped: the TSDB
// judges each sample again then, and says nothing of what became a duplicate
// since it was appended.
func (a *appender) settle() {
	kept := a.tapped[:0]
	for i, s := range a.tapped {
		doubtful := a.wanted[i].leave(a, s.T)
		if doubtful && !a.isStored(metrics.ToLabels(s.Series.Labels), s.Sample) {
			continue
		}
		kept = append(kept, s)
	}
	clear(a.tapped[len(kept):])
	a.tapped = kept
	for _, d := range a.doubts {
		a.isStored(d.labels, d.sample)
	}
}

// isStored reads the sample back and counts it as refused when the store holds
// another value for its time. A sample that can't be read is not shown to the engine:
// its next difference covers it.
func (a *appender) isStored(ls labels.Labels, want slo.Sample) bool {
	got, found, err := a.store.at(context.WithoutCancel(a.ctx), ls, want.T)
	if err != nil {
		a.store.logger.Warn("Could not read back a sample", "series", ls.String(), "err", err)
		return false
	}
	if found && equal(got, want) {
		return true
	}
	a.stored--
	a.refused.add(refusedDuplicate)
	return false
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
