package tempo

import (
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/tracesearch"
)

// The answer of a search. 64-bit numbers are texts, as in the JSON form of protobuf.
type (
	searchJSON struct {
		Traces  []traceJSON `json:"traces"`
		Metrics metricsJSON `json:"metrics"`
	}
	traceJSON struct {
		TraceID      string               `json:"traceID"`
		RootService  string               `json:"rootServiceName"`
		RootName     string               `json:"rootTraceName"`
		Start        string               `json:"startTimeUnixNano"`
		DurationMs   int64                `json:"durationMs"`
		SpanSet      spanSetJSON          `json:"spanSet"`
		SpanSets     []spanSetJSON        `json:"spanSets"`
		ServiceStats map[string]statsJSON `json:"serviceStats"`
	}
	spanSetJSON struct {
		Spans   []spanJSON `json:"spans"`
		Matched int        `json:"matched"`
	}
	spanJSON struct {
		SpanID     string          `json:"spanID"`
		Name       string          `json:"name"`
		Start      string          `json:"startTimeUnixNano"`
		Duration   string          `json:"durationNanos"`
		Attributes []attributeJSON `json:"attributes"`
	}
	attributeJSON struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	}
	statsJSON struct {
		Spans  int `json:"spanCount"`
		Errors int `json:"errorCount,omitempty"`
	}
	metricsJSON struct {
		Traces    int    `json:"inspectedTraces"`
		Bytes     string `json:"inspectedBytes"`
		Total     int    `json:"totalJobs"`
		Completed int    `json:"completedJobs"`
	}
)

func (h *handler) search(w http.ResponseWriter, r *http.Request) error {
	q, err := queryOf(r.URL.Query())
	if err != nil {
		return err
	}
	answer, err := h.o.Traces.Search(r.Context(), q)
	if err != nil {
		return err
	}
	out := searchJSON{Traces: []traceJSON{}, Metrics: metricsJSON{
		Traces: answer.Inspected, Bytes: strconv.FormatInt(answer.Bytes, 10), Total: 1, Completed: 1,
	}}
	if !answer.Until.IsZero() { // the data source shows that it is not all
		out.Metrics.Total = 2
	}
	for _, f := range answer.Traces {
		out.Traces = append(out.Traces, traceOf(f))
	}
	return write(w, out)
}

func traceOf(f tracesearch.Found) traceJSON {
	out := traceJSON{
		TraceID: f.ID.String(), RootService: f.Service, RootName: f.Name,
		Start: strconv.FormatInt(f.Start, 10), DurationMs: time.Duration(f.End - f.Start).Milliseconds(),
		ServiceStats: map[string]statsJSON{},
	}
	if !f.Rooted {
		out.RootName = "<root span not kept> " + f.Name
	}
	for _, s := range f.Services {
		out.ServiceStats[s.Name] = statsJSON{s.Spans, s.Errors}
	}
	set := spanSetJSON{Matched: f.Matched, Spans: []spanJSON{}}
	for _, m := range f.Matches {
		start, end := tracesearch.Times(m.Span)
		set.Spans = append(set.Spans, spanJSON{
			SpanID: m.Span.SpanID().String(), Name: m.Span.Name(),
			Start: strconv.FormatInt(start, 10), Duration: strconv.FormatInt(end-start, 10), Attributes: attributesOf(m),
		})
	}
	out.SpanSet, out.SpanSets = set, []spanSetJSON{set}
	return out
}

// attributesOf are what a table of spans shows beside its name: the service and what failed.
func attributesOf(m tracesearch.Match) []attributeJSON {
	out := []attributeJSON{{"service.name", map[string]any{"stringValue": tracesearch.ServiceOf(m.Resource)}}}
	if m.Span.Status().Code() == ptrace.StatusCodeError {
		out = append(out, attributeJSON{"status", map[string]any{"stringValue": "error"}})
		if text := m.Span.Status().Message(); text != "" {
			out = append(out, attributeJSON{"statusMessage", map[string]any{"stringValue": text}})
		}
	}
	for _, name := range []string{"http.route", "http.response.status_code", "http.status_code"} {
		if v, ok := m.Span.Attributes().Get(name); ok {
			out = append(out, attributeJSON{name, valueJSON(v)})
		}
	}
	return out
}

func valueJSON(v pcommon.Value) map[string]any {
	switch v.Type() {
	case pcommon.ValueTypeInt:
		return map[string]any{"intValue": strconv.FormatInt(v.Int(), 10)}
	case pcommon.ValueTypeDouble:
		return map[string]any{"doubleValue": v.Double()}
	case pcommon.ValueTypeBool:
		return map[string]any{"boolValue": v.Bool()}
	default:
		return map[string]any{"stringValue": v.AsString()}
	}
}
