package collector

import (
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"burnline/slo"
)

func TestJudgesFindsTheConnector(t *testing.T) {
	for _, c := range []struct {
		name, config string
		want         bool
	}{
		{"an exporter of a pipeline", "service: {pipelines: {traces: {exporters: [burnline_slo]}}}", true},
		{"one with a name", "service: {pipelines: {traces: {exporters: [x, burnline_slo/a]}}}", true},
		{"named, and in no pipeline", "connectors: {burnline_slo: {}}\nservice: {pipelines: {traces: {exporters: [x]}}}", false},
		{"no YAML", "{", false},
	} {
		if got := Judges([]byte(c.config)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if !Judges(nil) {
		t.Error("the built-in pipeline counts no spans")
	}
}

// checkout is an SLO on the spans of a checkout.
func checkout() slo.Definition {
	return slo.Definition{ID: "checkout/a", Name: "a", Service: "checkout", SLI: slo.SLI{
		Spans: &slo.SpansSLI{Service: "checkout", Where: "kind == SPAN_KIND_SERVER", Bad: "status.code == STATUS_CODE_ERROR"},
	}}
}

// failedSpan is a request with one bad span of the checkout.
func failedSpan(id byte) ptraceotlp.ExportRequest {
	td := ptrace.NewTraces()
	r := td.ResourceSpans().AppendEmpty()
	r.Resource().Attributes().PutStr("service.name", "checkout")
	s := r.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	s.SetName("POST /pay")
	s.SetTraceID([16]byte{id})
	s.SetSpanID([8]byte{id})
	s.SetKind(ptrace.SpanKindServer)
	s.Status().SetCode(ptrace.StatusCodeError)
	s.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	s.SetEndTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	return ptraceotlp.NewExportRequestFromTraces(td)
}

// The answer comes after the commit: a store that fails is told, and nothing goes further.
func TestSpansAreCountedBeforeTheyAreAnswered(t *testing.T) {
	r := start(t, strings.Replace(string(DefaultConfig()), "[burnline_sampling]", "[]", 1))
	if err := r.SetDefinitions([]slo.Definition{checkout()}); err != nil {
		t.Fatal(err)
	}
	client := ptraceotlp.NewGRPCClient(dial(t, r))
	r.store.fail(nil, errDisk)
	if _, err := client.Export(t.Context(), failedSpan(1)); err == nil || !strings.Contains(err.Error(), "Unavailable") {
		t.Errorf("a commit that fails is answered with %v", err)
	}
	if got := r.traces.names(); len(got) > 0 {
		t.Errorf("%v went on although nothing was counted", got)
	}
	r.store.fail(nil, nil)
	for range 2 { // the second is a repetition
		if _, err := client.Export(t.Context(), failedSpan(1)); err != nil {
			t.Fatal(err)
		}
	}
	last := map[string]float64{}
	for _, x := range r.store.stored(slo.SpanEvents) {
		last[x.labels] = x.v
	}
	for labels, v := range last {
		if want := map[bool]float64{true: 1}[strings.Contains(labels, `outcome="bad"`)]; v != want {
			t.Errorf("%s is %v, want %v", labels, v, want)
		}
	}
	if len(last) != 2 {
		t.Errorf("there are %d counters, want 2", len(last))
	}
}
