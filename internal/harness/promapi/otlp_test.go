package promapi_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"burnline/collector"
	"burnline/web/promapi"
)

// withCollector puts a running collector behind the API, as the program does.
func withCollector(t *testing.T) func(*promapi.Options) {
	return func(o *promapi.Options) {
		t.Helper()
		c, err := collector.New(collector.Options{GRPC: "127.0.0.1:0", HTTP: "127.0.0.1:0", Metrics: o.Store})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx) }()
		t.Cleanup(func() {
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
		<-c.Ready()
		o.OTLP = c.OTLP()
	}
}

// TestOTLPTakesTheSameWayAsTheCollectorsPorts sends a counter, a difference and
// a point from the future through the API.
func TestOTLPTakesTheSameWayAsTheCollectorsPorts(t *testing.T) {
	t.Parallel()
	s := serve(t, withCollector(t))
	md := pmetric.NewMetrics()
	rm := md.ResourceMetrics().AppendEmpty()
	rm.Resource().Attributes().PutStr("service.name", "shop")
	metrics := rm.ScopeMetrics().AppendEmpty().Metrics()
	orders := counter(metrics, "orders", pmetric.AggregationTemporalityCumulative)
	point(orders, s.now, 7)
	point(orders, s.now.Add(2*time.Hour), 8) // from the future
	visits := counter(metrics, "visits", pmetric.AggregationTemporalityDelta)
	point(visits, s.now.Add(-time.Second), 2)
	point(visits, s.now, 3)

	code, text := s.otlp(md)
	resp := pmetricotlp.NewExportResponse()
	if err := resp.UnmarshalProto([]byte(text)); err != nil || code != http.StatusOK {
		t.Fatalf("status %d, error %v: %s", code, err, text)
	}
	if n := resp.PartialSuccess().RejectedDataPoints(); n != 1 {
		t.Errorf("%d points rejected (%s), want the one from the future", n, resp.PartialSuccess().ErrorMessage())
	}
	for _, got := range s.samples("orders_total") {
		if len(got) != 1 || got[0].V != 7 || got[0].ST != s.ms(-60) {
			t.Errorf("orders are stored as %+v", got)
		}
	}
	total := 0.0
	for _, got := range s.samples("visits_total") {
		total = got[len(got)-1].V
	}
	if total != 5 {
		t.Errorf("the differences add up to %v, want 5", total)
	}
	if s.store.Metadata()["orders_total"].Help != "orders, counted" {
		t.Errorf("metadata %v", s.store.Metadata())
	}
}

// TestWithoutACollectorThereIsNoOTLP asks an API that has nothing behind it.
func TestWithoutACollectorThereIsNoOTLP(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if code, text := s.otlp(pmetric.NewMetrics()); code != http.StatusNotFound {
		t.Errorf("status %d: %s", code, text)
	}
}

func counter(metrics pmetric.MetricSlice, name string, temporality pmetric.AggregationTemporality) pmetric.Sum {
	m := metrics.AppendEmpty()
	m.SetName(name)
	m.SetDescription(name + ", counted")
	sum := m.SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(temporality)
	return sum
}

func point(sum pmetric.Sum, at time.Time, value float64) {
	p := sum.DataPoints().AppendEmpty()
	p.SetTimestamp(pcommon.NewTimestampFromTime(at))
	p.SetStartTimestamp(pcommon.NewTimestampFromTime(at.Add(-time.Minute)))
	p.SetDoubleValue(value)
}

// otlp posts metrics as gzipped protobuf.
func (s *server) otlp(md pmetric.Metrics) (int, string) {
	s.Helper()
	body, err := pmetricotlp.NewExportRequestFromMetrics(md).MarshalProto()
	if err != nil {
		s.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(body)
	_ = w.Close()
	code, _, text := s.post("/otlp/v1/metrics", packed.Bytes(), "Content-Type", "application/x-protobuf", "Content-Encoding", "gzip")
	return code, text
}
