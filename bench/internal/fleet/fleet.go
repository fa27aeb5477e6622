// Package fleet is a fleet of services with one SLO each, for benchmarks: what they promise, and the samples that
// they export.
package fleet

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"burnline/slo"
)

// Metric is the counter that every service exports.
const Metric = "bench_requests_total"

// errorShare is the part of the requests that fail: half the budget of 99.9 %,
// so that nothing fires and yet every policy window holds bad events, which is the most work.
const errorShare = 0.0005

// Fleet is a number of services that all export one counter by instance and code, each in so
// many series.
type Fleet struct {
	Services, Series int
	// Began is when all counters were zero.
	Began time.Time
}

// teams is how many teams the services belong to.
const teams = 40

// codes are the status codes of a service; the last is the bad one.
func codes() []string { return []string{"200", "201", "301", "404", "500"} }

// Counter is one series of a fleet.
type Counter struct {
	Labels labels.Labels
	// Rate is events per second.
	Rate  float64
	began time.Time
	// fixed is the value of a series that is a constant; 0 for a counter.
	fixed float64
}

// Value returns the counter at a moment.
func (c *Counter) Value(at time.Time) float64 {
	if c.fixed > 0 {
		return c.fixed
	}
	return math.Floor(c.Rate * at.Sub(c.began).Seconds())
}

// Service returns the name of the i-th service.
func Service(i int) string { return fmt.Sprintf("service-%05d", i) }

// Counters returns the series of the i-th service.
func (f Fleet) Counters(i int) []*Counter {
	all := make([]*Counter, f.Series)
	names := codes()
	instances := (f.Series + len(names) - 1) / len(names)
	for k := range all {
		code := names[k%len(names)]
		rate := 0.5 + float64(k%7)/10
		if code == "500" {
			// Of what all the others together do.
			rate = errorShare * 0.8 * float64(f.Series-instances) / float64(instances)
		}
		all[k] = &Counter{Rate: rate, began: f.Began, Labels: labels.FromStrings(
			slo.MetricName, Metric, "service", Service(i), "job", Service(i),
			"instance", fmt.Sprintf("10.%d.%d.%d:8080", i/250, i%250, k/len(names)), "code", code)}
	}
	return all
}

// Recorded returns the series of the i-th service that Sloth's rules would have
// recorded in the past, and take their mean over 30 days of.
func (f Fleet) Recorded(i int) *Counter {
	return &Counter{fixed: errorShare, Labels: labels.FromStrings(
		slo.MetricName, "slo:sli_error:ratio_rate5m", "sloth_id", Service(i)+"-availability", "sloth_service", Service(i),
		"sloth_slo", "availability", "sloth_window", "5m")}
}

// Definitions returns one SLO for each service, as YAML files by name.
func (f Fleet) Definitions(window string) map[string]string {
	files := map[string]string{}
	const perFile = 100
	var b strings.Builder
	for i := range f.Services {
		fmt.Fprintf(&b, `---
apiVersion: burnline/v1
kind: SLO
metadata: {name: availability, labels: {tier: "%[5]d"}}
spec:
  service: %[1]s
  team: team-%02[4]d
  objective: 99.9
  window: %[2]s
  sli:
    events: {bad: '%[3]s{service="%[1]s",code=~"5.."}', total: '%[3]s{service="%[1]s"}'}
  alerting: {annotations: {runbook: "https://runbooks.example.com/bench"}}
`, Service(i), window, Metric, i%teams, 1+i%3)
		if i%perFile == perFile-1 || i == f.Services-1 {
			files[fmt.Sprintf("bench-%05d.yaml", i/perFile)] = b.String()
			b.Reset()
		}
	}
	return files
}
