package remote

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
)

// maxFuture is how far ahead of now a sample may lie. Backends differ here, or
// take anything.
const maxFuture = 10 * time.Minute

// appender collects one batch in memory.
type appender struct {
	s   *Store
	ctx context.Context
	// Native histograms are sent apart from the rest, so that a backend which
	// refuses them does not refuse their neighbours.
	floats, histograms batch
	refused            refusals
	buf                []byte
}

// batch is a remote write request in the making.
type batch struct {
	series []prompb.TimeSeries
	index  map[string]int
}

// AppenderV2 implements storage.AppendableV2. The context limits Commit. When
// Commit returns an error, part of a large batch may be stored; sending the
// whole again changes nothing about that part.
func (s *Store) AppenderV2(ctx context.Context) storage.AppenderV2 {
	return &appender{s: s, ctx: ctx}
}

// Append implements storage.AppenderV2. Start times are dropped: remote write
// 1.0 does not carry them.
func (a *appender) Append(_ storage.SeriesRef, ls labels.Labels, _, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, o storage.AOptions) (storage.SeriesRef, error) {
	ref := storage.SeriesRef(ls.Hash())
	if reason, why := a.check(ls, t); why != "" {
		a.refused.add(reason, why, 1)
		return ref, nil
	}
	if h == nil && fh == nil {
		ts := a.floats.get(ls, &a.buf)
		if fits(ts.Samples, t, v) {
			ts.Samples = append(ts.Samples, prompb.Sample{Timestamp: t, Value: v})
		} else {
			a.refused.add("duplicate", fmt.Sprintf("batch holds two values of %s for the same time", ls.Get(slo.MetricName)), 1)
		}
		addExemplars(ts, o.Exemplars)
		return ref, nil
	}
	ph, err := toProto(t, h, fh)
	if err != nil {
		a.refused.add("invalid", fmt.Sprintf("native histogram %s: %v", ls.Get(slo.MetricName), err), 1)
		return ref, nil
	}
	ts := a.histograms.get(ls, &a.buf)
	ts.Histograms = append(ts.Histograms, ph)
	addExemplars(ts, o.Exemplars)
	return ref, nil
}

// fits reports whether the batch holds no other value for this time: backends
// would keep one of the two and not tell.
func fits(samples []prompb.Sample, t int64, v float64) bool {
	if n := len(samples); n == 0 || samples[n-1].Timestamp < t {
		return true
	}
	for _, s := range samples {
		if s.Timestamp == t && math.Float64bits(s.Value) != math.Float64bits(v) {
			return false
		}
	}
	return true
}

// check finds what no backend could store, or what the embedded store refuses.
func (a *appender) check(ls labels.Labels, t int64) (reason, why string) {
	if limit := a.s.now().Add(maxFuture).UnixMilli(); t > limit {
		return "future", fmt.Sprintf("sample of %s lies more than 10 minutes in the future", ls.Get(slo.MetricName))
	}
	if ls.Get(slo.MetricName) == "" {
		return "invalid", "series has no metric name"
	}
	if name, dup := ls.HasDuplicateLabelNames(); dup {
		return "invalid", fmt.Sprintf("label %q is given twice", name)
	}
	valid := true
	ls.Range(func(l labels.Label) {
		valid = valid && utf8.ValidString(l.Name) && utf8.ValidString(l.Value)
	})
	if !valid {
		return "invalid", "a label is not UTF-8"
	}
	return "", ""
}

// get returns the request's entry for the series.
func (b *batch) get(ls labels.Labels, buf *[]byte) *prompb.TimeSeries {
	*buf = ls.Bytes((*buf)[:0])
	if i, ok := b.index[string(*buf)]; ok {
		return &b.series[i]
	}
	if b.index == nil {
		b.index = map[string]int{}
	}
	b.index[string(*buf)] = len(b.series)
	b.series = append(b.series, prompb.TimeSeries{Labels: prompb.FromLabels(ls, nil)})
	return &b.series[len(b.series)-1]
}

// toProto encodes a native histogram, at the finest resolution that
// backends take.
func toProto(t int64, h *histogram.Histogram, fh *histogram.FloatHistogram) (prompb.Histogram, error) {
	if fh != nil {
		fh = fh.Copy()
		if err := fh.Validate(); err != nil {
			return prompb.Histogram{}, err
		}
		if fh.Schema > histogram.ExponentialSchemaMax {
			if err := fh.ReduceResolution(histogram.ExponentialSchemaMax); err != nil {
				return prompb.Histogram{}, err
			}
		}
		return prompb.FromFloatHistogram(t, fh), nil
	}
	h = h.Copy()
	if err := h.Validate(); err != nil {
		return prompb.Histogram{}, err
	}
	if h.Schema > histogram.ExponentialSchemaMax {
		if err := h.ReduceResolution(histogram.ExponentialSchemaMax); err != nil {
			return prompb.Histogram{}, err
		}
	}
	return prompb.FromIntHistogram(t, h), nil
}

// addExemplars copies exemplars into the request; backends that keep none
// ignore them.
func addExemplars(ts *prompb.TimeSeries, es []exemplar.Exemplar) {
	for _, e := range es {
		ts.Exemplars = append(ts.Exemplars, prompb.Exemplar{
			Labels: prompb.FromLabels(e.Labels, nil), Value: e.Value, Timestamp: e.Ts,
		})
	}
}

// Rollback implements storage.AppenderV2: nothing has been sent yet.
func (a *appender) Rollback() error {
	a.floats, a.histograms, a.refused = batch{}, batch{}, refusals{}
	return nil
}

// Rejected implements metrics.Rejecter.
func (a *appender) Rejected() (int, string) { return a.refused.n, a.refused.first }

// refusals counts the samples that were dropped, by reason.
type refusals struct {
	n        int
	first    string
	byReason map[string]int
}

func (r *refusals) add(reason, why string, n int) {
	if n == 0 {
		return
	}
	if r.byReason == nil {
		r.byReason = map[string]int{}
	}
	if r.n == 0 {
		r.first = why
	}
	r.n += n
	r.byReason[reason] += n
}

// reasonOf names a backend's refusal by its message, for the counter's label.
func reasonOf(message string) string {
	m := strings.ToLower(message)
	for _, c := range []struct{ part, reason string }{
		{"out of order", "out_of_order"}, {"out-of-order", "out_of_order"},
		{"too old", "too_old"}, {"too far in the past", "too_old"},
		{"duplicate sample", "duplicate"}, {"different value", "duplicate"},
		{"out of bounds", "out_of_bounds"},
		{"limit", "limit"},
		{"histogram", "histogram"},
	} {
		if strings.Contains(m, c.part) {
			return c.reason
		}
	}
	return "refused"
}
