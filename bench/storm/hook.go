package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// hook is the receiver: it takes every notification and notes what it tells.
type hook struct {
	// URL is where to post.
	URL    string
	server *http.Server

	mu sync.Mutex
	// first is when each group was first told of, by its alerts' name, and alerts is when each
	// alert was, by its instance.
	first, alerts map[string]time.Time
	// told counts, for each group, the notifications that tell of nothing new.
	repeated map[string]int
	last     time.Time
}

// newHook listens on a free port until close.
func newHook(ctx context.Context) (*hook, error) {
	h := &hook{first: map[string]time.Time{}, alerts: map[string]time.Time{}, repeated: map[string]int{}}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for notifications: %w", err)
	}
	h.URL = "http://" + l.Addr().String() + "/"
	h.server = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = h.server.Serve(l) }() // ends with close
	return h, nil
}

func (h *hook) close() { _ = h.server.Close() }

// ServeHTTP takes one notification.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	var payload struct {
		Alerts []struct {
			Labels map[string]string `json:"labels"`
		} `json:"alerts"`
	}
	if err := json.NewDecoder(r.Body).Decode(&payload); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = now
	news := false
	group := ""
	for _, a := range payload.Alerts {
		group = a.Labels["alertname"]
		if _, known := h.alerts[a.Labels["instance"]]; !known {
			h.alerts[a.Labels["instance"]] = now
			news = true
		}
	}
	if _, known := h.first[group]; !known && group != "" {
		h.first[group] = now
	}
	if !news {
		h.repeated[group]++
	}
}

// counts are how many groups and alerts were told of, and how many notifications told
// of nothing new.
func (h *hook) counts() (groups, alerts, repeated int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range h.repeated {
		repeated += n
	}
	return len(h.first), len(h.alerts), repeated
}

// delays are the times from when each group's first alert was sent until it was first told
// of, in order.
func (h *hook) delays(sent map[string]time.Time) []time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []time.Duration
	for group, at := range h.first {
		all = append(all, at.Sub(sent[group]))
	}
	slices.Sort(all)
	return all
}

// ends are when the last group was first told of, and the last alert.
func (h *hook) ends() (group, alert time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	newest := func(times map[string]time.Time) (last time.Time) {
		for _, at := range times {
			if at.After(last) {
				last = at
			}
		}
		return last
	}
	return newest(h.first), newest(h.alerts)
}
