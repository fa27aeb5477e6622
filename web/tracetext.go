package web

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/alerting"
	"burnline/internal/tracesearch"
	"burnline/slo"
	"burnline/web/waterfall"
)

// The lengths of what spans say, in characters: in a sentence, and in a row.
const (
	mostSaid  = 160
	mostNamed = 120
)

// spanOf is a span as the waterfall takes it.
func spanOf(service string, span ptrace.Span) waterfall.Span {
	start, end := tracesearch.Times(span)
	out := waterfall.Span{
		ID: span.SpanID().String(), Service: service, Name: span.Name(), Kind: strings.ToLower(span.Kind().String()),
		Start: start, End: end, Failed: span.Status().Code() == ptrace.StatusCodeError,
	}
	if !span.ParentSpanID().IsEmpty() {
		out.Parent = span.ParentSpanID().String()
	}
	if out.Failed {
		out.Message = failureText(span)
	}
	return out
}

// failureText is what the status says, or else the last exception.
func failureText(span ptrace.Span) string {
	text := span.Status().Message()
	for _, event := range span.Events().All() {
		if text != "" || event.Name() != "exception" {
			continue
		}
		for _, name := range []string{"exception.message", "exception.type"} {
			if v, ok := event.Attributes().Get(name); ok && text == "" {
				text = v.AsString()
			}
		}
	}
	return clipped(text, mostSaid)
}

// clipped puts text on one line of at most so many characters.
func clipped(text string, most int) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) <= most {
		return string(r)
	}
	return string(r[:most-1]) + "…"
}

// subjectOf says what a trace was about: the journey of an SLO that it is bad for, else the
// name of its first span.
func (s *server) subjectOf(v *traceView) string {
	for _, id := range v.Summary.SLOs {
		if d := s.definition(id); d != nil && strings.TrimSpace(d.Journey) != "" {
			return alerting.Title(d, slo.Incident{SLO: id})
		}
	}
	return whose(&v.Nodes[v.Main])
}

func whose(n *waterfall.Node) string {
	return clipped(cmp.Or(n.Name, "a span without a name"), mostNamed) + " of " + clipped(n.Service, mostNamed)
}

// Sentence tells the trace in one sentence: how long it took, whether it failed and where, and
// where the time went.
func (v *traceView) Sentence() string {
	main := &v.Nodes[v.Main]
	text := v.Subject + " took " + span(main.Took())
	if at := v.Failure(); at >= 0 {
		text += v.failed(at)
	}
	if hot := v.Hottest(); len(hot) > 0 && len(v.Nodes) > 1 {
		text += fmt.Sprintf("; %s of the time was spent in %s: %s", share(hot[0].Share), clipped(hot[0].Service, mostNamed), clipped(hot[0].Name, mostNamed))
	}
	return capital(text) + "."
}

// failed says what failed, beginning with " and".
func (v *traceView) failed(at int) string {
	main, n := &v.Nodes[v.Main], &v.Nodes[at]
	said := strings.TrimRight(n.Message, ".;: ")
	switch {
	case !main.Failed:
		return " and succeeded, although " + whose(n) + " failed" + after(": ", said)
	case at == v.Main:
		return " and failed" + after(": ", said)
	}
	return " and failed in " + clipped(n.Service, mostNamed) + ": " + cmp.Or(said, clipped(n.Name, mostNamed))
}

func after(sign, text string) string {
	if text == "" {
		return ""
	}
	return sign + text
}

// share writes a part of the time: 83 %.
func share(x float64) string {
	if x > 0 && x < 0.01 {
		return "under 1" + nbsp + "%"
	}
	return trimmed(x*100, 0) + nbsp + "%"
}

// Notes say what is wrong with the trace itself.
func (v *traceView) Notes() []string {
	var notes []string
	if !v.Rooted {
		notes = append(notes, "The first span of the trace is not kept, so nobody can say how long all of it took.")
	}
	if v.Orphans > 0 {
		notes = append(notes, fmt.Sprintf("%s a caller that is not kept, so parts of the trace stand beside each other: not everything has come, or not everything was sampled.",
			plural(v.Orphans, "span names", "spans name")))
	}
	if v.Circles > 0 {
		notes = append(notes, plural(v.Circles, "span calls", "spans call")+" each other in a circle; the trace was cut open there.")
	}
	for i, k := range v.Skews {
		if i == 3 {
			notes = append(notes, fmt.Sprintf("The clocks of %s more differ.", plural(len(v.Skews)-i, "service", "services")))
			break
		}
		notes = append(notes, fmt.Sprintf("The clocks of %s and %s differ by about %s: %s moved to lie within the calls. Times as they were sent stand in each span's details.",
			clipped(k.Caller, mostNamed), clipped(k.Service, mostNamed), span(k.By.Abs()), plural(k.Spans, "call was", "calls were")))
	}
	if late := time.Duration(v.End - v.Nodes[v.Main].End); late > 0 && v.Rooted {
		notes = append(notes, fmt.Sprintf("Something went on after the first span had ended, for %s: it was started and not waited for.", span(late)))
	}
	return notes
}
