package main

import (
	"context"
	"fmt"
	"time"

	"burnline/internal/harness"
)

// firing is an alert that becomes an incident of its own.
func firing(name string) harness.Alert {
	now := time.Now()
	return harness.Alert{Labels: map[string]string{"alertname": name, "severity": "critical", "service": "filler"}, StartsAt: now, EndsAt: now.Add(6 * time.Hour)}
}

// post hands alerts over; they are on disk after nil.
func post(ctx context.Context, web string, alerts ...harness.Alert) error {
	return harness.SendAlerts(ctx, "http://"+web+harness.AlertsPath, alerts...)
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
