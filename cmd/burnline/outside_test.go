package main

import (
	"context"
	"time"

	"burnline/internal/harness"
)

// paging is an alert that pages and begins now.
func paging(name string) harness.Alert {
	return harness.Alert{Labels: map[string]string{"alertname": name, "severity": "critical"}, StartsAt: time.Now()}
}

// sendAlerts makes one attempt to hand alerts over; nil is a 200, by which they are on disk.
func (s *story) sendAlerts(ctx context.Context, alerts ...harness.Alert) error {
	ctx, cancel := context.WithTimeout(ctx, mostAnswering)
	defer cancel()
	return harness.SendAlerts(ctx, "http://"+s.web+harness.AlertsPath, alerts...)
}

// told waits until an alert is accepted, over as many attempts as Prometheus would make.
func (s *story) told(a harness.Alert) {
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
