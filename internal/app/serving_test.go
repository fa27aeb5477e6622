package app

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"errors"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"burnline/internal/harness/patience"
)

// listens serves a handler with the limits of the web server, edited by a test.
func listens(t *testing.T, h http.Handler, edit func(*http.Server), most, each int) (string, *boundedListener) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	bounded := newListener(l, most, each, newRefused(prometheus.NewRegistry())).(*boundedListener)
	s := newServer(h, slog.New(slog.DiscardHandler))
	edit(s)
	done := make(chan struct{})
	go func() { _ = s.Serve(bounded); close(done) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return l.Addr().String(), bounded
}

func TestAHandlerMayTakeLongerThanItsRequestMayCome(t *testing.T) {
	t.Parallel()
	const readTime = 3 * time.Second // enough to send a word
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			ended := make(chan error, 1)
			address, _ := listens(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.ReadAll(r.Body)
				select {
				case <-r.Context().Done():
					ended <- r.Context().Err()
				case <-time.After(readTime + time.Second):
					ended <- nil
				}
			}), func(s *http.Server) { s.ReadTimeout = readTime }, 10, 10)
			req, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+"/", strings.NewReader("hello"))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err == nil {
				resp.Body.Close()
			}
			if cause := <-ended; err != nil || cause != nil {
				t.Errorf("the handler was ended by %v, the client saw %v", cause, err)
			}
		})
	}
}

// say connects, sends some text, and returns the connection.
func say(t *testing.T, address, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience.Limit)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

func TestWhoSendsAHeaderBitByBitIsCutOff(t *testing.T) {
	address, _ := listens(t, http.HandlerFunc(hello), func(s *http.Server) { s.ReadHeaderTimeout = 300 * time.Millisecond }, 10, 10)
	conn := say(t, address, "GET / HTTP/1.1\r\nHost: a\r\n")
	go func() {
		now := time.NewTicker(50 * time.Millisecond) // a line now and then keeps nothing open
		defer now.Stop()
		for range now.C {
			if _, err := io.WriteString(conn, "X-A: a\r\n"); err != nil {
				return
			}
		}
	}()
	if answer, err := io.ReadAll(conn); errors.Is(err, os.ErrDeadlineExceeded) || strings.Contains(string(answer), "hello") {
		t.Errorf("it was answered %q, %v", answer, err)
	}
}

func TestWhoSendsABodyBitByBitIsCutOff(t *testing.T) {
	failed := make(chan error, 1)
	address, _ := listens(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		failed <- err
	}), func(s *http.Server) { s.ReadTimeout = 300 * time.Millisecond }, 10, 10)
	say(t, address, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nsome")
	if err := <-failed; err == nil {
		t.Error("the handler got the body whole")
	}
}

func TestWhoReadsNothingIsCutOff(t *testing.T) {
	failed := make(chan error, 1)
	address, _ := listens(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for n := 0; err == nil && n < 1<<30; n += 1 << 20 {
			_, err = w.Write(make([]byte, 1<<20))
		}
		failed <- err
	}), func(s *http.Server) { s.WriteTimeout = 300 * time.Millisecond }, 10, 10)
	say(t, address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	if err := <-failed; err == nil {
		t.Error("a gigabyte was taken by nobody")
	}
}

func TestAHugeHeaderIsAnsweredWith431(t *testing.T) {
	address, _ := listens(t, http.HandlerFunc(hello), func(*http.Server) {}, 10, 10)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() {
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nCookie: "+strings.Repeat("a", 2*mostHeader)+"\r\n\r\n") // it may be cut off while it sends
	}()
	line, err := bufio.NewReader(conn).ReadString('\n')
	if !strings.Contains(line, "431") {
		t.Errorf("answered %q, %v", line, err)
	}
}

func TestTooManyConnectionsAreClosedAndOthersServed(t *testing.T) {
	address, l := listens(t, http.HandlerFunc(hello), func(*http.Server) {}, 100, 20)
	var open []net.Conn
	for range 20 {
		open = append(open, say(t, address, ""))
	}
	for range 5 {
		over, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if err := over.SetReadDeadline(time.Now().Add(patience.Limit)); err != nil {
			t.Fatal(err)
		}
		if n, err := over.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("one too many read %d bytes, %v", n, err)
		}
		over.Close()
	}
	if got := testutil.ToFloat64(l.refused.WithLabelValues("client")); got != 5 {
		t.Errorf("%g connections of one client were counted, want 5", got)
	}
	if _, err := io.WriteString(open[0], "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(open[0]); !strings.Contains(string(answer), "hello") {
		t.Errorf("one that was taken is answered %q, %v", answer, err)
	}
	resp, err := http.Get("http://" + address + "/") // its place is free
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}
