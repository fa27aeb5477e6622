package promapi_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"burnline/web/promapi"
)

// otlpRequest holds one cumulative counter of the service shop.
func otlpRequest(s *server, value float64) pmetricotlp.ExportRequest {
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "shop")
	rm.Resource().Attributes().PutStr("region", "eu")
	m := rm.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("orders")
	m.SetDescription("Orders.")
	sum := m.SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	point(sum, s.now, value)
	return pmetricotlp.NewExportRequestFromMetrics(md)
}

func point(sum pmetric.Sum, at time.Time, value float64) {
	p := sum.DataPoints().AppendEmpty()
	p.SetTimestamp(pcommon.NewTimestampFromTime(at))
	p.SetStartTimestamp(pcommon.NewTimestampFromTime(at.Add(-time.Minute)))
	p.SetDoubleValue(value)
}

func otlpJSON(s *server, value float64) []byte {
	s.Helper()
	body, err := otlpRequest(s, value).MarshalJSON()
	if err != nil {
		s.Fatal(err)
	}
	return body
}

func TestOTLPIsStoredWithStartTimeAndMetadata(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *promapi.Options) { o.PromoteResourceAttributes = []string{"region"} })
	body, err := otlpRequest(s, 7).MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(body)
	_ = w.Close()
	code, head, text := s.post("/otlp/v1/metrics", packed.Bytes(), "Content-Type", "application/x-protobuf", "Content-Encoding", "gzip")
	if code != http.StatusOK || head.Get("Content-Type") != "application/x-protobuf" {
		t.Fatalf("status %d, type %s: %s", code, head.Get("Content-Type"), text)
	}
	got := s.samples("orders_total")[`orders_total{job="shop", region="eu"}`]
	if len(got) != 1 || got[0].V != 7 || got[0].ST != s.ms(-60) {
		t.Errorf("stored %+v of %v", got, s.samples("orders_total"))
	}
	if s.store.Metadata()["orders_total"].Help != "Orders." {
		t.Errorf("metadata %v", s.store.Metadata())
	}
}

func TestOTLPKeepsTheGoodPointsOfABadRequest(t *testing.T) {
	t.Parallel()
	s := serve(t)
	req := otlpRequest(s, 7)
	metrics := req.Metrics().ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics()
	point(metrics.At(0).Sum(), s.now.Add(2*time.Hour), 8) // from the future
	differences := metrics.AppendEmpty()
	differences.SetName("differences")
	sum := differences.SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
	point(sum, s.now, 1)
	point(sum, s.now.Add(time.Second), 1)
	after := metrics.AppendEmpty()
	after.SetName("after")
	point(after.SetEmptySum(), s.now, 1)
	after.Sum().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	body, err := req.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	code, _, text := s.post("/otlp/v1/metrics", body, "Content-Type", "application/json")
	resp := pmetricotlp.NewExportResponse()
	if err := resp.UnmarshalJSON([]byte(text)); err != nil || code != http.StatusOK {
		t.Fatalf("status %d, error %v: %s", code, err, text)
	}
	if n := resp.PartialSuccess().RejectedDataPoints(); n != 3 {
		t.Errorf("%d points rejected (%s), want 3", n, resp.PartialSuccess().ErrorMessage())
	}
	if len(s.samples("orders_total")) != 1 || len(s.samples("after")) != 1 {
		t.Errorf("stored %v and %v", s.samples("orders_total"), s.samples("after"))
	}
}

func TestWrongOTLPGetsTheRightStatus(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *promapi.Options) { o.MaxBody = 1 << 16 })
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	_, _ = w.Write(make([]byte, 64<<20))
	_ = w.Close()
	for _, c := range []struct {
		name, media, encoding string
		body                  []byte
		want                  int
	}{
		{"text", "text/plain", "", nil, http.StatusUnsupportedMediaType},
		{"zstd", "application/json", "zstd", nil, http.StatusUnsupportedMediaType},
		{"not gzip", "application/json", "gzip", []byte("{}"), http.StatusBadRequest},
		{"not OTLP", "application/x-protobuf", "", []byte("hello"), http.StatusBadRequest},
		{"a gzip bomb", "application/x-protobuf", "gzip", bomb.Bytes(), http.StatusRequestEntityTooLarge},
		{"too large", "application/json", "", bytes.Repeat([]byte(" "), 1<<17), http.StatusRequestEntityTooLarge},
	} {
		code, _, text := s.post("/otlp/v1/metrics", c.body, "Content-Type", c.media, "Content-Encoding", c.encoding)
		if code != c.want {
			t.Errorf("%s: status %d (%s), want %d", c.name, code, strings.TrimSpace(text), c.want)
		}
	}
}
