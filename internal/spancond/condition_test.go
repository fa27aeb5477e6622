package spancond_test

import (
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/spancond"
)

// span is a server span of a checkout that took so long.
func span(took time.Duration, change ...func(spancond.Span)) spancond.Span {
	r := ptrace.NewTraces().ResourceSpans().AppendEmpty()
	r.Resource().Attributes().PutStr("service.name", "checkout")
	s := spancond.Span{Resource: r, Scope: r.ScopeSpans().AppendEmpty()}
	s.Span = s.Scope.Spans().AppendEmpty()
	s.Span.SetName("POST /pay")
	s.Span.SetKind(ptrace.SpanKindServer)
	s.Span.Attributes().PutInt("http.response.status_code", 200)
	end := time.Unix(1_700_000_000, 0)
	s.Span.SetStartTimestamp(pcommon.NewTimestampFromTime(end.Add(-took)))
	s.Span.SetEndTimestamp(pcommon.NewTimestampFromTime(end))
	for _, c := range change {
		c(s)
	}
	return s
}

func failed(s spancond.Span) { s.Span.Status().SetCode(ptrace.StatusCodeError) }

func TestConditionsHold(t *testing.T) {
	for _, c := range []struct {
		text string
		span spancond.Span
		want bool
	}{
		{`kind == SPAN_KIND_SERVER`, span(0), true},
		{`kind == SPAN_KIND_CLIENT`, span(0), false},
		{`status.code == STATUS_CODE_ERROR or duration > 300ms`, span(300 * time.Millisecond), false},
		{`status.code == STATUS_CODE_ERROR or duration > 300ms`, span(301 * time.Millisecond), true},
		{`status.code == STATUS_CODE_ERROR or duration > 300ms`, span(0, failed), true},
		{`duration >= 1m30s`, span(90 * time.Second), true},
		{`duration > 0.3s`, span(301 * time.Millisecond), true},
		{`300ms < duration`, span(301 * time.Millisecond), true},
		{`not (duration < 2s)`, span(time.Second), false},
		{`end_time - start_time > 300ms`, span(time.Second), true},
		{`end_time - start_time > Duration("300ms")`, span(time.Second), true},
		{`name == "POST /pay" and attributes["http.response.status_code"] >= 200`, span(0), true},
		{`attributes["duration"] == nil and resource.attributes["service.name"] == "checkout"`, span(0), true},
		{`IsMatch(name, "^POST 300ms$") or duration > 1s`, span(0), false},
		{`duration > 300ms`, span(-time.Second), false},
	} {
		t.Run(c.text, func(t *testing.T) {
			cond, err := spancond.Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := cond.Holds(c.span); err != nil || got != c.want {
				t.Errorf("it holds: %v, %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestParseSaysWhatIsWrongAndWhatToWriteInstead(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{``, "the condition is empty; write one such as status.code == STATUS_CODE_ERROR"},
		{`duration > 300`, "at character 12: a duration needs a unit; write 300ms, or whatever unit is meant"},
		{`duration > "300ms"`, "at character 12: a duration is no text; write 300ms, without quotes"},
		{`300 < duration`, "at character 1: a duration needs a unit; write 300ms, or whatever unit is meant"},
		{`status.code == "ERROR"`, `at character 16: "ERROR" is not one of its values; write STATUS_CODE_ERROR`},
		{`kind == server`, "at character 9: server is not one of its values; write SPAN_KIND_SERVER"},
		{`kind == SPAN_KIND_SERVR`, "at character 9: the constant SPAN_KIND_SERVR is not known; write one such as SPAN_KIND_SERVER or STATUS_CODE_ERROR"},
		{`status == STATUS_CODE_ERROR`, "at character 1: a status has a code and a message; write status.code == STATUS_CODE_ERROR"},
		{`kind == SPAN_KIND_SERVER && duration > 1s`, "at character 26: && is not known in conditions; write and"},
		{`name = "x"`, "at character 6: = is not known in conditions; write =="},
		{`name == 'x'`, `at character 9: texts stand in double quotes; write "…"`},
		{`http.status_code >= 500`, `at character 1: spans have no field http.status_code; write attributes["http.status_code"], or resource.attributes["…"] for what describes the service`},
		{`attributes["took"] > 300ms`, "at character 22: attributes hold numbers and texts, no lengths of time; write the number in the attribute's own unit"},
		{`duration > 1s or duration >`, `at character 28: this is no condition: unexpected token "<EOF>"`},
		{`duration`, "it gives a value, which is neither true nor false; compare it, as in duration > 300ms"},
		{`name`, `at character 5: this is no condition: unexpected token "<EOF>"`},
		{`true`, "it holds for every span, whatever it is like; narrow it"},
		{`kind == 7`, "it holds for no span at all; check the comparisons: those of different kinds of values never hold"},
		{`duration < 0s`, "it holds for no span at all; check the comparisons: those of different kinds of values never hold"},
		{`NoSuch(name) == 1`, `this is no condition: undefined function "NoSuch"`},
	} {
		t.Run(c.text, func(t *testing.T) {
			_, err := spancond.Parse(c.text)
			if err == nil {
				t.Fatalf("it is taken, want %q", c.want)
			}
			if got := err.Error(); len(got) < len(c.want) || got[:len(c.want)] != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
