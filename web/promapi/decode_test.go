package promapi

import (
	"testing"

	"github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/prometheus/prometheus/storage"
)

// tally is an appender that counts what it is given.
type tally struct {
	samples, histograms, exemplars int
}

func (a *tally) Append(_ storage.SeriesRef, ls labels.Labels, _, _ int64, _ float64, h *histogram.Histogram, fh *histogram.FloatHistogram, o storage.AOptions) (storage.SeriesRef, error) {
	if h != nil || fh != nil {
		a.histograms++
	} else {
		a.samples++
	}
	a.exemplars += len(o.Exemplars)
	return storage.SeriesRef(1 + ls.Len()), nil
}

func (*tally) Commit() error   { return nil }
func (*tally) Rollback() error { return nil }

func requestV1() *prompb.WriteRequest {
	return &prompb.WriteRequest{
		Timeseries: []prompb.TimeSeries{
			{Labels: []prompb.Label{{Name: "__name__", Value: "a"}}, Samples: []prompb.Sample{{Value: 1, Timestamp: 2}}},
			{Labels: []prompb.Label{{Name: "__name__", Value: "b"}}, Histograms: []prompb.Histogram{prompb.FromIntHistogram(2, &histogram.Histogram{Count: 1, ZeroCount: 1})}},
			{Labels: []prompb.Label{{Name: "__name__", Value: "a"}}, Exemplars: []prompb.Exemplar{{Labels: []prompb.Label{{Name: "x", Value: "y"}}, Value: 1, Timestamp: 2}}},
		},
		Metadata: []prompb.MetricMetadata{{MetricFamilyName: "a", Help: "A."}},
	}
}

func requestV2() *writev2.Request {
	return &writev2.Request{Symbols: []string{"", "__name__", "a", "b"}, Timeseries: []writev2.TimeSeries{
		{LabelsRefs: []uint32{1, 2}, Samples: []writev2.Sample{{Value: 1, Timestamp: 2}}},
		{LabelsRefs: []uint32{1, 3}, Histograms: []writev2.Histogram{writev2.FromIntHistogram(2, &histogram.Histogram{Count: 1, ZeroCount: 1})}},
		{LabelsRefs: []uint32{1, 2}, Exemplars: []writev2.Exemplar{{LabelsRefs: []uint32{1, 3}, Value: 1, Timestamp: 2}}},
	}}
}

// FuzzWrite feeds bytes to the decoders: they may refuse them, but never fail
// otherwise, and agree with upstream's decoder on what is a message.
func FuzzWrite(f *testing.F) {
	for _, m := range []interface{ Marshal() ([]byte, error) }{requestV1(), requestV2()} {
		body, err := m.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		one := &tally{}
		err := (&batch{app: one}).decodeV1(body)
		var whole prompb.WriteRequest
		if upstream := whole.Unmarshal(body); upstream == nil && err == nil {
			want := 0
			for _, ts := range whole.Timeseries {
				want += len(ts.Samples)
			}
			if one.samples != want {
				t.Errorf("%d samples, upstream reads %d", one.samples, want)
			}
		}
		_ = (&batch{app: &tally{}}).decodeV2(body)
	})
}

func TestBothVersionsOfAMessageAreReadWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind remote.WriteMessageType
		msg  interface{ Marshal() ([]byte, error) }
	}{{remote.WriteV1MessageType, requestV1()}, {remote.WriteV2MessageType, requestV2()}} {
		body, err := c.msg.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		got := &tally{}
		b := &batch{app: got}
		if c.kind == remote.WriteV1MessageType {
			err = b.decodeV1(body)
		} else {
			err = b.decodeV2(body)
		}
		if err != nil || *got != (tally{samples: 1, histograms: 1, exemplars: 1}) {
			t.Errorf("%s: got %+v, error %v", c.kind, *got, err)
		}
		for cut := range body {
			if err := (&batch{app: &tally{}}).decodeV1(body[:cut]); err == nil && cut > 0 && c.kind == remote.WriteV1MessageType {
				var whole prompb.WriteRequest
				if whole.Unmarshal(body[:cut]) != nil {
					t.Errorf("a message cut at %d was taken", cut)
				}
			}
		}
	}
}
