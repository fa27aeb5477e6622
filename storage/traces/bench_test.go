package traces

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/tracesearch"
)

// typical is a trace of 12 spans of 4 services with the attributes that HTTP and database
// instrumentation sets.
func typical(n int) ptrace.Traces {
	td := ptrace.NewTraces()
	for service := range 4 {
		rs := td.ResourceSpans().AppendEmpty()
		attrs := rs.Resource().Attributes()
		attrs.PutStr("service.name", fmt.Sprint("service-", service))
		attrs.PutStr("service.instance.id", fmt.Sprint("pod-", n%50))
		attrs.PutStr("cloud.region", "eu-west-1")
		for i := range 3 {
			s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
			s.SetTraceID(pcommon.TraceID{byte(n), byte(n >> 8), byte(n >> 16), 1})
			s.SetSpanID(pcommon.SpanID{byte(n), byte(n >> 8), byte(service), byte(i), 1})
			s.SetName(fmt.Sprint("GET /route/", i))
			s.SetStartTimestamp(pcommon.NewTimestampFromTime(noon.Add(time.Duration(n) * time.Millisecond)))
			s.SetEndTimestamp(pcommon.NewTimestampFromTime(noon.Add(time.Duration(n)*time.Millisecond + time.Second)))
			s.Attributes().PutStr("http.request.method", "GET")
			s.Attributes().PutStr("url.path", fmt.Sprint("/route/", i, "/", n))
			s.Attributes().PutInt("http.response.status_code", 200)
			s.Attributes().PutStr("server.address", fmt.Sprint("host-", service))
			s.Attributes().PutStr("enduser.id", fmt.Sprint("customer-", n))
		}
	}
	return td
}

// filled keeps so many typical traces.
func filled(b *testing.B, total int) *Store {
	b.Helper()
	s := open(b, Options{MaxTraces: total + 1, MaxBytes: 8 << 30})
	for n := range total {
		if err := s.Append(b.Context(), typical(n)); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

const kept = 100_000

// BenchmarkSearch searches as many traces as are kept at most.
func BenchmarkSearch(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := filled(b, kept)
	runtime.GC()
	runtime.ReadMemStats(&after)
	rare, err := tracesearch.Parse(`{ span.enduser.id =~ "customer-7" }`)
	if err != nil {
		b.Fatal(err)
	}
	for _, of := range []struct {
		name string
		q    tracesearch.Query
	}{
		{"the latest", tracesearch.Query{}},
		{"one customer", tracesearch.Query{Where: tracesearch.Attribute("enduser.id", "customer-7")}},
		{"what is not there", tracesearch.Query{Where: tracesearch.Service("nobody")}},
		{"what no index speeds up", tracesearch.Query{Where: rare}},
	} {
		b.Run(of.name, func(b *testing.B) {
			inspected := 0
			for b.Loop() {
				answer, err := s.Search(b.Context(), of.q)
				if err != nil {
					b.Fatal(err)
				}
				inspected = answer.Inspected
			}
			b.ReportMetric(float64(inspected), "read/op")
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/kept, "B/trace")
			b.ReportMetric(float64(s.bytes())/kept, "disk-B/trace")
		})
	}
}

// BenchmarkAppend keeps typical traces.
func BenchmarkAppend(b *testing.B) {
	s := open(b, Options{MaxTraces: 1 << 30})
	td := typical(1)
	for b.Loop() {
		if err := s.Append(b.Context(), td); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(td.SpanCount())*float64(b.N)/b.Elapsed().Seconds(), "spans/s")
}
