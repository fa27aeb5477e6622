package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"burnline/internal/harness"
)

// outside is an alert as a Prometheus server sends it.
type outside struct {
	Labels   map[string]string `json:"labels"`
	StartsAt time.Time         `json:"startsAt"`
	EndsAt   time.Time         `json:"endsAt,omitzero"`
}

// paging is an alert that pages and begins now.
func paging(name string) outside {
	return outside{Labels: map[string]string{"alertname": name, "severity": "critical"}, StartsAt: time.Now()}
}

// sendAlerts makes one attempt to hand alerts over; nil is a 200, by which they are on disk.
func (s *story) sendAlerts(ctx context.Context, alerts ...outside) error {
	body, err := json.Marshal(alerts)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, mostAnswering)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.web+"/alertmanager/api/v2/alerts", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("alerts are answered with %s", resp.Status)
	}
	return nil
}

// told waits until an alert is accepted, over as many attempts as Prometheus would make.
func (s *story) told(a outside) {
	s.t.Helper()
	var last error
	err := harness.Poll(s.soon(), 100*time.Millisecond, func() (bool, error) {
		last = s.sendAlerts(s.t.Context(), a)
		return last == nil, nil
	})
	if err != nil {
		s.t.Fatalf("the alert was never accepted: %v", last)
	}
}
