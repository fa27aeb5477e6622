package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"burnline/slo"
)

// metric is the counter that every service exports.
const metric = "bench_requests_total"

// errorShare is the part of the requests that fail: half the budget of 99.9 %,
// so that nothing fires and yet every policy window holds bad events, which is the most work.
const errorShare = 0.0005

// fleet is a number of services that all export one counter by instance and code.
type fleet struct {
	services, series int
	// began is when all counters were zero.
	began time.Time
}

// codes are the status codes of a service; the last is the bad one.
func codes() []string { return []string{"200", "201", "301", "404", "500"} }

// counter is one series of a fleet.
type counter struct {
	labels labels.Labels
	// rate is events per second.
	rate  float64
	began time.Time
	// fixed is the value of a series that is a constant; 0 for a counter.
	fixed float64
}

// value returns the counter at a moment.
func (c *counter) value(at time.Time) float64 {
	if c.fixed > 0 {
		return c.fixed
	}
	return math.Floor(c.rate * at.Sub(c.began).Seconds())
}

// service returns the name of the i-th service.
func service(i int) string { return fmt.Sprintf("service-%05d", i) }

// counters returns the series of the i-th service.
func (f fleet) counters(i int) []*counter {
	all := make([]*counter, f.series)
	names := codes()
	instances := (f.series + len(names) - 1) / len(names)
	for k := range all {
		code := names[k%len(names)]
		rate := 0.5 + float64(k%7)/10
		if code == "500" {
			// Of what all the others together do.
			rate = errorShare * 0.8 * float64(f.series-instances) / float64(instances)
		}
		all[k] = &counter{rate: rate, began: f.began, labels: labels.FromStrings(
			slo.MetricName, metric, "service", service(i), "job", service(i),
			"instance", fmt.Sprintf("10.%d.%d.%d:8080", i/250, i%250, k/len(names)), "code", code)}
	}
	return all
}

// recorded returns the series of the i-th service that Sloth's rules would have
// recorded in the past, and take their mean over 30 days of.
func (f fleet) recorded(i int) *counter {
	return &counter{fixed: errorShare, labels: labels.FromStrings(
		slo.MetricName, "slo:sli_error:ratio_rate5m", "sloth_id", service(i)+"-availability", "sloth_service", service(i),
		"sloth_slo", "availability", "sloth_window", "5m")}
}

// definitions returns one SLO for each service, as YAML files by name.
func (f fleet) definitions(window string) map[string]string {
	files := map[string]string{}
	const perFile = 100
	var b strings.Builder
	for i := range f.services {
		fmt.Fprintf(&b, `---
apiVersion: burnline/v1
kind: SLO
metadata: {name: availability}
spec:
  service: %[1]s
  team: bench
  objective: 99.9
  window: %[2]s
  sli:
    events: {bad: '%[3]s{service="%[1]s",code=~"5.."}', total: '%[3]s{service="%[1]s"}'}
  alerting: {annotations: {runbook: "https://runbooks.example.com/bench"}}
`, service(i), window, metric)
		if i%perFile == perFile-1 || i == f.services-1 {
			files[fmt.Sprintf("bench-%05d.yaml", i/perFile)] = b.String()
			b.Reset()
		}
	}
	return files
}
