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
	room := 0 // series of one selector are mostly as long as each other
	err = s.each(ctx, from, to, matchers, func(ls labels.Labels, it chunkenc.Iterator) error {
		samples, err := collect(it, from, to, room)
		room = len(samples)
		if err != nil || len(samples) == 0 {
			return err
		}
		return yield(slo.SeriesSamples{Series: slo.NewSeries(metrics.FromLabels(ls)), Samples: samples})
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

// collect returns the samples of [from, to] without staleness markers, with room for
// so many at first.
func collect(it chunkenc.Iterator, from, to int64, room int) ([]slo.Sample, error) {
	out := make([]slo.Sample, 0, room)
	for kind := it.Seek(from); kind != chunkenc.ValNone; kind = it.Next() {
		if it.AtT() > to {
			break
		}
		if sample, ok := read(it, kind); ok {
			out = append(out, sample)
		}
	}
	return out, it.Err()
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
