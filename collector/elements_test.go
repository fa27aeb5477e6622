package collector

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// within wraps a message into the fields, outermost first. It writes from the
// inside out, so that very deep messages are quick to make.
func within(msg []byte, fields ...protowire.Number) []byte {
	heads := make([][]byte, 0, len(fields))
	size := len(msg)
	for _, f := range slices.Backward(fields) {
		head := protowire.AppendVarint(protowire.AppendTag(nil, f, protowire.BytesType), uint64(size))
		heads, size = append(heads, head), size+len(head)
	}
	slices.Reverse(heads)
	return append(bytes.Join(heads, nil), msg...)
}

// deep is a request with one attribute that is lists within lists. A million of them,
// which fit into a body, overflow the stack.
func deep(to ...protowire.Number) []byte {
	return within(nil, append(to, slices.Repeat([]protowire.Number{5, 1}, 1<<15)...)...)
}

func TestARequestCannotOverflowTheStack(t *testing.T) {
	r := start(t, "")
	metrics := deep(1, 2, 2, 5, 1, 7, 2)
	if code, answer := post(t, r, "/v1/metrics", typeProto, "gzip", zip(t, metrics)); code != http.StatusBadRequest || !strings.Contains(answer, "deeper than") {
		t.Errorf("metrics over HTTP: got %d %s", code, answer)
	}
	if code, answer := post(t, r, "/v1/traces", typeProto, "gzip", zip(t, deep(1, 2, 2, 9, 2))); code != http.StatusBadRequest || !strings.Contains(answer, "deeper than") {
		t.Errorf("traces over HTTP: got %d %s", code, answer)
	}
	json := `{"resourceMetrics":[{"resource":{"attributes":[{"key":"a","value":` + strings.Repeat(`{"arrayValue":{"values":[`, 30_000)
	if code, answer := post(t, r, "/v1/metrics", typeJSON, "", []byte(json)); code != http.StatusBadRequest || !strings.Contains(answer, "deeper than") {
		t.Errorf("JSON: got %d %s", code, answer)
	}
	var answer []byte
	err := dial(t, r).Invoke(t.Context(), "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", metrics, &answer, grpc.ForceCodecV2(rawCodec{}))
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("gRPC: got %v", err)
	}
}

func TestASmallBodyCannotBecomeMillionsOfElements(t *testing.T) {
	r := start(t, "")
	empty := bytes.Repeat(within(nil, 1), maxElements+1)
	for name, body := range map[string][]byte{
		"points":     within(empty, 1, 2, 2, 5),
		"metrics":    within(bytes.Repeat(within(nil, 2), maxElements+1), 1, 2),
		"attributes": within(empty, 1, 1),
		"resources":  empty,
	} {
		if code, answer := post(t, r, "/v1/metrics", typeProto, "gzip", zip(t, body)); code != http.StatusBadRequest || !strings.Contains(answer, "send smaller batches") {
			t.Errorf("%s: got %d %s", name, code, answer)
		}
	}
	json := `{"resourceMetrics":[` + strings.Repeat(`{},`, maxElements+1) + `{}]}`
	if code, answer := post(t, r, "/v1/metrics", typeJSON, "gzip", zip(t, []byte(json))); code != http.StatusBadRequest || !strings.Contains(answer, "send smaller batches") {
		t.Errorf("JSON: got %d %s", code, answer)
	}
}

// The table of fields is ours, the encoder is not: what it encodes is counted.
func TestElementsAreCountedAsTheyAreEncoded(t *testing.T) {
	value := func(m pcommon.Map) { m.PutEmptySlice("list").AppendEmpty().SetEmptyMap().PutStr("k", "v") }
	const inValue = 3 // the list's value, its key with its value, and that one's value: see below
	md := pmetric.NewMetrics()
	m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	p := m.SetEmptySum().DataPoints().AppendEmpty()
	value(p.Attributes())
	value(p.Exemplars().AppendEmpty().FilteredAttributes())
	body := marshal(t, md)
	whole := metricsRequest().count(body, 1000, maxNesting)
	m.Sum().DataPoints().AppendEmpty()
	if more := metricsRequest().count(marshal(t, md), 1000, maxNesting); more != whole+1 {
		t.Errorf("one more point: %d after %d", more, whole)
	}
	value(p.Exemplars().AppendEmpty().FilteredAttributes())
	if more := metricsRequest().count(marshal(t, md), 1000, maxNesting); more < whole+2+inValue {
		t.Errorf("one more exemplar with an attribute: %d after %d", more, whole)
	}
	td := ptrace.NewTraces()
	span := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	value(span.Events().AppendEmpty().Attributes())
	value(span.Links().AppendEmpty().Attributes())
	raw, err := ptraceotlp.NewExportRequestFromTraces(td).MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	if n := tracesRequest().count(raw, 1000, maxNesting); n < 2*inValue+5 {
		t.Errorf("traces: %d elements", n)
	}
}

func TestLargeBodiesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := newTurns(4*shareBytes, time.Second)
		first, err := gate.take(t.Context(), 3*shareBytes)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := gate.take(t.Context(), 1); status.Code(err) != codes.Unavailable {
			t.Errorf("all is in use, and %v", err)
		}
		first()
		// Larger than all there is: it has everything for itself.
		huge, err := gate.take(t.Context(), 100*shareBytes)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := gate.take(ctx, 1); status.Code(err) != codes.Unavailable {
			t.Errorf("the sender has gone, and %v", err)
		}
		waited := make(chan error)
		go func() {
			release, err := gate.take(t.Context(), 1)
			if err == nil {
				release()
			}
			waited <- err
		}()
		synctest.Wait()
		huge()
		if err := <-waited; err != nil {
			t.Errorf("there is room again, and %v", err)
		}
	})
}
