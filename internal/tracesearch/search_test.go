package tracesearch

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// shop is a trace of two spans: "GET /buy" of shop calls "charge" of payment, which fails.
func shop() ptrace.Traces {
	td := ptrace.NewTraces()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	add := func(service, name string, id, parent byte, from, took time.Duration) ptrace.Span {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", service)
		rs.Resource().Attributes().PutStr("region", "eu")
		ss := rs.ScopeSpans().AppendEmpty()
		ss.Scope().SetName("library")
		s := ss.Spans().AppendEmpty()
		s.SetTraceID(pcommon.TraceID{1})
		s.SetSpanID(pcommon.SpanID{id})
		if parent != 0 {
			s.SetParentSpanID(pcommon.SpanID{parent})
		}
		s.SetName(name)
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(noon.Add(from)))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(noon.Add(from + took)))
		return s
	}
	buy := add("shop", "GET /buy", 1, 0, 0, 300*time.Millisecond)
	buy.SetKind(ptrace.SpanKindServer)
	buy.Attributes().PutInt("http.status_code", 502)
	buy.Attributes().PutBool("cached", false)
	buy.Attributes().PutStr(SLOAttribute, "shop/all,shop/buy")
	charge := add("payment", "charge", 2, 1, 100*time.Millisecond, 150*time.Millisecond)
	charge.Status().SetCode(ptrace.StatusCodeError)
	charge.Status().SetMessage("card gateway timed out")
	charge.Attributes().PutDouble("amount", 12.5)
	charge.Attributes().PutStr("region", "us")
	charge.Attributes().PutStr("code", "500")
	event := charge.Events().AppendEmpty()
	event.SetName("exception")
	event.Attributes().PutStr("exception.type", "Timeout")
	return td
}

// exact is an index that knows one trace exactly.
type exact struct {
	keys map[uint64]bool
	sum  Summary
}

func (x exact) Has(key uint64) bool     { return x.keys[key] }
func (x exact) Failed() bool            { return x.sum.Errors > 0 }
func (x exact) Duration() time.Duration { return time.Duration(x.sum.End - x.sum.Start) }

func indexOf(td ptrace.Traces) exact {
	x := exact{map[uint64]bool{}, Summarize(pcommon.TraceID{1}, td)}
	Keys(td, func(key uint64) { x.keys[key] = true })
	return x
}

func TestAQueryMatchesTheSpansThatItDescribes(t *testing.T) {
	td := shop()
	for query, want := range map[string]int{
		`{}`:                                                              2,
		`{ true }`:                                                        2,
		`{ false }`:                                                       0,
		`{resource.service.name="shop"}`:                                  1,
		`{ resource.service.name = "cart" }`:                              0,
		`{ .service.name =~ "shop|payment" }`:                             2,
		`{ .service.name !~ "pay.*" }`:                                    1,
		`{ .service.name =~ "pay" }`:                                      0, // the whole text has to fit
		`{ name = "charge" }`:                                             1,
		`{ span:name = 'charge' }`:                                        1,
		"{ name = `charge` }":                                             1,
		`{ status = error }`:                                              1,
		`{ span:status != error }`:                                        1,
		`{ kind = server }`:                                               1,
		`{ statusMessage =~ ".*timed out" }`:                              1,
		`{ duration > 200ms }`:                                            1,
		`{ duration >= 150ms }`:                                           2,
		`{ traceDuration < 1s }`:                                          2,
		`{ trace:duration > 1s }`:                                         0,
		`{ rootServiceName = "shop" }`:                                    2,
		`{ rootName = "GET /buy" }`:                                       2,
		`{ trace:rootService = "payment" }`:                               0,
		`{ span.http.status_code >= 500 }`:                                1,
		`{ span.http.status_code = 502 }`:                                 1,
		`{ span.http.status_code = 502.0 }`:                               1,
		`{ span.http.status_code = "502" }`:                               1,
		`{ span.http.status_code != 502 }`:                                0, // the other span has none
		`{ span.http.status_code < 502 }`:                                 0,
		`{ span.code >= 500 }`:                                            1, // a number that was sent as a text
		`{ span.amount = 12.5 }`:                                          1,
		`{ span.amount > 12 }`:                                            1,
		`{ span.cached = false }`:                                         1,
		`{ .region = "eu" }`:                                              1, // the span's own goes before its resource's
		`{ resource.region = "eu" }`:                                      2,
		`{ span.region = nil }`:                                           1,
		`{ span.region != nil }`:                                          1,
		`{ span.burnline.slo = "shop/buy" }`:                              1,
		`{ span.burnline.slo = "shop/b" }`:                                0,
		`{ event:name = "exception" }`:                                    1,
		`{ event.exception.type = "Timeout" }`:                            1,
		`{ instrumentation:name = "library" }`:                            2,
		`{ trace:id = "01000000000000000000000000000000" }`:               2,
		`{ span:parentID = "0100000000000000" }`:                          1,
		`{ span."region" = "us" }`:                                        1,
		`{ resource.service.name = "shop" && status = error }`:            0, // of one span
		`{ resource.service.name = "shop" || status = error }`:            2,
		`{ !(resource.service.name = "shop") }`:                           1,
		`{ !(.service.name = "shop") && (status = error || name = "x") }`: 1,
		`{ resource.service.name = "shop" && span.http.status_code >= 500 } with(most_recent=true)`: 1,
	} {
		e, err := Parse(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		x := indexOf(td)
		got, first := Matches(td, &x.sum, e, 1)
		if got != want || len(first) != min(want, 1) {
			t.Errorf("%s matches %d spans, want %d", query, got, want)
		}
		if want > 0 && !May(e, x) {
			t.Errorf("%s: the index rules out what matches", query)
		}
	}
}

func TestTheIndexRulesOutWhatIsNotThere(t *testing.T) {
	x := indexOf(shop())
	for query, want := range map[string]bool{
		`{ resource.service.name = "cart" }`:                            false,
		`{ name = "refund" }`:                                           false,
		`{ .region = "asia" && status = error }`:                        false,
		`{ .region = "asia" || status = error }`:                        true,
		`{ duration > 1s }`:                                             false,
		`{ .region != "eu" }`:                                           true,
		`{ .statement = "` + strings.Repeat("x", mostIndexed+1) + `" }`: true, // too long for the index
	} {
		e, err := Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := May(e, x); got != want {
			t.Errorf("%s: got %t", query, got)
		}
	}
}

func TestWhatIsNotSupportedIsRefusedWithItsPlace(t *testing.T) {
	for query, want := range map[string]string{
		``:                                   `at character 1: a query begins with {, not with the end`,
		`service="shop"`:                     `at character 1: a query begins with {, not with "service"`,
		`{ name = "x" } | rate()`:            `at character 16: pipelines such as | rate(), | select() and | count() are not supported`,
		`{ name = "x" } && { name = "y" }`:   `at character 16: several sets of spans can't be joined by &&`,
		`{ name = "x" } >> { name = "y" }`:   `at character 16: several sets of spans can't be joined by >>`,
		`{ name = "x"`:                       `at character 13: a condition is joined by && or ||, or ended by }, not by the end`,
		`{ service.name = "x" }`:             `at character 3: "service.name" is no field`,
		`{ name "x" }`:                       `at character 8: after name a comparison stands, not "x"`,
		`{ name = }`:                         `at character 10: a value is missing, "}" stands there`,
		`{ name = shop }`:                    `at character 10: the text shop stands without quotes; write "shop"`,
		`{ status = broken }`:                `at character 12: status is never "broken"; write one of error, ok, unset`,
		`{ duration > 100 }`:                 `at character 14: duration is compared with a duration`,
		`{ duration = "1s" }`:                `at character 14: duration is compared with a duration`,
		`{ span.x > "a" }`:                   `at character 10: texts have no order`,
		`{ span.x > 1s }`:                    `at character 12: "1s" is no number`,
		`{ span.x =~ "(" }`:                  `at character 13: it is no regular expression in quotes`,
		`{ name = "x }`:                      `at character 10: the text does not end`,
		`{ (name = "x" }`:                    `at character 15: the bracket is not closed`,
		`{ name = "é" && ! }`:                `at character 19: a condition begins with a field, not with "}"`,
		`{ nestedSetParent < 0 }`:            `at character 3: "nestedSetParent" is no field`,
		`{ name = "x" } with (exemplars=5)`:  `at character 16: the only hint that is known is with (most_recent=true)`,
		strings.Repeat("x", mostQuery+1):     `the query is longer than 8192 bytes`,
		"{" + strings.Repeat("(", 100) + "}": `brackets go deeper than 64`,
	} {
		_, err := Parse(query)
		var wrong *SyntaxError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) || wrong.Instead == "" {
			t.Errorf("%.60s: got %v\nwant %s", query, err, want)
		}
	}
}

func TestRewritingReachesEveryComparedValueButNoProperty(t *testing.T) {
	e, err := Parse(`{ .enduser.id = "alice" && (name = "alice" || !(span.enduser.id != "alice")) && .x =~ "alice" }`)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	Rewrite(e, func(attribute, value string) string {
		seen = append(seen, attribute+"="+value)
		return "hashed"
	})
	if got := strings.Join(seen, " "); got != "enduser.id=alice enduser.id=alice" {
		t.Errorf("rewritten were %s", got)
	}
}

func TestASummaryTellsOfRootErrorsServicesAndSLOs(t *testing.T) {
	sum := Summarize(pcommon.TraceID{1}, shop())
	if sum.Service != "shop" || sum.Name != "GET /buy" || !sum.Rooted || sum.Spans != 2 || sum.Errors != 1 {
		t.Errorf("got %+v", sum)
	}
	if len(sum.Services) != 2 || sum.Services[0].Name != "payment" || sum.Services[0].Errors != 1 {
		t.Errorf("services are %+v", sum.Services)
	}
	if len(sum.SLOs) != 2 || sum.SLOs[1] != "shop/buy" || sum.End-sum.Start != int64(300*time.Millisecond) {
		t.Errorf("got %+v", sum)
	}
}

// FuzzParse holds that no query crashes, and that the index never rules out a trace that
// matches.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{ resource.service.name = "shop" && span.http.status_code >= 500 && duration > 100ms && status = error && name = "y" }`,
		`{ !(a.b = 1) || rootServiceName =~ "x|y" } with (most_recent=true)`, `{ span."a b" != nil }`, "{ .x = `\\d` }", `{ name = "\x00" }`,
		`{ .http.status_code = 502.0 && .cached = false || .amount = 12.5 }`,
	} {
		f.Add(seed)
	}
	td := shop()
	x := indexOf(td)
	f.Fuzz(func(t *testing.T, query string) {
		e, err := Parse(query)
		if err != nil {
			var wrong *SyntaxError
			if !errors.As(err, &wrong) || wrong.At < 1 {
				t.Fatalf("%q: %v", query, err)
			}
			return
		}
		if n, _ := Matches(td, &x.sum, e, 1); n > 0 && !May(e, x) {
			t.Fatalf("the index rules out what %q matches", query)
		}
	})
}
