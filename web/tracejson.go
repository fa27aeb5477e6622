package web

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"burnline/internal/tracesearch"
)

// foundJSON is a trace of the list as the API gives it.
type foundJSON struct {
	ID       string            `json:"id"`
	Service  string            `json:"service"`
	Name     string            `json:"name"`
	Rooted   bool              `json:"rooted"`
	Start    string            `json:"start"`
	Duration float64           `json:"duration_seconds"`
	Spans    int               `json:"spans"`
	Errors   int               `json:"errors"`
	Services []serviceSpanJSON `json:"services"`
	SLOs     []string          `json:"slos"`
	Matched  int               `json:"matched_spans"`
}

type serviceSpanJSON struct {
	Name   string `json:"name"`
	Spans  int    `json:"spans"`
	Errors int    `json:"errors"`
}

func toFound(f tracesearch.Found) foundJSON {
	out := foundJSON{
		ID: f.ID.String(), Service: f.Service, Name: f.Name, Rooted: f.Rooted, Start: nanos(f.Start),
		Duration: time.Duration(f.End - f.Start).Seconds(), Spans: f.Spans, Errors: f.Errors, Matched: f.Matched,
		Services: []serviceSpanJSON{}, SLOs: append([]string{}, f.SLOs...),
	}
	for _, s := range f.Services {
		out.Services = append(out.Services, serviceSpanJSON(s))
	}
	return out
}

// nanos writes Unix nanoseconds without losing any.
func nanos(t int64) string { return time.Unix(0, t).UTC().Format(time.RFC3339Nano) }

// traceFullJSON is one trace as the API gives it.
type traceFullJSON struct {
	foundJSON
	Sentence string          `json:"sentence"`
	Notes    []string        `json:"notes"`
	Failure  string          `json:"failure,omitempty"`
	Hottest  []hotJSON       `json:"hottest"`
	List     []traceSpanJSON `json:"list"`
}

type hotJSON struct {
	Service string  `json:"service"`
	Name    string  `json:"name"`
	Self    float64 `json:"self_seconds"`
	Share   float64 `json:"share"`
}

// traceSpanJSON is one span. Start is by the clock that was set right; Moved says by how much.
type traceSpanJSON struct {
	ID         string         `json:"id"`
	Parent     string         `json:"parent,omitempty"`
	Service    string         `json:"service"`
	Name       string         `json:"name"`
	Kind       string         `json:"kind"`
	Start      string         `json:"start"`
	Duration   float64        `json:"duration_seconds"`
	Moved      float64        `json:"moved_seconds,omitempty"`
	Waited     float64        `json:"self_seconds"`
	Failed     bool           `json:"failed"`
	Message    string         `json:"message,omitempty"`
	Attributes map[string]any `json:"attributes"`
	Resource   map[string]any `json:"resource"`
	Events     []eventJSON    `json:"events"`
	Links      []linkJSON     `json:"links"`
}

type eventJSON struct {
	Name       string         `json:"name"`
	At         string         `json:"at"`
	Attributes map[string]any `json:"attributes"`
}

type linkJSON struct {
	Trace      string         `json:"trace"`
	Span       string         `json:"span"`
	Attributes map[string]any `json:"attributes"`
}

func (v *traceView) toJSON() traceFullJSON {
	out := traceFullJSON{
		foundJSON: toFound(tracesearch.Found{Summary: v.Summary, Matched: v.Summary.Spans}),
		Sentence:  v.Sentence(), Notes: append([]string{}, v.Notes()...), Hottest: []hotJSON{}, List: []traceSpanJSON{},
	}
	if at := v.Failure(); at >= 0 {
		out.Failure = v.Nodes[at].ID
	}
	for _, h := range v.Hottest() {
		out.Hottest = append(out.Hottest, hotJSON{h.Service, h.Name, h.Self.Seconds(), h.Share})
	}
	for i := range v.Nodes {
		out.List = append(out.List, v.spanJSON(i))
	}
	return out
}

func (v *traceView) spanJSON(i int) traceSpanJSON {
	n, one := &v.Nodes[i], v.spans[i]
	out := traceSpanJSON{
		ID: n.ID, Parent: n.Parent, Service: n.Service, Name: n.Name, Kind: n.Kind, Start: nanos(n.Start), Duration: n.Took().Seconds(),
		Moved: n.Moved.Seconds(), Waited: n.Self.Seconds(), Failed: n.Failed, Message: one.Status().Message(),
		Attributes: rawOf(one.Attributes()), Resource: rawOf(v.resources[i].Attributes()), Events: []eventJSON{}, Links: []linkJSON{},
	}
	for _, e := range one.Events().All() {
		out.Events = append(out.Events, eventJSON{e.Name(), nanos(int64(e.Timestamp())), rawOf(e.Attributes())})
	}
	for _, l := range one.Links().All() {
		out.Links = append(out.Links, linkJSON{l.TraceID().String(), l.SpanID().String(), rawOf(l.Attributes())})
	}
	return out
}

// rawOf is a map that JSON can hold: numbers that it has no words for become texts.
func rawOf(m pcommon.Map) map[string]any {
	out := make(map[string]any, m.Len())
	for name, v := range m.All() {
		switch v.Type() {
		case pcommon.ValueTypeDouble:
			if !finite(v.Double()) {
				out[name] = v.AsString()
				continue
			}
			out[name] = v.Double()
		case pcommon.ValueTypeInt, pcommon.ValueTypeBool:
			out[name] = v.AsRaw()
		case pcommon.ValueTypeSlice, pcommon.ValueTypeMap:
			out[name] = v.AsString() // as JSON within a text, so that nothing in it can't be written
		default:
			out[name] = v.AsString()
		}
	}
	return out
}
