package slo

import (
	"encoding/hex"
	"hash/fnv"
	"io"
	"strings"
)

// SpanEvents is the name of the counters that the collector makes of judged spans. Their
// labels are SpanSeries, those of the group, and outcome, which is good or bad.
const SpanEvents = "slo_span_events_total"

// The labels of SpanEvents besides those of the group.
const (
	// SpanLabelSLO is service/name, for all objectives of the SLO together.
	SpanLabelSLO = "slo"
	// SpanLabelJudged stands for the conditions: where they change, counting begins anew.
	SpanLabelJudged = "judged"
	// SpanLabelOutcome is good or bad.
	SpanLabelOutcome = "outcome"
	// SpanLabelJob is the spans' service.
	SpanLabelJob = "job"
	// SpanLabelInstance tells apart the nodes that count into one store, and on counters of
	// spans that came late the processes that counted them. A store of one node has it on these only.
	SpanLabelInstance = "instance"
)

// SpansSLI counts the spans of a service that Where selects; those for which Bad
// holds are bad. Both are conditions in OTTL, with durations as docs/spans.md says.
type SpansSLI struct {
	// Service is the service.name of the spans' resource.
	Service string
	// Where selects the spans that are events; "" takes all of the service.
	Where string
	// Bad says which of them broke the promise.
	Bad string
	// Attributes are those that split the budget, one for each label of GroupBy: of the
	// span, else of its resource.
	Attributes []string
}

// Serves reports whether the counted spans are those of requests that the service serves, one
// each.
func (s *SpansSLI) Serves() bool {
	return s.Where == spanServer || strings.HasPrefix(s.Where, spanServer+" and ")
}

// spanServer is the condition for spans that serve a request.
const spanServer = "kind == SPAN_KIND_SERVER"

// SpanLabels are the labels that groups can't have, since the counters of spans have
// them already.
func SpanLabels() []string {
	return []string{SpanLabelSLO, SpanLabelJudged, SpanLabelOutcome, SpanLabelJob, SpanLabelInstance}
}

// Conditions stands for all that decides how a span counts: two SLIs with the same
// value judge every span alike.
func (s *SpansSLI) Conditions() string {
	h := fnv.New64a()
	for _, text := range append([]string{s.Service, s.Where, s.Bad}, s.Attributes...) {
		_, _ = io.WriteString(h, text+"\x00") // never fails
	}
	return hex.EncodeToString(h.Sum(nil))
}

// SpanSeries returns the labels that all counters of the SLO's spans have; nil for
// other kinds of SLI.
func (d *Definition) SpanSeries() Labels {
	if d.SLI.Spans == nil {
		return nil
	}
	return Labels{
		{Name: MetricName, Value: SpanEvents},
		{Name: SpanLabelJudged, Value: d.SLI.Spans.Conditions()},
		{Name: SpanLabelSLO, Value: d.Service + "/" + d.Name},
	}
}

// Counters returns the counters by which events are counted: those of an events SLI, and
// those that are made of spans; nil for other kinds.
func (d *Definition) Counters() *EventsSLI {
	if d.SLI.Spans == nil {
		return d.SLI.Events
	}
	all := Selector{}
	for _, l := range d.SpanSeries() {
		if l.Name == MetricName {
			all.Name = l.Value
			continue
		}
		all.Matchers = append(all.Matchers, Matcher{Label: l.Name, Op: MatchEqual, Value: l.Value})
	}
	bad := Selector{Name: all.Name, Matchers: append(all.Matchers[:len(all.Matchers):len(all.Matchers)],
		Matcher{Label: SpanLabelOutcome, Op: MatchEqual, Value: "bad"})}
	return &EventsSLI{Bad: Sum{{Selector: bad}}, Total: Sum{{Selector: all}}}
}
