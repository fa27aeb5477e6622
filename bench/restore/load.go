package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// alert is one as a Prometheus server sends it.
type alert struct {
	Labels   map[string]string `json:"labels"`
	StartsAt time.Time         `json:"startsAt,omitzero"`
	EndsAt   time.Time         `json:"endsAt,omitzero"`
}

// firing is an alert that becomes an incident of its own.
func firing(name string) alert {
	now := time.Now()
	return alert{map[string]string{"alertname": name, "severity": "critical", "service": "filler"}, now, now.Add(6 * time.Hour)}
}

// api is where a server takes and lists alerts.
const api = "/alertmanager/api/v2/alerts"

// post hands alerts over; they are on disk after nil.
func post(ctx context.Context, web string, alerts ...alert) error {
	body, err := json.Marshal(alerts)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+web+api, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("send alerts: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("alerts are answered with %s", resp.Status)
	}
	return nil
}

// taken is an alert that was answered with success, and when.
type taken struct {
	name string
	at   time.Time
}

// steadily sends alerts at a rate until ctx ends or the server does, and returns those that were taken.
func steadily(ctx context.Context, web, prefix string, rate int) (all []taken) {
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return all
		case <-tick.C:
		}
		name := fmt.Sprintf("%s%06d", prefix, len(all))
		if post(ctx, web, firing(name)) != nil {
			return all // it was killed, or the time is over
		}
		all = append(all, taken{name, time.Now()})
	}
}

// lost is for how long before the kill alerts were taken that a restored server does not know: zero where it knows all.
func lost(all []taken, known map[string]bool, killed time.Time) time.Duration {
	for _, a := range all {
		if !known[a.name] {
			return killed.Sub(a.at)
		}
	}
	return 0
}
