package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"burnline/internal/harness"
	"burnline/internal/harness/pagerduty"
)

// What happens in the storm into PagerDuty keys.
const (
	// oneInCritical is of how many groups one is critical; the others are warnings.
	oneInCritical = 5
	// laterAfter is after what time something ends, and an SLO's customers begin to suffer.
	laterAfter = 20 * time.Second
	// endedPerKey is how many groups of each key end then.
	endedPerKey = 10
)

// groupName finds the alert's name in what either server writes about a group.
var groupName = regexp.MustCompile(`Alert\d{3}`)

// keyOf is the routing key of a number, as long as PagerDuty's.
func keyOf(i int) string { return fmt.Sprintf("%032x", 0xb0a0+i) }

// critical reports whether a group's alerts are critical.
func critical(group int) bool { return group%oneInCritical == 0 }

// pageStorm are the alerts of a storm, warnings before what is critical: who sends them as
// they come tells the less important first.
func (o options) pageStorm(n int, now time.Time) []harness.Alert {
	all := storm(n, o.groups, now)
	for i := range all {
		group := i % o.groups
		all[i].Labels["key"] = fmt.Sprint(group % o.keys)
		if !critical(group) {
			all[i].Labels["severity"] = "warning"
		}
	}
	slices.SortStableFunc(all, func(a, b harness.Alert) int { return -strings.Compare(a.Labels["severity"], b.Labels["severity"]) })
	return all
}

// pageConfiguration is what both servers read.
func (o options) pageConfiguration(url string) string {
	var routes, receivers strings.Builder
	for i := range o.keys {
		fmt.Fprintf(&routes, "  - {receiver: key-%d, matchers: ['key=\"%d\"']}\n", i, i)
		fmt.Fprintf(&receivers, "- name: key-%d\n  pagerduty_configs: [{routing_key: %q, url: %q, severity: '{{ .CommonLabels.severity }}'}]\n", i, keyOf(i), url)
	}
	return fmt.Sprintf("global: {resolve_timeout: 1h}\nroute:\n  receiver: key-0\n  group_by: [alertname]\n  group_wait: %s\n  group_interval: %s\n  repeat_interval: 4h\n  routes:\n%sreceivers:\n%s",
		o.wait, o.interval, routes.String(), receivers.String())
}

// shop serves the metrics of a service whose customers begin to suffer at a moment.
type shop struct {
	URL    string
	server *http.Server
	began  time.Time
	// breaks is when, in nanoseconds since the Unix epoch; 0 is not yet.
	breaks atomic.Int64
}

// newShop listens on a free port until close.
func newShop(ctx context.Context) (*shop, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for scrapes: %w", err)
	}
	s := &shop{URL: l.Addr().String(), began: time.Now()}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(l) }() // ends with close
	return s, nil
}

func (s *shop) close() { _ = s.server.Close() }

// ServeHTTP tells how many requests succeeded and failed: a hundred a second come.
func (s *shop) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	now, breaks := time.Now(), s.breaks.Load()
	good, bad := now.Sub(s.began), time.Duration(0)
	if breaks > 0 {
		good = time.Unix(0, breaks).Sub(s.began)
		bad = now.Sub(s.began) - good
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	_, _ = fmt.Fprintf(w, "# TYPE requests_total counter\nrequests_total{code=\"200\"} %d\nrequests_total{code=\"500\"} %d\n", int(good.Seconds()*100), int(bad.Seconds()*100))
}

// promise writes an SLO of the shop for Burnline, which scrapes it.
func (s *shop) promise(dir string) error {
	const text = `apiVersion: burnline/v1
kind: SLO
metadata: {name: availability}
spec:
  service: shop
  objective: 99.9
  window: 30d
  sli: {events: {bad: 'requests_total{job="shop",code=~"5.."}', total: 'requests_total{job="shop"}'}}
`
	config := fmt.Sprintf("alerting: {config: alertmanager.yml}\nscrape_configs: [{job_name: shop, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{targets: [%q]}]}]\n", s.URL)
	return errors.Join(os.MkdirAll(filepath.Join(dir, "slos"), 0o750),
		os.WriteFile(filepath.Join(dir, "slos", "shop.yaml"), []byte(text), 0o600),
		os.WriteFile(filepath.Join(dir, "burnline.yaml"), []byte(config), 0o600))
}

// told is when each group of each key was first told, and when its end was, by its name.
type told struct{ began, ended map[string]time.Time }

// read reads what PagerDuty accepted.
func read(events []pagerduty.Accepted) told {
	t := told{map[string]time.Time{}, map[string]time.Time{}}
	names := map[string]string{} // by routing key and dedup_key
	for _, e := range events {
		id := e.Event.RoutingKey + e.Event.DedupKey
		if name := groupName.FindString(e.Event.Payload.Summary); name != "" && e.Event.EventAction == "trigger" {
			names[id] = name
			if _, known := t.began[name]; !known {
				t.began[name] = e.At
			}
		}
		if e.Event.EventAction == "resolve" && names[id] != "" {
			t.ended[names[id]] = e.At
		}
	}
	return t
}

// fullest is the most requests of one key within any 60 seconds, and how many of all were
// beyond the limit.
func fullest(requests []pagerduty.Request) (most, refused int) {
	at := map[string][]time.Time{}
	for _, r := range requests {
		key := r.Event.RoutingKey
		recent := slices.DeleteFunc(at[key], func(t time.Time) bool { return r.At.Sub(t) >= time.Minute })
		at[key] = append(recent, r.At)
		most = max(most, len(at[key]))
		if r.Status == http.StatusTooManyRequests {
			refused++
		}
	}
	return most, refused
}
