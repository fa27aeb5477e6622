package judge

import (
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/spancond"
	"burnline/slo"
)

// dotted is the attribute that a label may stand for.
func dotted(label string) string { return strings.ReplaceAll(label, "_", ".") }

// shown is the room in which spans are shown, used again and again.
type shown struct {
	spans  []slo.JudgedSpan
	values []string
	// resource is whose values of compared attributes are held.
	resource ptrace.ResourceSpans
	held     []string
}

// show hands the spans that were not counted before to the sink, once for each SLO.
func (j *Judge) show(r *request, spans []spancond.Span) {
	if j.opts.Sink == nil {
		return
	}
	room, ok := j.shown.Get().(*shown)
	if !ok {
		room = &shown{}
	}
	// The values of all spans stand in one slice, which must not move.
	room.values = slices.Grow(room.values[:0], len(spans)*len(j.opts.Compare))
	last, served := int32(-1), slo.JudgedSpan{}
	for i := range r.events {
		e := &r.events[i]
		if !r.fresh[e.span] {
			continue
		}
		if e.span != last {
			last, served = e.span, j.shownSpan(spans[e.span], room)
		}
		one := served
		one.Bad = e.bad
		if e.rule.customer != "" {
			one.Customer = j.customer(e.rule.customer, spans[e.span])
		}
		if e.group != nil {
			one.Group = e.group.named
		} else {
			one.Group = e.rule.groupOf(e.values)
		}
		for _, id := range e.rule.ids {
			one.SLO = id
			room.spans = append(room.spans, one)
		}
	}
	if len(room.spans) > 0 {
		j.opts.Sink.Judged(room.spans)
	}
	clear(room.spans)
	clear(room.values)
	clear(room.held)
	room.spans, room.resource = room.spans[:0], ptrace.ResourceSpans{}
	j.shown.Put(room)
}

// shownSpan is what the sink is told of a span, whatever SLO judges it.
func (j *Judge) shownSpan(s spancond.Span, room *shown) slo.JudgedSpan {
	resource, own := s.Resource.Resource().Attributes(), s.Span.Attributes()
	one := slo.JudgedSpan{
		End: s.Span.EndTimestamp().AsTime(), Duration: spancond.Took(s.Span),
		Trace: s.Span.TraceID(), Span: s.Span.SpanID(),
		Name: s.Span.Name(), Message: s.Span.Status().Message(),
	}
	if len(j.opts.Compare) > 0 {
		if room.resource != s.Resource {
			room.resource, room.held = s.Resource, room.held[:0]
			for _, name := range j.opts.Compare {
				room.held = append(room.held, attribute(name, resource, resource))
			}
		}
		first := len(room.values)
		room.values = append(room.values, room.held...)
		one.Values = room.values[first:len(room.values):len(room.values)]
		j.compare(own, one.Values)
	}
	one.Customer = j.customer(j.opts.Customer, s)
	return one
}

// customer is the number of who was served by a span, whom an attribute names; 0 is nobody.
func (j *Judge) customer(name string, s spancond.Span) uint64 {
	if name == "" || j.opts.Hash == nil {
		return 0
	}
	who := attribute(name, s.Span.Attributes(), s.Resource.Resource().Attributes())
	if who == "" {
		return 0
	}
	return j.opts.Hash(who)
}

// compare puts those of the compared attributes in place that the span has itself.
func (j *Judge) compare(own pcommon.Map, values []string) {
	for name, v := range own.All() {
		if i, compared := j.compared.find(name); compared {
			values[i] = text(v)
		}
	}
}
