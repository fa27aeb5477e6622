package local

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
	"burnline/storage/metrics"
)

// appender writes one batch. It drops what can't be stored and goes on, and it
// keeps aside, for the tap, the samples that an SLO counts.
type appender struct {
	storage.AppenderV2
	refs storage.GetRef // of the same appender

	store      *Store
	ctx        context.Context // the batch's own, as storage.AppendableV2 has it
	newest     int64           // samples later than this lie in the future
	tap        *tap
	generation uint64
	family     *family
	fatal      error
	roomless   bool // fatal is that there is no room

	stored  int
	refused tally
	// exemplars counts exemplars that were dropped while their sample was taken.
	exemplars int
	tapped    []slo.SeriesSample
	wanted    []*wanted // of each tapped sample
	doubts    []doubt
}

var (
	_ storage.AppenderV2 = (*appender)(nil)
	_ metrics.Rejecter   = (*appender)(nil)
)

// AppenderV2 implements storage.AppendableV2. Without room on the disk the batch can't be committed.
func (s *Store) AppenderV2(ctx context.Context) storage.AppenderV2 {
	a := &appender{AppenderV2: s.db.AppenderV2(ctx), store: s, ctx: ctx,
		newest: s.now().Add(maxFuture).UnixMilli(), tap: s.tap}
	if err := s.room(); err != nil {
		a.fatal, a.roomless = fmt.Errorf("append samples: %w", err), true
	}
	a.refs, _ = a.AppenderV2.(storage.GetRef)
	if s.tap != nil {
		a.generation = s.tap.sink.Generation()
	}
	return a
}

// Append implements storage.AppenderV2. A sample that can't be stored is
// counted and answered like a stored one, with reference 0; an error means that the
// store failed and that the batch can't be committed.
func (a *appender) Append(ref storage.SeriesRef, ls labels.Labels, st, t int64, v float64,
	h *histogram.Histogram, fh *histogram.FloatHistogram, o storage.AOptions,
) (storage.SeriesRef, error) {
	if a.fatal != nil {
		return 0, a.fatal
	}
	if t > a.newest {
		a.refused.add(refusedFuture)
		return 0, nil
	}
	if h != nil || fh != nil {
		h, fh = reduced(h, fh)
	}
	if o.MetricFamilyName != "" && (a.family == nil || a.family.name != o.MetricFamilyName) && !o.Metadata.IsEmpty() {
		a.family = a.store.families.note(o.MetricFamilyName, o.Metadata)
	}
	c := claimed{candidate: candidate{t: t, st: st, v: v, h: h, fh: fh}}
	a.claim(&c, ref, ls)
	return a.write(&c, ls, o)
}

// write appends a claimed sample.
func (a *appender) write(c *claimed, ls labels.Labels, o storage.AOptions) (storage.SeriesRef, error) {
	switch c.verdict {
	case verdictRefuse:
		a.refused.add(refusedDuplicate)
		return 0, nil
	case verdictStored:
		return c.ref, nil
	}
	got, err := a.AppenderV2.Append(c.ref, ls, c.st, c.t, c.v, c.h, c.fh, o)
	if err != nil && !a.tolerate(err, c.h, c.fh) {
		a.fatal = fmt.Errorf("append sample: %w", err)
	}
	if got == 0 {
		c.withdraw(a)
		return 0, a.fatal
	}
	if got != c.ref {
		a.settleIn(got, ls, c)
	}
	a.stored++
	a.keep(c, ls)
	return got, nil
}

// tolerate counts an error that concerns one sample only; false means that the
// store failed.
func (a *appender) tolerate(err error, h *histogram.Histogram, fh *histogram.FloatHistogram) bool {
	var partial *storage.AppendPartialError
	if errors.As(err, &partial) { // the sample was taken
		a.exemplars += len(partial.ExemplarErrors)
		return true
	}
	why, ok := classify(err, h, fh)
	if ok {
		a.refused.add(why)
	}
	return ok
}

// reduced brings an exponential histogram whose resolution is finer than the
// TSDB stores (scale over 8) down to it, in memory of its own.
func reduced(h *histogram.Histogram, fh *histogram.FloatHistogram) (*histogram.Histogram, *histogram.FloatHistogram) {
	tooFine := func(schema int32) bool {
		return histogram.IsExponentialSchemaReserved(schema) && schema > histogram.ExponentialSchemaMax
	}
	if h != nil && tooFine(h.Schema) {
		if c := h.Copy(); c.ReduceResolution(histogram.ExponentialSchemaMax) == nil {
			h = c
		}
	}
	if fh != nil && tooFine(fh.Schema) {
		if c := fh.Copy(); c.ReduceResolution(histogram.ExponentialSchemaMax) == nil {
			fh = c
		}
	}
	return h, fh
}

// Commit implements storage.AppenderV2: nil means that the batch is stored,
// but for what Rejected tells. After an error nothing of it is.
func (a *appender) Commit() error {
	if a.fatal != nil {
		return errors.Join(a.fatal, a.Rollback())
	}
	if len(a.tapped) > 0 {
		if err := a.tap.sink.Announce(a.ctx, a.tapped); err != nil {
			a.store.figures.failed.Inc()
			return errors.Join(fmt.Errorf("commit samples: %w", err), a.Rollback())
		}
	}
	if err := a.AppenderV2.Commit(); err != nil {
		a.store.figures.failed.Inc()
		a.forget()
		return fmt.Errorf("commit samples: %w", err)
	}
	a.settle()
	a.store.figures.count(a.stored, &a.refused)
	if a.exemplars > 0 {
		a.store.figures.exemplars.Add(float64(a.exemplars))
	}
	if len(a.tapped) > 0 {
		a.store.figures.delivered.Add(float64(len(a.tapped)))
		a.tap.sink.Deliver(a.tapped)
		a.release()
	}
	return nil
}

// Rollback implements storage.AppenderV2.
func (a *appender) Rollback() error {
	if a.fatal != nil {
		a.store.figures.failed.Inc()
	}
	if a.roomless {
		a.store.figures.roomless.Inc()
	}
	a.forget()
	if err := a.AppenderV2.Rollback(); err != nil {
		return fmt.Errorf("roll back samples: %w", err)
	}
	return nil
}

// forget drops what was put aside for a batch that is not stored.
func (a *appender) forget() {
	for i, w := range a.wanted {
		w.leave(a, a.tapped[i].T)
	}
	a.doubts = nil
	a.release()
}

// release gives back the room for what was put aside.
func (a *appender) release() {
	if a.tapped != nil {
		a.tap.rooms.put(a.tapped, a.wanted)
	}
	a.tapped, a.wanted = nil, nil
}

// Rejected implements metrics.Rejecter.
func (a *appender) Rejected() (int, string) {
	if !a.refused.any {
		return 0, ""
	}
	return a.refused.total(), a.refused.first.sentence()
}

// RejectedExemplars returns how many exemplars were dropped although their
// samples were taken.
func (a *appender) RejectedExemplars() int { return a.exemplars }
