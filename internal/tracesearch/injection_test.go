package tracesearch_test

import (
	"strconv"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"burnline/internal/harness/nasty"
	"burnline/internal/tracesearch"
	"burnline/internal/tracesearch/tracetest"
)

// An attribute's value that is asked for, in TraceQL or by a form, finds the span that has it and no other.
func TestATextFromOutsideIsOneValueOfAQueryForTraces(t *testing.T) {
	for name, text := range nasty.Texts() {
		td := tracetest.Build(1, time.Unix(1, 0), tracetest.Span{Service: "shop", Name: text, Took: time.Second, Attributes: []string{"who", text}},
			tracetest.Span{Parent: 1, Service: text, Name: "other", Took: time.Second, Attributes: []string{"who", "other"}})
		sum := tracesearch.Summarize(pcommon.TraceID{1}, td)
		for by, query := range map[string]string{
			"an attribute": `{ .who = ` + strconv.Quote(text) + ` }`, "the name of a span": `{ name = ` + strconv.Quote(text) + ` }`,
			"a service": `{ resource.service.name = ` + strconv.Quote(text) + ` && duration > 1ms }`,
		} {
			e, err := tracesearch.Parse(query)
			if err != nil {
				t.Errorf("%s, by %s: %v", name, by, err)
				continue
			}
			if n, _ := tracesearch.Matches(td, &sum, e, 10); n != 1 {
				t.Errorf("%s, by %s: %s finds %d spans, want 1", name, by, query, n)
			}
		}
		for by, e := range map[string]tracesearch.Expr{"an attribute": tracesearch.Attribute("who", text), "the name of a span": tracesearch.SpanName(text), "a service": tracesearch.Service(text), "any of some": tracesearch.Anywhere([]string{"who"}, text)} {
			if n, _ := tracesearch.Matches(td, &sum, e, 10); n != 1 {
				t.Errorf("%s, by %s of a form: it finds %d spans, want 1", name, by, n)
			}
		}
	}
}
