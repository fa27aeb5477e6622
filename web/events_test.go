package web

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// ticks reads a live stream's events.
func ticks(t *testing.T, url string) (<-chan tick, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
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
	if next := <-events; next.Version != 2 || next.Open != 0 {
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
	s, err := newServer(Options{Engine: shop, Ledger: shop, System: shop})
	if err != nil {
		t.Fatal(err)
	}
	for range maxStreams {
		s.streams <- struct{}{}
	}
	h, err := s.handler()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/events", nil))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
}
