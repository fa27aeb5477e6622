package sampling

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// senderMarked is a request in which a sender marked its own span, and what is left of it once
// that was taken out.
func senderMarked(t *testing.T) (td ptrace.Traces, body []byte) {
	t.Helper()
	td = ptrace.NewTraces()
	sp := td.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	sp.SetTraceID([16]byte{1})
	sp.SetSpanID([8]byte{1})
	sp.Status().SetCode(ptrace.StatusCodeError)
	sp.Attributes().PutStr(mark, "forged")
	var marshaler ptrace.ProtoMarshaler
	body, err := marshaler.MarshalTraces(td)
	if err != nil {
		t.Fatal(err)
	}
	sp.Attributes().Remove(mark)
	return td, body
}

func TestWhatASenderMarkedIsNoMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := start(t, nil)
		td, body := senderMarked(t)
		want := written(td)
		if err := s.ConsumeTraces(WithBody(t.Context(), body), td); err != nil {
			t.Fatal(err)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		for id, text := range want {
			if k.spans[id] != text {
				t.Errorf("kept is %s, want %s", k.spans[id], text)
			}
		}
	})
}

func TestABodyThatIsNotThatOfTheSpansIsNotHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := start(t, nil)
		td, body := senderMarked(t)
		want := written(td)
		for _, other := range [][]byte{nil, body[:len(body)/2], bytes.Repeat([]byte{0xff}, 40)} {
			if err := s.ConsumeTraces(WithBody(t.Context(), other), td); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(10 * time.Second)
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		for id, text := range want {
			if k.spans[id] != text {
				t.Errorf("kept is %s, want %s", k.spans[id], text)
			}
		}
	})
}

// Whoever gave the body uses it for the next request.
func TestTheBodyIsCopied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := start(t, nil)
		td, _ := senderMarked(t)
		want := written(td)
		ctx := withBody(t, td)
		if err := s.ConsumeTraces(ctx, td); err != nil {
			t.Fatal(err)
		}
		clear(ctx.Value(bodyKey{}).([]byte))
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		for id, text := range want {
			if k.spans[id] != text {
				t.Errorf("kept is %s, want %s", k.spans[id], text)
			}
		}
	})
}
