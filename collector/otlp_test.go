package collector

import (
	"strings"
	"testing"
	"time"

	"burnline/internal/harness/patience"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// clients are the official exporters of the Go SDK, by the name of their way.
func clients(t *testing.T, r *running) map[string]sdkmetric.Exporter {
	t.Helper()
	overGRPC, err := otlpmetricgrpc.New(t.Context(), otlpmetricgrpc.WithEndpoint(r.Endpoints().GRPC), otlpmetricgrpc.WithInsecure(),
		otlpmetricgrpc.WithRetry(otlpmetricgrpc.RetryConfig{}))
	if err != nil {
		t.Fatal(err)
	}
	overHTTP, err := otlpmetrichttp.New(t.Context(), otlpmetrichttp.WithEndpoint(r.Endpoints().HTTP), otlpmetrichttp.WithInsecure(),
		otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{}))
	if err != nil {
		t.Fatal(err)
	}
	zipped, err := otlpmetrichttp.New(t.Context(), otlpmetrichttp.WithEndpoint(r.Endpoints().HTTP), otlpmetrichttp.WithInsecure(),
		otlpmetrichttp.WithRetry(otlpmetrichttp.RetryConfig{}), otlpmetrichttp.WithCompression(otlpmetrichttp.GzipCompression))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]sdkmetric.Exporter{"gRPC": overGRPC, "HTTP": overHTTP, "HTTP with gzip": zipped}
}

var (
	born = time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// requests is a batch of one counter with one point.
func requests(temporality metricdata.Temporality, value int64) *metricdata.ResourceMetrics {
	return &metricdata.ResourceMetrics{
		Resource: resource.NewSchemaless(attribute.String("service.name", "checkout"), attribute.String("cloud.region", "eu"), attribute.String("host.name", "h1")),
		ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{
			Name: "http.requests", Unit: "{request}",
			Data: metricdata.Sum[int64]{
				Temporality: temporality, IsMonotonic: true,
				DataPoints: []metricdata.DataPoint[int64]{{
					Attributes: attribute.NewSet(attribute.String("http.route", "/buy")),
					StartTime:  born, Time: noon, Value: value,
					Exemplars: []metricdata.Exemplar[int64]{{Time: noon, Value: 1, TraceID: make([]byte, 16), SpanID: make([]byte, 8)}},
				}},
			},
		}}}},
	}
}

func TestACounterArrivesWithStartTimeExemplarAndChosenLabels(t *testing.T) {
	for _, name := range []string{"gRPC", "HTTP", "HTTP with gzip"} {
		t.Run(name, func(t *testing.T) {
			r := start(t, "")
			if err := clients(t, r)[name].Export(t.Context(), requests(metricdata.CumulativeTemporality, 7)); err != nil {
				t.Fatal(err)
			}
			// Success is answered after the commit, so no waiting here.
			got := r.store.stored("http_requests_total")
			if len(got) != 1 {
				t.Fatalf("stored %+v; metrics %v", got, r.store.names())
			}
			want := `{__name__="http_requests_total", cloud_region="eu", http_route="/buy", job="checkout", service_name="checkout"}`
			if got[0].labels != want {
				t.Errorf("labels\n%s, want\n%s", got[0].labels, want)
			}
			if got[0].v != 7 || got[0].t != noon.UnixMilli() || got[0].st != born.UnixMilli() || got[0].exemplars != 1 || got[0].kind != "counter" {
				t.Errorf("got %+v", got[0])
			}
			if n := r.value(t, "burnline_collector_points_total"); n != 1 {
				t.Errorf("%v points counted", n)
			}
			if info := r.store.stored("target_info"); len(info) == 0 || !strings.Contains(info[0].labels, `host_name="h1"`) {
				t.Errorf("target_info: %+v", info)
			}
		})
	}
}

func TestDifferencesBecomeARunningTotal(t *testing.T) {
	r := start(t, "")
	client := clients(t, r)["gRPC"]
	for i, at := range []time.Time{noon, noon.Add(time.Minute)} {
		md := requests(metricdata.DeltaTemporality, 5)
		sum := md.ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[int64])
		sum.DataPoints[0].StartTime, sum.DataPoints[0].Time = at.Add(-time.Minute), at
		if err := client.Export(t.Context(), md); err != nil {
			t.Fatal(err)
		}
		got := r.store.stored("http_requests_total")
		if len(got) != i+1 || got[i].v != float64(5*(i+1)) {
			t.Fatalf("after %d: %+v", i+1, got)
		}
	}
}

func TestAnExponentialHistogramBecomesANativeOne(t *testing.T) {
	r := start(t, "")
	err := clients(t, r)["gRPC"].Export(t.Context(), &metricdata.ResourceMetrics{
		Resource: resource.NewSchemaless(attribute.String("service.name", "checkout")),
		ScopeMetrics: []metricdata.ScopeMetrics{{Metrics: []metricdata.Metrics{{
			Name: "http.duration", Unit: "s",
			Data: metricdata.ExponentialHistogram[float64]{
				Temporality: metricdata.CumulativeTemporality,
				DataPoints: []metricdata.ExponentialHistogramDataPoint[float64]{{
					StartTime: born, Time: noon, Count: 3, Sum: 1.5, Scale: 2,
					PositiveBucket: metricdata.ExponentialBucket{Offset: 1, Counts: []uint64{1, 2}},
				}},
			},
		}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := r.store.stored("http_duration_seconds")
	if len(got) != 1 || got[0].h == nil || got[0].h.Count != 3 || got[0].h.Schema != 2 || got[0].st != born.UnixMilli() {
		t.Errorf("got %+v", got)
	}
}

func TestDroppedSamplesAreToldToTheSender(t *testing.T) {
	for _, name := range []string{"gRPC", "HTTP", "HTTP with gzip"} {
		t.Run(name, func(t *testing.T) {
			r := start(t, "")
			r.store.drop = func(x sample) string {
				if x.name == "http_requests_total" {
					return "too old by 3h"
				}
				return ""
			}
			err := clients(t, r)[name].Export(t.Context(), requests(metricdata.CumulativeTemporality, 7))
			if err == nil || !strings.Contains(err.Error(), "too old by 3h") || !strings.Contains(err.Error(), "1 metric data points rejected") {
				t.Errorf("the exporter reports %v", err)
			}
			if n := r.value(t, "burnline_collector_rejected_points_total", "store"); n != 1 {
				t.Errorf("%v points counted as rejected", n)
			}
			if len(r.store.stored("target_info")) == 0 {
				t.Error("the rest of the batch is lost")
			}
		})
	}
}

func TestOneUntranslatableMetricDoesNotLoseTheOthers(t *testing.T) {
	r := start(t, "")
	md := pmetric.NewMetrics()
	ms := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics()
	good := ms.AppendEmpty()
	good.SetName("good")
	good.SetEmptyGauge().DataPoints().AppendEmpty().SetTimestamp(pcommon.NewTimestampFromTime(noon))
	bad := ms.AppendEmpty()
	bad.SetName("coarse") // a scale below −4 has no native histogram
	bad.SetEmptyExponentialHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	for _, scale := range []int32{0, -5, 0} {
		p := bad.ExponentialHistogram().DataPoints().AppendEmpty()
		p.SetTimestamp(pcommon.NewTimestampFromTime(noon))
		p.SetScale(scale)
	}
	last := ms.AppendEmpty()
	good.CopyTo(last)
	last.SetName("last")

	resp, err := pmetricotlp.NewGRPCClient(dial(t, r)).Export(t.Context(), pmetricotlp.NewExportRequestFromMetrics(md))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.store.stored("good")) != 1 || len(r.store.stored("last")) != 1 {
		t.Errorf("stored %v", r.store.names())
	}
	// The first of three points is stored, the second can't be, the third is
	// behind it.
	if n := resp.PartialSuccess().RejectedDataPoints(); n != 2 || !strings.Contains(resp.PartialSuccess().ErrorMessage(), "Scale") {
		t.Errorf("%d rejected: %s", n, resp.PartialSuccess().ErrorMessage())
	}
	if n := r.value(t, "burnline_collector_rejected_points_total", "translation"); n != 2 {
		t.Errorf("%v points counted as rejected", n)
	}
	if n := r.value(t, "burnline_collector_points_total"); n != 3 {
		t.Errorf("%v points counted as stored", n)
	}
}

func TestABrokenStoreIsRetryableAndStoresNothing(t *testing.T) {
	for name, fail := range map[string][2]error{
		"when it appends": {errDisk, nil},
		"when it commits": {nil, errDisk},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, "")
			r.store.fail(fail[0], fail[1])
			_, err := pmetricotlp.NewGRPCClient(dial(t, r)).Export(t.Context(), pmetricotlp.NewExportRequestFromMetrics(gauge("x")))
			if status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), errDisk.Error()) {
				t.Errorf("over gRPC: %v", err)
			}
			code, _ := post(t, r, "/v1/metrics", "application/x-protobuf", "", marshal(t, gauge("x")))
			if code != 503 {
				t.Errorf("over HTTP: %d", code)
			}
			if names := r.store.names(); len(names) != 0 {
				t.Errorf("stored %v", names)
			}
			if n := r.value(t, "burnline_collector_failed_batches_total"); n != 2 {
				t.Errorf("%v failed batches counted", n)
			}
			r.store.fail(nil, nil)
			if code, _ := post(t, r, "/v1/metrics", "application/x-protobuf", "", marshal(t, gauge("x"))); code != 200 || len(r.store.stored("x")) != 1 {
				t.Errorf("after the store healed: %d, stored %v", code, r.store.names())
			}
		})
	}
}

func TestARequestThatBreaksThePipelineDoesNotEndTheProcess(t *testing.T) {
	r := start(t, "")
	r.store.drop = func(sample) string { panic("index out of range") }
	_, err := pmetricotlp.NewGRPCClient(dial(t, r)).Export(t.Context(), pmetricotlp.NewExportRequestFromMetrics(gauge("x")))
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("over gRPC: %v", err)
	}
	if code, _ := post(t, r, "/v1/metrics", "application/x-protobuf", "", marshal(t, gauge("x"))); code != 500 {
		t.Errorf("over HTTP: %d", code)
	}
	if n := r.store.rolledBack; n != 2 {
		t.Errorf("%d batches were taken back, want 2", n)
	}
}

func TestFailedTracesAreKeptAndSpansAreCounted(t *testing.T) {
	r := start(t, strings.NewReplacer("decision_wait: 5s", "decision_wait: 10ms", "metrics_flush_interval: 15s", "metrics_flush_interval: 50ms").Replace(string(DefaultConfig())))
	exp, err := otlptracegrpc.New(t.Context(), otlptracegrpc.WithEndpoint(r.Endpoints().GRPC), otlptracegrpc.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exp), sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "checkout"))))
	_, span := tp.Tracer("test").Start(t.Context(), "charge")
	span.End()
	_, failed := tp.Tracer("test").Start(t.Context(), "refund")
	failed.SetStatus(otelcodes.Error, "card declined")
	failed.End()
	if err := tp.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	patience.Until(t, "the failed trace is kept", func() bool {
		for _, n := range r.traces.names() {
			if n == "refund" {
				return true
			}
		}
		return false
	})
	patience.Until(t, "span metrics are stored", func() bool { return len(r.store.stored("traces_span_metrics_calls_total")) > 0 })
	for _, x := range r.store.stored("traces_span_metrics_calls_total") {
		if strings.Contains(x.labels, "collector_instance") {
			t.Errorf("a label that is new at each start: %s", x.labels)
		}
	}
	patience.Until(t, "durations are in seconds", func() bool {
		return len(r.store.stored("traces_span_metrics_duration_seconds_count")) > 0
	})
}

func TestATraceStoreThatFailsIsCountedAndNotTold(t *testing.T) {
	r := start(t, strings.Replace(string(DefaultConfig()), "[burnline_sampling]", "[]", 1))
	r.traces.err = errDisk
	exp, err := otlptracegrpc.New(t.Context(), otlptracegrpc.WithEndpoint(r.Endpoints().GRPC), otlptracegrpc.WithInsecure(),
		otlptracegrpc.WithRetry(otlptracegrpc.RetryConfig{}))
	if err != nil {
		t.Fatal(err)
	}
	tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exp))
	_, span := tp.Tracer("test").Start(t.Context(), "charge")
	span.End()
	if err := tp.ForceFlush(t.Context()); err != nil {
		t.Errorf("the client was told: %v", err)
	}
	if n := r.value(t, "burnline_collector_lost_spans_total"); n != 1 {
		t.Errorf("%v lost spans counted", n)
	}
}

func dial(t *testing.T, r *running) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(r.Endpoints().GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func gauge(name string) pmetric.Metrics {
	md := pmetric.NewMetrics()
	m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName(name)
	m.SetEmptyGauge().DataPoints().AppendEmpty().SetTimestamp(pcommon.NewTimestampFromTime(noon))
	return md
}

func marshal(t *testing.T, md pmetric.Metrics) []byte {
	t.Helper()
	b, err := pmetricotlp.NewExportRequestFromMetrics(md).MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
