package tempo

import (
	"encoding/json"
	"net/http"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/protobuf/encoding/protowire"

	"burnline/internal/tracesearch"
)

// trace answers with a trace. As protobuf it is OTLP's TracesData, whose only field has the
// number and the type of that of Tempo's Trace.
func (h *handler) trace(w http.ResponseWriter, r *http.Request) error {
	td, err := h.find(r)
	if err != nil {
		return err
	}
	if wantsProtobuf(r) {
		return protobuf(w, td, func(data []byte) []byte { return data })
	}
	spans, err := resourceSpans(td)
	if err != nil {
		return err
	}
	return write(w, map[string]any{"batches": spans})
}

// traceV2 answers with a trace in an envelope: field 1 of Tempo's TraceByIDResponse.
func (h *handler) traceV2(w http.ResponseWriter, r *http.Request) error {
	td, err := h.find(r)
	if err != nil {
		return err
	}
	if wantsProtobuf(r) {
		return protobuf(w, td, func(data []byte) []byte {
			return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), data)
		})
	}
	spans, err := resourceSpans(td)
	if err != nil {
		return err
	}
	return write(w, map[string]any{"trace": map[string]any{"resourceSpans": spans}, "metrics": map[string]any{}})
}

func (h *handler) find(r *http.Request) (ptrace.Traces, error) {
	id, ok := tracesearch.ParseID(r.PathValue("id"))
	if !ok {
		return ptrace.NewTraces(), bad("a trace id is 1 to 32 hexadecimal digits")
	}
	return h.o.Traces.Trace(r.Context(), id)
}

func protobuf(w http.ResponseWriter, td ptrace.Traces, envelope func([]byte) []byte) error {
	var m ptrace.ProtoMarshaler
	data, err := m.MarshalTraces(td)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/protobuf")
	_, _ = w.Write(envelope(data))
	return nil
}

// resourceSpans are the spans in OTLP's JSON form, ids in hexadecimal.
func resourceSpans(td ptrace.Traces) (json.RawMessage, error) {
	var m ptrace.JSONMarshaler
	data, err := m.MarshalTraces(td)
	if err != nil {
		return nil, err
	}
	var all struct {
		ResourceSpans json.RawMessage `json:"resourceSpans"`
	}
	return all.ResourceSpans, json.Unmarshal(data, &all)
}
