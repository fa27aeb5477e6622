package shop_test

import (
	"context"
	"net"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
)

// sink is an OTLP receiver that keeps the newest export of each service and
// region, and every span.
type sink struct {
	addr string

	mu      sync.Mutex
	metrics map[string]pmetric.ResourceMetrics
	spans   []ptrace.ResourceSpans
}

type metricServer struct {
	pmetricotlp.UnimplementedGRPCServer
	sink *sink
}

type traceServer struct {
	ptraceotlp.UnimplementedGRPCServer
	sink *sink
}

func newSink(t *testing.T) *sink {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{addr: ln.Addr().String(), metrics: map[string]pmetric.ResourceMetrics{}}
	server := grpc.NewServer()
	pmetricotlp.RegisterGRPCServer(server, &metricServer{sink: s})
	ptraceotlp.RegisterGRPCServer(server, &traceServer{sink: s})
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(ln); err != nil {
			t.Errorf("serve OTLP: %v", err)
		}
	}()
	t.Cleanup(func() {
		server.Stop()
		<-served
	})
	return s
}

func (m *metricServer) Export(_ context.Context, req pmetricotlp.ExportRequest) (pmetricotlp.ExportResponse, error) {
	m.sink.mu.Lock()
	defer m.sink.mu.Unlock()
	for _, rm := range req.Metrics().ResourceMetrics().All() {
		kept := pmetric.NewResourceMetrics()
		rm.CopyTo(kept)
		m.sink.metrics[identity(rm.Resource())] = kept
	}
	return pmetricotlp.NewExportResponse(), nil
}

func (s *traceServer) Export(_ context.Context, req ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	for _, rs := range req.Traces().ResourceSpans().All() {
		kept := ptrace.NewResourceSpans()
		rs.CopyTo(kept)
		s.sink.spans = append(s.sink.spans, kept)
	}
	return ptraceotlp.NewExportResponse(), nil
}

// identity is service.name/cloud.region of a resource.
func identity(r pcommon.Resource) string {
	name, _ := r.Attributes().Get("service.name")
	region, _ := r.Attributes().Get("cloud.region")
	return name.AsString() + "/" + region.AsString()
}

// all returns the newest metrics of every service as one payload.
func (s *sink) all() pmetric.Metrics {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := pmetric.NewMetrics()
	for _, rm := range s.metrics {
		rm.CopyTo(all.ResourceMetrics().AppendEmpty())
	}
	return all
}

// requests returns how many requests of one status a service in a region has
// reported, and how many of those took longer than a quarter of a second.
func (s *sink) requests(identity string, status int64) (count, slow uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rm, ok := s.metrics[identity]
	if !ok {
		return 0, 0
	}
	for _, sm := range rm.ScopeMetrics().All() {
		for _, m := range sm.Metrics().All() {
			if m.Name() != "http.server.request.duration" {
				continue
			}
			for _, p := range m.Histogram().DataPoints().All() {
				code, _ := p.Attributes().Get("http.response.status_code")
				if code.Int() != status {
					continue
				}
				count += p.Count()
				slow += above(p, 0.25)
			}
		}
	}
	return count, slow
}

func above(p pmetric.HistogramDataPoint, bound float64) uint64 {
	var n uint64
	for i, c := range p.BucketCounts().All() {
		if i > 0 && p.ExplicitBounds().At(i-1) >= bound {
			n += c
		}
	}
	return n
}

// traced reports whether one trace joins server spans of all three services,
// and whether its spans name the customer.
func (s *sink) traced() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	services := map[pcommon.TraceID]map[string]bool{}
	for _, rs := range s.spans {
		name, _ := rs.Resource().Attributes().Get("service.name")
		for _, ss := range rs.ScopeSpans().All() {
			for _, span := range ss.Spans().All() {
				if _, named := span.Attributes().Get("enduser.id"); !named || span.Kind() != ptrace.SpanKindServer {
					continue
				}
				if services[span.TraceID()] == nil {
					services[span.TraceID()] = map[string]bool{}
				}
				services[span.TraceID()][name.AsString()] = true
				if len(services[span.TraceID()]) == 3 {
					return true
				}
			}
		}
	}
	return false
}
