package judge

import (
	"strings"

	"burnline/internal/spancond"
	"burnline/slo"
)

// dotted is the attribute that a label may stand for.
func dotted(label string) string { return strings.ReplaceAll(label, "_", ".") }

// show hands the spans that were not counted before to the sink, once for each SLO.
func (j *Judge) show(r *request, spans []spancond.Span) {
	if j.opts.Sink == nil {
		return
	}
	pooled, ok := j.shown.Get().(*[]slo.JudgedSpan)
	if !ok {
		pooled = &[]slo.JudgedSpan{}
	}
	all := (*pooled)[:0]
	last, served := int32(-1), slo.JudgedSpan{}
	for i := range r.events {
		e := &r.events[i]
		if !r.fresh[e.span] {
			continue
		}
		if e.span != last {
			last, served = e.span, j.shownSpan(spans[e.span])
		}
		one := served
		one.Bad = e.bad
		values := e.values
		if e.group != nil {
			values = e.group.values
		}
		one.Group = e.rule.groupOf(values)
		for _, id := range e.rule.ids {
			one.SLO = id
			all = append(all, one)
		}
	}
	if len(all) > 0 {
		j.opts.Sink.Judged(all)
	}
	clear(all)
	*pooled = all[:0]
	j.shown.Put(pooled)
}

// shownSpan is what the sink is told of a span, whatever SLO judges it.
func (j *Judge) shownSpan(s spancond.Span) slo.JudgedSpan {
	resource, own := s.Resource.Resource().Attributes(), s.Span.Attributes()
	one := slo.JudgedSpan{
		End: s.Span.EndTimestamp().AsTime(), Duration: spancond.Took(s.Span),
		Trace: s.Span.TraceID(), Span: s.Span.SpanID(),
		Name: s.Span.Name(), Message: s.Span.Status().Message(),
	}
	if len(j.opts.Compare) > 0 {
		one.Values = make([]string, len(j.opts.Compare))
		for i, name := range j.opts.Compare {
			one.Values[i] = attribute(name, own, resource)
		}
	}
	if j.opts.Customer != "" && j.opts.Hash != nil {
		if who := attribute(j.opts.Customer, own, resource); who != "" {
			one.Customer = j.opts.Hash(who)
		}
	}
	return one
}
