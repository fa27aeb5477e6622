package unread

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"
)

const refusal = "send a token"

// refusing answers without a look at the body; by 200, since of what is refused Go's client sends no more.
func refusing(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, refusal)
}

func TestAnAnswerIsWholeBeforeTheRestOfTheBodyIsTaken(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(take(http.HandlerFunc(refusing), 1<<20, time.Hour))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	for i := range 2 {
		body, rest := io.Pipe()
		var reused bool
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { reused = c.Reused }})
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, body)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, len(refusal))
		if _, err := io.ReadFull(resp.Body, answer); err != nil || string(answer) != refusal || resp.ProtoMajor != 2 {
			t.Errorf("%s: %q, %v", resp.Proto, answer, err)
		}
		if _, err := io.WriteString(rest, strings.Repeat("x", 300_000)); err != nil {
			t.Errorf("the rest of the body is not taken: %v", err)
		}
		_ = rest.Close()
		if more, err := io.ReadAll(resp.Body); err != nil || len(more) > 0 {
			t.Errorf("after the answer came %q, %v", more, err)
		}
		_ = resp.Body.Close()
		if reused != (i > 0) {
			t.Errorf("request %d: on a connection that was there: %t", i, reused)
		}
	}
}

func TestABodyThatIsReadOrThatNeverComesDelaysNothing(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		serve http.HandlerFunc
		body  io.Reader
		want  string
	}{
		{"a body that is read", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }, strings.NewReader("all of it"), "all of it"},
		{"no body", refusing, nil, refusal},
		{"a body that never comes", refusing, never{}, refusal},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewUnstartedServer(take(tc.serve, 1<<20, time.Millisecond))
			s.EnableHTTP2 = true
			s.StartTLS()
			defer s.Close()
			body := tc.body
			if _, ok := body.(never); ok {
				pipe, end := io.Pipe()
				defer func() { _ = end.Close() }()
				body = pipe
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, body)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := s.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			if answer, err := io.ReadAll(resp.Body); err != nil || string(answer) != tc.want {
				t.Errorf("%q, %v", answer, err)
			}
		})
	}
}

// never stands for a body of which nothing comes.
type never struct{ io.Reader }
