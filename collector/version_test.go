package collector

import (
	"slices"
	"testing"

	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

// Resources of metrics and of spans say which version a service has; those that name none say
// nothing.
func TestTheVersionsOfServicesAreToldBySpansAndMetrics(t *testing.T) {
	r := prepare(t, "")
	var seen []string
	r.opts.Versions = func(service, version string) { seen = append(seen, service+" "+version) }
	md := gauge("x")
	in := &otlpReceiver{c: r.Collector, metrics: consumertest.NewNop(), traces: consumertest.NewNop()}
	metrics := md.ResourceMetrics().At(0).Resource().Attributes()
	metrics.PutStr("service.name", "checkout")
	for _, version := range []string{"", "2.14.0"} {
		if version != "" {
			metrics.PutStr("service.version", version)
		}
		body, err := pmetricotlp.NewExportRequestFromMetrics(md).MarshalProto()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.ingestMetrics(t.Context(), body, false); err != nil {
			t.Fatal(err)
		}
	}
	td := ptrace.NewTraces()
	rs := td.ResourceSpans().AppendEmpty()
	rs.Resource().Attributes().PutStr("service.name", "cart")
	rs.Resource().Attributes().PutStr("service.version", "7")
	rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty().SetName("add")
	body, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.ingestTraces(t.Context(), body, false); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(seen, []string{"checkout 2.14.0", "cart 7"}) {
		t.Errorf("told are %q", seen)
	}
}
