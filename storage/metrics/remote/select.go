package remote

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/prompb"

	"burnline/slo"
	"burnline/storage/metrics"
)

const (
	// chunk is how much of a long range one query asks for, and leastChunk how
	// far it is halved when the backend finds that too much.
	chunk      = 24 * time.Hour
	leastChunk = time.Minute
)

// Select implements metrics.Store.
func (s *Store) Select(ctx context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error {
	expr, err := promSelector(sel)
	if err != nil {
		return fmt.Errorf("select %s: %w", sel.Name, err)
	}
	if from > to {
		return nil
	}
	c := newCollection()
	if err := s.read(ctx, expr, from, to, chunk, c); err != nil {
		return fmt.Errorf("select %s: %w", expr, err)
	}
	for _, series := range c.order {
		if err := yield(*series); err != nil {
			return err
		}
	}
	return nil
}

// read collects the samples of [from, to], asking for at most length at once.
func (s *Store) read(ctx context.Context, expr string, from, to int64, length time.Duration, c *collection) error {
	for from <= to {
		end := min(to, from+length.Milliseconds()-1)
		m, err := s.rawSamples(ctx, expr, from, end)
		if tooMuch(err) && length/2 >= leastChunk {
			length /= 2
			continue
		}
		if err != nil {
			return err
		}
		if err := c.add(m, from, end); err != nil {
			return err
		}
		from = end + 1
	}
	return nil
}

// rawSamples asks for at least the samples of [from, to]. Whether the ends of
// a range selector belong to it differs between engines and versions, and some cut
// milliseconds off: it asks for whole seconds that hold both ends inside, and add cuts.
func (s *Store) rawSamples(ctx context.Context, expr string, from, to int64) (model.Matrix, error) {
	first := floorSecond(from - 1)
	last := -floorSecond(-to - 1)
	a, err := s.ask(ctx, instantQuery(fmt.Sprintf("%s[%ds]", expr, last-first), time.Unix(last, 0)))
	if err != nil {
		return nil, err
	}
	m, err := a.matrix()
	if err != nil || !slices.ContainsFunc(m, func(s *model.SampleStream) bool { return slices.ContainsFunc(s.Values, isNaN) }) {
		return m, err
	}
	backend, err := s.flavour.get(ctx)
	if err != nil {
		return nil, err
	}
	if backend.markers {
		dropMarkers(m)
	}
	return m, nil
}

// floorSecond returns milliseconds in seconds, rounded towards minus infinity.
func floorSecond(ms int64) int64 {
	s := ms / 1000
	if ms%1000 < 0 {
		s--
	}
	return s
}

// collection puts together the series of several answers.
type collection struct {
	order []*slo.SeriesSamples
	byKey map[string]*slo.SeriesSamples
}

func newCollection() *collection {
	return &collection{byKey: map[string]*slo.SeriesSamples{}}
}

// add takes the samples of [from, to] out of an answer.
func (c *collection) add(m model.Matrix, from, to int64) error {
	for _, stream := range m {
		samples, err := cutSamples(stream, from, to)
		if err != nil {
			return err
		}
		if len(samples) == 0 {
			continue
		}
		ls := seriesLabels(stream.Metric)
		key := ls.String()
		have := c.byKey[key]
		if have == nil {
			have = &slo.SeriesSamples{Series: slo.NewSeries(ls)}
			c.byKey[key] = have
			c.order = append(c.order, have)
		}
		have.Samples = append(have.Samples, samples...)
	}
	return nil
}

// seriesLabels returns the labels of an answer as a set of the domain.
func seriesLabels(m model.Metric) slo.Labels {
	ls := make(slo.Labels, 0, len(m))
	for name, value := range m {
		if value != "" {
			ls = append(ls, slo.Label{Name: string(name), Value: string(value)})
		}
	}
	slices.SortFunc(ls, func(a, b slo.Label) int { return strings.Compare(a.Name, b.Name) })
	return ls
}

// cutSamples returns the stream's samples of [from, to] in order of time.
func cutSamples(stream *model.SampleStream, from, to int64) ([]slo.Sample, error) {
	out := make([]slo.Sample, 0, len(stream.Values)+len(stream.Histograms))
	for _, v := range stream.Values {
		if t := int64(v.Timestamp); t >= from && t <= to {
			out = append(out, slo.Sample{T: t, V: float64(v.Value)})
		}
	}
	for _, h := range stream.Histograms {
		t := int64(h.Timestamp)
		if t < from || t > to {
			continue
		}
		fh, err := floatHistogram(h.Histogram)
		if err != nil {
			return nil, fmt.Errorf("decode native histogram of %s: %w", stream.Metric, err)
		}
		out = append(out, slo.Sample{T: t, H: metrics.NewHistogram(fh)})
	}
	return inOrder(out), nil
}

// inOrder sorts samples by time. Some backends keep every value that was
// written for a time; of these the largest is returned.
func inOrder(samples []slo.Sample) []slo.Sample {
	slices.SortStableFunc(samples, func(a, b slo.Sample) int {
		return cmp.Or(cmp.Compare(a.T, b.T), cmp.Compare(b.V, a.V))
	})
	return slices.CompactFunc(samples, func(a, b slo.Sample) bool { return a.T == b.T })
}

// dropMarkers drops the samples whose value is NaN.
func dropMarkers(m model.Matrix) {
	for _, stream := range m {
		stream.Values = slices.DeleteFunc(stream.Values, isNaN)
	}
}

func isNaN(v model.SamplePair) bool { return math.IsNaN(float64(v.Value)) }

// Before implements metrics.Store. It looks back 31 days at most: backends
// have no question for the newest sample of all, only for that of a range.
func (s *Store) Before(ctx context.Context, series slo.Labels, t int64) (slo.Sample, bool, error) {
	sel := slo.Selector{Name: series.Get(slo.MetricName)}
	for _, l := range series {
		if l.Name != slo.MetricName {
			sel.Matchers = append(sel.Matchers, slo.Matcher{Label: l.Name, Op: slo.MatchEqual, Value: l.Value})
		}
	}
	expr, err := promSelector(sel)
	if err != nil {
		return slo.Sample{}, false, fmt.Errorf("look before %d in %s: %w", t, series, err)
	}
	key, to := series.String(), t-1
	for _, back := range []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 31 * 24 * time.Hour} {
		from := t - back.Milliseconds()
		c := newCollection()
		if err := s.read(ctx, expr, from, to, back, c); err != nil {
			return slo.Sample{}, false, fmt.Errorf("look before %d in %s: %w", t, expr, err)
		}
		// The selector also matches series with further labels.
		if have := c.byKey[key]; have != nil {
			return have.Samples[len(have.Samples)-1], true, nil
		}
		to = from - 1
	}
	return slo.Sample{}, false, nil
}

// Record writes what the engine computed. The backend may hold it already.
func (s *Store) Record(ctx context.Context, rows []slo.Recorded) error {
	if len(rows) == 0 {
		return nil
	}
	a := &appender{s: s, ctx: ctx}
	for _, r := range rows {
		ts := a.floats.get(metrics.ToLabels(r.Labels), &a.buf)
		ts.Samples = append(ts.Samples, prompb.Sample{Timestamp: r.T, Value: r.V})
	}
	if err := a.Commit(); err != nil {
		return fmt.Errorf("record results: %w", err)
	}
	return nil
}
