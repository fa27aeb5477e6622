package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"burnline/slo"
	"burnline/storage/metrics"
)

// source reads samples raw, of an open store or of a folder.
type source struct {
	querier func(from, to int64) (storage.Querier, error)
	// oldest returns a time that no stored sample is older than.
	oldest func() int64
}

// Select implements metrics.Store.
func (s source) Select(ctx context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error {
	matchers, err := metrics.ToMatchers(sel)
	if err != nil {
		return fmt.Errorf("select %s: %w", sel.Name, err)
	}
	var memory pool
	err = s.each(ctx, from, to, matchers, func(ls labels.Labels, it chunkenc.Iterator) error {
		samples, err := memory.collect(it, from, to)
		if err != nil || len(samples) == 0 {
			return err
		}
		series := slo.SeriesOf(stored{ls})
		return yield(slo.SeriesSamples{Series: &series, Samples: samples})
	})
	if err != nil {
		return fmt.Errorf("select %s: %w", sel.Name, err)
	}
	return nil
}

// each calls do with every matching series; the iterator is reused between them.
func (s source) each(ctx context.Context, from, to int64, matchers []*labels.Matcher,
	do func(labels.Labels, chunkenc.Iterator) error,
) (err error) {
	q, err := s.querier(from, to)
	if err != nil {
		return fmt.Errorf("open querier: %w", err)
	}
	defer func() { err = errors.Join(err, q.Close()) }()
	set := q.Select(ctx, false, &storage.SelectHints{Start: from, End: to, DisableTrimming: true}, matchers...)
	var it chunkenc.Iterator
	for set.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		series := set.At()
		it = series.Iterator(it)
		if err := do(series.Labels(), it); err != nil {
			return err
		}
	}
	if err := set.Err(); err != nil {
		return err
	}
	return ctx.Err()
}

// stored holds labels as the head does, or as they were read from a block: both are text that
// never changes, so that nothing is copied of series that are known already.
type stored struct{ labels labels.Labels }

// Labels implements slo.Labeled.
func (s stored) Labels() slo.Labels { return metrics.SharedLabels(s.labels) }

// Samples of some short series share one piece of memory.
const (
	sharedSeries  = 16
	sharedSamples = 4096
)

// pool is memory for the samples of one series after another, which are mostly as long as each
// other. What was given out stays its taker's.
type pool struct {
	free []slo.Sample
	last int // samples of the series before
}

// collect returns the samples of [from, to] without staleness markers.
func (p *pool) collect(it chunkenc.Iterator, from, to int64) ([]slo.Sample, error) {
	if cap(p.free) < p.last {
		p.free = make([]slo.Sample, 0, max(p.last, min(sharedSeries*p.last, sharedSamples)))
	}
	out := p.free
	for kind := it.Seek(from); kind != chunkenc.ValNone; kind = it.Next() {
		if it.AtT() > to {
			break
		}
		if sample, ok := read(it, kind); ok {
			out = append(out, sample)
		}
	}
	n := len(out)
	if n <= cap(p.free) {
		p.free = out[n:]
	}
	p.last = n
	return out[:n:n], it.Err()
}

// read returns the iterator's sample; false for a staleness marker.
func read(it chunkenc.Iterator, kind chunkenc.ValueType) (slo.Sample, bool) {
	if kind == chunkenc.ValFloat {
		t, v := it.At()
		return slo.Sample{T: t, ST: it.AtST(), V: v}, !value.IsStaleNaN(v)
	}
	t, h := it.AtFloatHistogram(nil)
	if value.IsStaleNaN(h.Sum) {
		return slo.Sample{}, false
	}
	return slo.Sample{T: t, H: metrics.NewHistogram(h)}, true
}

// lookbacks are the ranges that Before searches one after another: most series
// have a recent sample, and only for the others are whole days decoded.
func lookbacks() []time.Duration {
	return []time.Duration{5 * time.Minute, time.Hour, 12 * time.Hour, 4 * 24 * time.Hour}
}

// Before implements metrics.Store.
func (s source) Before(ctx context.Context, series slo.Labels, t int64) (slo.Sample, bool, error) {
	ls := metrics.ToLabels(series)
	end := t - 1
	for _, back := range lookbacks() {
		start := t - back.Milliseconds()
		sample, found, err := s.last(ctx, ls, start, end)
		if err != nil || found {
			return sample, found, wrapBefore(series, err)
		}
		end = start - 1
	}
	oldest := s.oldest()
	if oldest > end {
		return slo.Sample{}, false, nil
	}
	sample, found, err := s.last(ctx, ls, oldest, end)
	return sample, found, wrapBefore(series, err)
}

func wrapBefore(series slo.Labels, err error) error {
	if err != nil {
		return fmt.Errorf("read the sample before of %s: %w", series, err)
	}
	return nil
}

// at returns the sample of the series at exactly t.
func (s source) at(ctx context.Context, ls labels.Labels, t int64) (slo.Sample, bool, error) {
	return s.last(ctx, ls, t, t)
}

// last returns the newest sample of one series within [from, to].
func (s source) last(ctx context.Context, ls labels.Labels, from, to int64) (slo.Sample, bool, error) {
	var (
		matchers []*labels.Matcher
		newest   slo.Sample
		found    bool
	)
	ls.Range(func(l labels.Label) {
		matchers = append(matchers, labels.MustNewMatcher(labels.MatchEqual, l.Name, l.Value))
	})
	err := s.each(ctx, from, to, matchers, func(got labels.Labels, it chunkenc.Iterator) error {
		if !labels.Equal(got, ls) {
			return nil // a series with further labels
		}
		for kind := it.Seek(from); kind != chunkenc.ValNone && it.AtT() <= to; kind = it.Next() {
			if sample, ok := read(it, kind); ok {
				newest, found = sample, true
			}
		}
		return it.Err()
	})
	return newest, found, err
}
