package promapi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/golang/snappy"
	"github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"github.com/prometheus/prometheus/storage"

	"burnline/web/promapi"
)

// series returns a remote write 1.0 series.
func series(pairs []string, samples ...prompb.Sample) prompb.TimeSeries {
	ts := prompb.TimeSeries{Samples: samples}
	for i := 0; i+1 < len(pairs); i += 2 {
		ts.Labels = append(ts.Labels, prompb.Label{Name: pairs[i], Value: pairs[i+1]})
	}
	return ts
}

func sample(t int64, v float64) prompb.Sample { return prompb.Sample{Timestamp: t, Value: v} }

// write1 sends a remote write 1.0 request.
func (s *server) write1(req *prompb.WriteRequest) (int, string) {
	s.Helper()
	body, err := req.Marshal()
	if err != nil {
		s.Fatal(err)
	}
	code, _, text := s.post("/write", snappy.Encode(nil, body), "Content-Type", "application/x-protobuf",
		"Content-Encoding", "snappy", "X-Prometheus-Remote-Write-Version", "0.1.0")
	return code, text
}

func (s *server) post(path string, body []byte, headers ...string) (int, http.Header, string) {
	s.Helper()
	return s.call(http.MethodPost, prefix+path, bytes.NewReader(body), headers...)
}

func TestRemoteWrite1IsStoredBeforeItIsAnswered(t *testing.T) {
	t.Parallel()
	s := serve(t)
	h := prompb.FromIntHistogram(s.ms(0), &histogram.Histogram{Count: 10, Sum: 26, PositiveSpans: []histogram.Span{{Offset: 1, Length: 2}}, PositiveBuckets: []int64{4, 2}})
	native := series([]string{"__name__", "native"})
	native.Histograms = []prompb.Histogram{h}
	code, text := s.write1(&prompb.WriteRequest{
		Timeseries: []prompb.TimeSeries{series([]string{"__name__", "orders_total", "code", "200"}, sample(s.ms(-15), 1), sample(s.ms(0), 2)), native},
		Metadata:   []prompb.MetricMetadata{{MetricFamilyName: "orders_total", Type: prompb.MetricMetadata_COUNTER, Help: "Orders."}},
	})
	if code != http.StatusNoContent {
		t.Fatalf("status %d: %s", code, text)
	}
	if got := s.samples("orders_total")[`orders_total{code="200"}`]; len(got) != 2 || got[1].V != 2 {
		t.Errorf("stored %+v, want two samples", got)
	}
	if got := s.samples("native")["native"]; len(got) != 1 || got[0].H.CountBelow(2) != 4 {
		t.Errorf("stored %+v, want one histogram", got)
	}
	if got := s.store.Metadata()["orders_total"]; got.Help != "Orders." || got.Type != model.MetricTypeCounter {
		t.Errorf("metadata %+v", got)
	}
}

func TestRemoteWrite1KeepsTheGoodSamplesOfABadRequest(t *testing.T) {
	t.Parallel()
	s := serve(t)
	code, text := s.write1(&prompb.WriteRequest{Timeseries: []prompb.TimeSeries{
		series([]string{"__name__", "a"}, sample(s.ms(0), 1)),
		series([]string{"__name__", "a"}, sample(s.ms(7200), 2)),
		series([]string{"no", "name"}, sample(s.ms(0), 3)),
		series([]string{"__name__", "b", "x", "1", "x", "2"}, sample(s.ms(0), 4)),
		series([]string{"__name__", "c"}, sample(s.ms(0), 5)),
	}})
	if code != http.StatusBadRequest || !strings.Contains(text, "3 samples refused, 2 stored") || !strings.Contains(text, "future") {
		t.Errorf("status %d: %s", code, text)
	}
	if len(s.samples("a")["a"]) != 1 || len(s.samples("c")["c"]) != 1 || len(s.samples("b")) != 0 {
		t.Errorf("stored a %v, b %v, c %v", s.samples("a"), s.samples("b"), s.samples("c"))
	}
}

func TestExemplarsThatTravelAloneFindTheirSeries(t *testing.T) {
	t.Parallel()
	s := serve(t)
	alone := series([]string{"__name__", "orders_total"})
	alone.Exemplars = []prompb.Exemplar{{Labels: []prompb.Label{{Name: "trace_id", Value: "abc"}}, Value: 1, Timestamp: s.ms(-1)}}
	if code, text := s.write1(&prompb.WriteRequest{Timeseries: []prompb.TimeSeries{
		series([]string{"__name__", "orders_total"}, sample(s.ms(0), 1)), alone,
	}}); code != http.StatusNoContent {
		t.Fatalf("status %d: %s", code, text)
	}
	found, err := s.client().QueryExemplars(t.Context(), "orders_total", s.now.Add(-1e10), s.now.Add(1e10))
	if err != nil || len(found) != 1 || found[0].Exemplars[0].Labels["trace_id"] != "abc" {
		t.Errorf("got %+v, error %v", found, err)
	}
}

// write2 sends a remote write 2.0 request with the official client.
func (s *server) write2(req *writev2.Request) (remote.WriteResponseStats, error) {
	s.Helper()
	c, err := remote.NewAPI(s.url, remote.WithAPIPath(prefix+"/write"),
		remote.WithAPIBackoff(remote.BackoffConfig{MaxRetries: 1}))
	if err != nil {
		s.Fatal(err)
	}
	return c.Write(s.Context(), remote.WriteV2MessageType, req)
}

func TestRemoteWrite2TellsHowMuchWasWritten(t *testing.T) {
	t.Parallel()
	s := serve(t)
	symbols := []string{"", "__name__", "orders_total", "Orders.", "trace_id", "abc"}
	req := &writev2.Request{Symbols: symbols, Timeseries: []writev2.TimeSeries{{
		LabelsRefs: []uint32{1, 2},
		Samples:    []writev2.Sample{{Timestamp: s.ms(-15), StartTimestamp: s.ms(-600), Value: 1}, {Timestamp: s.ms(0), StartTimestamp: s.ms(-600), Value: 2}},
		Exemplars:  []writev2.Exemplar{{LabelsRefs: []uint32{4, 5}, Value: 1, Timestamp: s.ms(0)}},
		Metadata:   writev2.Metadata{Type: writev2.Metadata_METRIC_TYPE_COUNTER, HelpRef: 3},
	}}}
	stats, err := s.write2(req)
	if err != nil || stats.Samples != 2 || stats.Exemplars != 1 {
		t.Fatalf("stats %+v, error %v", stats, err)
	}
	if got := s.samples("orders_total")["orders_total"]; len(got) != 2 || got[1].ST != s.ms(-600) {
		t.Errorf("stored %+v, want two samples with start times", got)
	}
	if got := s.store.Metadata()["orders_total"]; got.Help != "Orders." {
		t.Errorf("metadata %+v", got)
	}
	req.Timeseries[0].Samples = append(req.Timeseries[0].Samples, writev2.Sample{Timestamp: s.ms(7200), Value: 3})
	req.Timeseries[0].Exemplars = nil
	stats, err = s.write2(req)
	if err == nil || stats.Samples != 2 {
		t.Errorf("stats %+v, error %v; want 2 written and the refusal of one", stats, err)
	}
}

func TestRemoteWrite2RefusesASeriesWhoseSymbolsAreMissing(t *testing.T) {
	t.Parallel()
	s := serve(t)
	stats, err := s.write2(&writev2.Request{Symbols: []string{"", "__name__", "a"}, Timeseries: []writev2.TimeSeries{
		{LabelsRefs: []uint32{1, 2}, Samples: []writev2.Sample{{Timestamp: s.ms(0), Value: 1}}},
		{LabelsRefs: []uint32{1, 9}, Samples: []writev2.Sample{{Timestamp: s.ms(0), Value: 1}}},
	}})
	if err == nil || stats.Samples != 1 || len(s.samples("a")) != 1 {
		t.Errorf("stats %+v, error %v, stored %v", stats, err, s.samples("a"))
	}
}

// failing is a store that can't commit.
type failing struct {
	storage.AppendableV2
}

func (f failing) AppenderV2(ctx context.Context) storage.AppenderV2 {
	return failingAppender{f.AppendableV2.AppenderV2(ctx)}
}

type failingAppender struct {
	storage.AppenderV2
}

func (a failingAppender) Commit() error {
	return errors.Join(errors.New("disk is full"), a.Rollback())
}

func TestAFailedCommitIsNeverASuccess(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *promapi.Options) { o.Store = failing{o.Store} })
	code, text := s.write1(&prompb.WriteRequest{Timeseries: []prompb.TimeSeries{series([]string{"__name__", "a"}, sample(s.ms(0), 1))}})
	if code != http.StatusServiceUnavailable || !strings.Contains(text, "send it again") {
		t.Errorf("remote write 1.0: status %d: %s", code, text)
	}
}

func TestWrongWritesGetTheRightStatus(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *promapi.Options) { o.MaxBody = 1 << 16 })
	large := snappy.Encode(nil, make([]byte, 1<<17))
	bomb := snappy.Encode(nil, make([]byte, 64<<20))
	for _, c := range []struct {
		name     string
		method   string
		body     []byte
		media    string
		encoding string
		want     int
	}{
		{"by GET", http.MethodGet, nil, "application/x-protobuf", "snappy", http.StatusMethodNotAllowed},
		{"JSON", http.MethodPost, []byte("{}"), "application/json", "snappy", http.StatusUnsupportedMediaType},
		{"an unknown message", http.MethodPost, nil, "application/x-protobuf;proto=other", "snappy", http.StatusUnsupportedMediaType},
		{"gzip", http.MethodPost, []byte{31, 139}, "application/x-protobuf", "gzip", http.StatusUnsupportedMediaType},
		{"not snappy", http.MethodPost, []byte{255, 255, 255}, "application/x-protobuf", "snappy", http.StatusBadRequest},
		{"not a message", http.MethodPost, snappy.Encode(nil, []byte{10, 200, 1}), "application/x-protobuf", "snappy", http.StatusBadRequest},
		{"too large after decompression", http.MethodPost, large, "application/x-protobuf", "snappy", http.StatusRequestEntityTooLarge},
		{"a bomb that is small itself", http.MethodPost, bomb[:1<<15], "application/x-protobuf", "snappy", http.StatusRequestEntityTooLarge},
		{"too large before decompression", http.MethodPost, make([]byte, 1<<17), "application/x-protobuf", "snappy", http.StatusRequestEntityTooLarge},
	} {
		code, _, text := s.call(c.method, prefix+"/write", bytes.NewReader(c.body), "Content-Type", c.media, "Content-Encoding", c.encoding)
		if code != c.want {
			t.Errorf("%s: status %d (%s), want %d", c.name, code, strings.TrimSpace(text), c.want)
		}
	}
}

func TestEveryValueOfAFloatIsTaken(t *testing.T) {
	t.Parallel()
	s := serve(t)
	values := []float64{0, math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64}
	var req prompb.WriteRequest
	for i, v := range values {
		req.Timeseries = append(req.Timeseries, series([]string{"__name__", "v", "i", fmt.Sprint(i)}, sample(s.ms(0), v)))
	}
	if code, text := s.write1(&req); code != http.StatusNoContent {
		t.Fatalf("status %d: %s", code, text)
	}
	for i, v := range values {
		if got := s.samples("v")[fmt.Sprintf(`v{i="%d"}`, i)]; len(got) != 1 || got[0].V != v {
			t.Errorf("stored %+v, want %g", got, v)
		}
	}
}
