package local

import (
	"context"
	"math"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
	"burnline/storage/metrics"
)

// The TSDB takes a sample without looking whether its time is taken, unless it
// is the newest of its series: a late sample with another value is stored beside the first,
// and a reader finds one of the two; of two open batches with the same time the
// later commit loses its sample without a word. An SLO must count what readers
// find, so that its series are judged here first: a sample is claimed before
// it is appended, and refused when its time has another value in an open batch or in
// the store. Samples newer than all others, which is nearly all, need no look.

// candidate is a sample that is about to be appended.
type candidate struct {
	t, st int64
	v     float64
	h     *histogram.Histogram
	fh    *histogram.FloatHistogram
}

// bits stands for the value in a slot.
func (c *candidate) bits() uint64 {
	if c.h != nil || c.fh != nil {
		return histogramBits
	}
	return math.Float64bits(c.v)
}

// stale reports whether the sample is a staleness marker, which says that a
// series ended and holds no value.
func (c *candidate) stale() bool {
	switch {
	case c.fh != nil:
		return value.IsStaleNaN(c.fh.Sum)
	case c.h != nil:
		return value.IsStaleNaN(c.h.Sum)
	}
	return value.IsStaleNaN(c.v)
}

// sample returns the sample as the store gives it back: with a histogram in
// memory of its own, which the TSDB stores without a start time.
func (c *candidate) sample() slo.Sample {
	switch {
	case c.fh != nil:
		return slo.Sample{T: c.t, H: metrics.NewHistogram(c.fh.Copy())}
	case c.h != nil:
		return slo.Sample{T: c.t, H: metrics.NewHistogram(c.h.ToFloat(nil))}
	}
	return slo.Sample{T: c.t, ST: c.st, V: c.v}
}

type verdict int

const (
	verdictAppend verdict = iota
	verdictRefuse         // its time has another value
	verdictStored         // it is in the store already
)

// claimed is a candidate with what is known of its series.
type claimed struct {
	candidate
	ref     storage.SeriesRef // 0 when the head does not have the series
	verdict verdict
	clash   clash
	said    *answer    // of the sink; nil when it was not asked
	wanted  *wanted    // nil when no SLO counts the sample
	sample  slo.Sample // set with wanted
}

func (c *claimed) withdraw(a *appender) {
	if c.wanted != nil {
		c.wanted.leave(a, c.t)
	}
}

// claim judges a sample before it is appended.
func (a *appender) claim(c *claimed, ref storage.SeriesRef, ls labels.Labels) {
	var s *slot
	switch {
	case ls.IsEmpty():
		return // refused by the TSDB: without labels the series can't be known
	case ref != 0:
		if s = a.store.series.peek(ref); s != nil {
			c.ref = ref
		}
	case a.refs != nil:
		if c.ref, _ = a.refs.GetRef(ls, ls.Hash()); c.ref != 0 {
			s = a.store.series.at(c.ref)
		}
	}
	switch {
	case s != nil:
		a.enter(s, ls, c)
	case a.tap != nil: // a new series has no slot before it is appended
		c.said = a.tap.ask(ls, false, a.generation)
		c.clash = lateClash // blocks may have samples of it
		a.announce(c)
	}
	if c.wanted != nil && c.clash != noClash {
		a.compare(ls, c)
	}
}

// enter enters the sample into its series' slot and, where an SLO counts it,
// among the open samples of the series: in one step, so that of two samples with one
// time at least one finds the other.
func (a *appender) enter(s *slot, ls labels.Labels, c *claimed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.said = s.answer
	if a.tap != nil && (c.said == nil || c.said.generation < a.generation) {
		s.mu.Unlock()
		own := a.held(ls)
		if own.IsEmpty() {
			own = ls.Copy()
		}
		c.said = a.tap.ask(own, true, a.generation)
		s.mu.Lock()
		s.answer = c.said
	}
	c.clash = s.claim(c.t, c.bits())
	a.announce(c)
}

// announce adds the sample to the open ones of its series if an SLO counts it.
func (a *appender) announce(c *claimed) {
	if c.said == nil || c.said.wanted == nil || c.stale() {
		return
	}
	c.wanted, c.sample = c.said.wanted, c.candidate.sample()
	if !c.wanted.enter(a, c.sample) {
		c.verdict, c.wanted = verdictRefuse, nil
	}
}

// compare judges a sample that may be in the store, by reading.
func (a *appender) compare(ls labels.Labels, c *claimed) {
	got, found, err := a.store.at(context.WithoutCancel(a.ctx), ls.WithoutEmpty(), c.t)
	switch {
	case err != nil:
		a.store.logger.Warn("Could not look for a stored sample", "series", ls.String(), "err", err)
		return
	case !found:
		return
	case equal(got, c.sample):
		c.verdict = verdictStored
	default:
		c.verdict = verdictRefuse
	}
	c.withdraw(a)
}

// settleIn enters an appended sample into the slot of its series, which the
// head did not have before.
func (a *appender) settleIn(ref storage.SeriesRef, ls labels.Labels, c *claimed) {
	if c.wanted != nil {
		a.tap.adopt(c.wanted, a.held(ls))
	}
	s := a.store.series.at(ref)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.said != nil && (s.answer == nil || s.answer.generation < c.said.generation) {
		s.answer = c.said
	}
	c.clash = s.claim(c.t, c.bits())
}

// held returns the labels of a series as the head holds them; none where it has no such series.
func (a *appender) held(ls labels.Labels) labels.Labels {
	if a.refs == nil {
		return labels.EmptyLabels()
	}
	_, own := a.refs.GetRef(ls, ls.Hash())
	return own
}

// keep puts an appended sample aside for the tap, or for the look after the commit.
func (a *appender) keep(c *claimed, ls labels.Labels) {
	switch {
	case c.wanted != nil:
		if a.tapped == nil {
			a.tapped, a.wanted = a.tap.rooms.get()
		}
		a.tapped = append(a.tapped, slo.SeriesSample{Series: &c.wanted.series, Sample: c.sample})
		a.wanted = append(a.wanted, c.wanted)
	case c.clash == sameTimeClash && !c.stale():
		a.doubts = append(a.doubts, doubt{ls.WithoutEmpty(), c.candidate.sample()})
	}
}
