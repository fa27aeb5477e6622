package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"burnline/internal/harness"
)

// storm are n alerts of so many groups, all of which begin now.
func storm(n, groups int, now time.Time) []harness.Alert {
	all := make([]harness.Alert, n)
	for i := range all {
		all[i] = harness.Alert{
			Labels: map[string]string{"alertname": fmt.Sprintf("Alert%03d", i%groups), "cluster": "eu-west-1", "instance": fmt.Sprintf("host-%05d:9100", i),
				"job": "node", "namespace": "shop", "service": fmt.Sprintf("svc-%02d", i%50), "severity": "critical", "team": "payments"},
			Annotations: map[string]string{"summary": fmt.Sprintf("Something is wrong on host-%05d.", i),
				"description": "It has been wrong for 5m and somebody should look.", "runbook_url": "https://runbooks.example.com/something"},
			StartsAt: now, GeneratorURL: "http://prometheus.example.com:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
		}
	}
	return all
}

// load sends alerts and keeps when each group was first sent.
type load struct {
	mu   sync.Mutex
	sent map[string]time.Time
}

// send posts all alerts; a connection that fails leaves the rest of its batches.
func (l *load) send(ctx context.Context, o options, api string, alerts []harness.Alert) error {
	batches := make(chan []harness.Alert)
	errs := make(chan error, o.senders)
	var senders sync.WaitGroup
	for range o.senders {
		senders.Go(func() {
			var failed error
			for batch := range batches {
				if failed == nil { // the rest is taken from the queue and left
					failed = l.post(ctx, api, batch)
				}
			}
			errs <- failed
		})
	}
	for batch := range slices.Chunk(alerts, o.batch) {
		select {
		case batches <- batch:
		case <-ctx.Done():
		}
	}
	close(batches)
	senders.Wait()
	close(errs)
	var all []error
	for err := range errs {
		all = append(all, err)
	}
	return errors.Join(all...)
}

// post sends one batch.
func (l *load) post(ctx context.Context, api string, batch []harness.Alert) error {
	now := time.Now()
	l.mu.Lock()
	for _, a := range batch {
		if _, known := l.sent[a.Labels["alertname"]]; !known {
			l.sent[a.Labels["alertname"]] = now
		}
	}
	l.mu.Unlock()
	return harness.SendAlerts(ctx, api+"/alerts", batch...)
}

// ask reads the API's status over and over until ctx ends, and returns the longest that
// an answer took.
func ask(ctx context.Context, api string) (worst time.Duration) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return worst
		case <-tick.C:
		}
		began := time.Now()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, api+"/status", nil)
		if err != nil {
			return worst
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		if ctx.Err() == nil {
			worst = max(worst, time.Since(began))
		}
	}
}
