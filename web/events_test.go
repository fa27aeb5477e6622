package web

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"burnline/internal/harness/patience"
)

// ticks reads a live stream's events.
func ticks(t *testing.T, url string) (<-chan tick, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience.Limit)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if kind := resp.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("the stream is %q", kind)
	}
	out := make(chan tick)
	go func() {
		defer close(out)
		defer resp.Body.Close()
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			var k tick
			if !ok || json.Unmarshal([]byte(data), &k) != nil {
				continue
			}
			select {
			case out <- k:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, cancel
}

func TestTheStreamTellsOfEveryChange(t *testing.T) {
	s := newShop(noon)
	srv := serve(t, s, func(o *Options) { o.Now = time.Now })
	events, _ := ticks(t, srv.URL)
	if first := <-events; first.Version != 1 || first.Open != 1 {
		t.Errorf("the first event says version %d and %d open, want 1 and 1", first.Version, first.Open)
	}
	s.change(func() {
		s.statuses[0].Open = nil
		for i := range s.records {
			s.records[i].Incident.Closed = noon
		}
	})
	next := <-events
	for next.Version == 1 { // it is said again in a quiet time
		next = <-events
	}
	if next.Version != 2 || next.Open != 0 {
		t.Errorf("after a change it says version %d and %d open, want 2 and 0", next.Version, next.Open)
	}
}

func TestTheStreamEndsWhenTheServerStops(t *testing.T) {
	stopping := make(chan struct{})
	srv := serve(t, newShop(noon), func(o *Options) { o.Stopping = stopping })
	events, _ := ticks(t, srv.URL)
	<-events
	close(stopping)
	if _, ok := <-events; ok {
		t.Error("the stream went on after the stop")
	}
}

func TestTooManyStreamsAreRefused(t *testing.T) {
	shop := newShop(noon)
	s, err := newServer(Options{Engine: shop, Ledger: shop, System: shop, Limits: Limits{Clients: 10, AtOnce: 1, Streams: 3, StreamsEach: 2}})
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.handler()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ open, want string }{
		{"192.0.2.1", ""}, {"192.0.2.1", "from your address"}, {"192.0.2.2", "live streams are open."},
	} {
		s.gates.streams.Take(c.open)
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/v1/events", nil)
		if r.RemoteAddr = c.open + ":1234"; c.want == "" {
			continue
		}
		h.ServeHTTP(w, r)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "30" || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("status %d, Retry-After %q: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
		}
	}
}

// streaming asks for the live stream of a server without a network and returns what it has written so far.
func streaming(t *testing.T, ctx context.Context, h http.Handler, last string) func() string {
	t.Helper()
	var mu sync.Mutex
	var body strings.Builder
	w := &quietWriter{header: http.Header{}, write: func(p []byte) {
		mu.Lock()
		defer mu.Unlock()
		body.Write(p)
	}}
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/events", nil)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	go h.ServeHTTP(w, r)
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return body.String()
	}
}

// quietWriter is an answer that nobody waits for.
type quietWriter struct {
	header http.Header
	write  func([]byte)
}

func (w *quietWriter) Header() http.Header         { return w.header }
func (w *quietWriter) WriteHeader(int)             {}
func (w *quietWriter) Write(p []byte) (int, error) { w.write(p); return len(p), nil }
func (w *quietWriter) Flush()                      {}

func TestTheStreamTellsQuietFromLostAndWhoComesBackGetsTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := newShop(noon)
		s, err := newServer(Options{Engine: shop, Ledger: shop, System: shop, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		h, err := s.handler()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		said := streaming(t, ctx, h, "")
		time.Sleep(time.Minute + time.Second) // of the bubble's clock
		if got := strings.Count(said(), "event: state\n"); got != 5 {
			t.Errorf("in a quiet minute there were %d events, want one at once and one every 15 seconds:\n%s", got, said())
		}
		if !strings.HasPrefix(said(), "retry: 3000\n\nevent: state\nid: 1\ndata: {\"version\":1,") {
			t.Errorf("it begins with %.100q", said())
		}
		for range 40 {
			shop.change(func() {})
			time.Sleep(100 * time.Millisecond)
		}
		if got := strings.Count(said(), "event: state\n"); got > 10 {
			t.Errorf("a storm of 4 seconds came as %d events", got-5)
		}
		cancel()
		synctest.Wait()
		if full := s.gates.streams.Take("192.0.2.1"); full != "" {
			t.Error("the stream has not left its place")
		}
		ctx, cancel = context.WithCancel(t.Context())
		again := streaming(t, ctx, h, "41")
		synctest.Wait()
		if !strings.Contains(again(), "id: 41\n") {
			t.Errorf("who comes back with what it knows gets %q, want the state at once", again())
		}
		cancel()
		synctest.Wait()
	})
}
