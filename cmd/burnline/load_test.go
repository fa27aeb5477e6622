package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"burnline/internal/harness"
	"burnline/internal/harness/pagerduty"
	"burnline/internal/harness/patience"
)

// lanes is how many receivers the alerts of a load are told to, each with a key of its own.
const lanes = 4

// laneKey is the key of one of them.
func laneKey(n int) string { return fmt.Sprintf("%032d", n) }

// loadKeys are all keys that a load needs.
func loadKeys() []string {
	keys := []string{routingKey}
	for n := range lanes {
		keys = append(keys, laneKey(n))
	}
	return keys
}

// loadRouting sends SLOs to one key and alerts to those of their lanes.
func loadRouting(url, client string) string {
	routes, receivers := "", fmt.Sprintf("\n    - {name: oncall, pagerduty_configs: [{routing_key: %q, client: %s}]}", routingKey, client)
	for n := range lanes {
		routes += fmt.Sprintf("\n      - {matchers: ['lane=\"%d\"'], receiver: lane%d}", n, n)
		receivers += fmt.Sprintf("\n    - {name: lane%d, pagerduty_configs: [{routing_key: %q, client: %s}]}", n, laneKey(n), client)
	}
	return fmt.Sprintf("alerting:\n  global: {pagerduty_url: %q, resolve_timeout: 2h}\n  route:\n    receiver: oncall\n    routes:%s\n  receivers:%s\n", url, routes, receivers)
}

// load is alerts that begin and end all the time. They are sent as Prometheus does: to every
// server, and again until one has taken them.
type load struct {
	to     []*story
	random *rand.Rand

	mu     sync.Mutex
	alerts []*loaded
	// over lets nothing begin any more, and everything end.
	over bool
}

// loaded is one alert of a load.
type loaded struct {
	alert        harness.Alert
	ends         time.Time
	begun, ended bool // a server has taken it
}

// begin begins n alerts in a lane, each for some seconds.
func (l *load) begin(n, lane int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range n {
		a := &loaded{alert: paging(fmt.Sprintf("Load%05d", len(l.alerts)))}
		a.alert.Labels["lane"] = fmt.Sprint(lane)
		a.ends = a.alert.StartsAt.Add(2*time.Second + time.Duration(l.random.Int64N(int64(10*time.Second))))
		l.alerts = append(l.alerts, a)
	}
}

// run begins an alert now and then and sends what no server has taken, until all is over and told or ctx ends.
func (l *load) run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	next := time.Now()
	for ctx.Err() == nil {
		l.mu.Lock()
		over := l.over
		l.mu.Unlock()
		for !over && time.Now().After(next) {
			l.begin(1, l.random.IntN(lanes))
			next = next.Add(every)
		}
		if l.send(ctx) && over {
			return
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// send makes one attempt with every server, and reports whether everything is over and taken.
func (l *load) send(ctx context.Context) bool {
	l.mu.Lock()
	var some []*loaded
	var alerts []harness.Alert
	left := false
	for _, a := range l.alerts {
		if a.begun && a.alert.EndsAt.IsZero() && (l.over || time.Now().After(a.ends)) {
			a.alert.EndsAt = time.Now()
		}
		left = left || !a.ended
		if !a.begun || !a.ended && !a.alert.EndsAt.IsZero() {
			some, alerts = append(some, a), append(alerts, a.alert)
		}
	}
	l.mu.Unlock()
	if len(alerts) == 0 {
		return !left
	}
	taken := make(chan bool, len(l.to))
	for _, server := range l.to {
		go func() { taken <- server.sendAlerts(ctx, alerts...) == nil }()
	}
	any := false
	for range l.to {
		any = <-taken || any
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, a := range some {
		if any {
			a.begun, a.ended = true, !alerts[i].EndsAt.IsZero()
		}
	}
	return false
}

// finish ends everything and waits until the servers have taken that.
func (l *load) finish(t *testing.T, ran <-chan struct{}) {
	t.Helper()
	l.mu.Lock()
	l.over = true
	l.mu.Unlock()
	patience.Receive(t, "the ends of the load are taken", ran)
}

// figures is what a load came to at the stand-in.
type figures struct {
	alerts, lost, extra, open int
	// backlogs are messages that tell how many wait.
	backlogs int
	// beyond counts answers of 429, and repeated triggers of open incidents, which notify nobody.
	beyond, repeated int
}

// String prints the figures.
func (f figures) String() string {
	return fmt.Sprintf("%d alerts, %d lost, %d extra incidents, %d left open; %d triggers repeated, which woke nobody; %d backlogs told, %d answers of 429",
		f.alerts, f.lost, f.extra, f.open, f.repeated, f.backlogs, f.beyond)
}

// count compares the load with the incidents of its lanes.
func (l *load) count(stand *pagerduty.Server) figures {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, have := figures{alerts: len(l.alerts)}, map[string]int{}
	for _, in := range stand.Incidents() {
		if in.Status != pagerduty.Resolved {
			f.open++
		}
		if strings.Contains(in.Summaries[0], "wait behind the limit") {
			f.backlogs++ // it names some of those that wait
		} else if i := strings.Index(in.Summaries[0], "Load"); i >= 0 {
			have[in.Summaries[0][i:i+len("Load00000")]]++
		}
	}
	for _, a := range l.alerts {
		switch n := have[a.alert.Labels["alertname"]]; {
		case n == 0:
			f.lost++
		case n > 1:
			f.extra += n - 1
		}
	}
	for _, e := range stand.Events() {
		if e.Effect == "updated" {
			f.repeated++
		}
	}
	for _, r := range stand.Requests() {
		if r.Status == http.StatusTooManyRequests {
			f.beyond++
		}
	}
	return f
}

// outages lets customers fail and recover, each time as soon as everybody was told, until it is
// to stop, and returns how often.
func (s *story) outages(stop <-chan struct{}, slos int) (times int) {
	open := func() (n int) {
		for _, in := range s.stand.Incidents() {
			if in.RoutingKey == routingKey && in.Status != pagerduty.Resolved {
				n++
			}
		}
		return n
	}
	until := func(want int) bool {
		ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Minute)
		defer cancel()
		if harness.Poll(ctx, 50*time.Millisecond, func() (bool, error) { return open() == want, nil }) != nil {
			s.t.Errorf("%d incidents of SLOs are open after 5 minutes, want %d", open(), want)
			return false
		}
		return true
	}
	for {
		select {
		case <-stop:
			return times
		default:
		}
		s.customers.Fail(true)
		times++
		if !until(slos) {
			return times
		}
		s.customers.Fail(false)
		if !until(0) {
			return times
		}
	}
}

// sloIncidents counts the incidents of SLOs at the stand-in.
func (s *story) sloIncidents() (n int) {
	for _, in := range s.stand.Incidents() {
		if in.RoutingKey == routingKey {
			n++
		}
	}
	return n
}
