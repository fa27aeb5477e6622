package state_test

import (
	"fmt"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

// stormOf are n alerts of 500 groups, as a Prometheus server words them.
func stormOf(n int) []slo.Alert {
	all := make([]slo.Alert, n)
	for i := range all {
		all[i] = slo.Alert{
			Origin: alerting.OriginAPI, StartsAt: start,
			Labels: slo.NewLabels("alertname", fmt.Sprintf("Alert%03d", i%500), "cluster", "eu-west-1", "instance", fmt.Sprintf("host-%05d:9100", i),
				"job", "node", "namespace", "shop", "service", fmt.Sprintf("svc-%02d", i%50), "severity", "critical", "team", "payments"),
			Annotations: map[string]string{"summary": fmt.Sprintf("Something is wrong on host-%05d.", i), "description": "It has been wrong for 5m and somebody should look.",
				"runbook_url": "https://runbooks.example.com/something"},
			GeneratorURL: "http://prometheus.example.com:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
		}
	}
	return all
}

// BenchmarkRepetition tells again what is stored.
func BenchmarkRepetition(b *testing.B) {
	s, err := state.OpenSpooled(b.Context(), state.SpoolOptions{Options: state.Options{Dir: b.TempDir()}})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	router, err := alerting.NewRouter(alerting.Options{Store: s, Alerts: s, Now: time.Now, Config: hook()})
	if err != nil {
		b.Fatal(err)
	}
	alerts := stormOf(10_000)
	for b.Loop() {
		for from := 0; from < len(alerts); from += 250 {
			if err := router.Alerts(b.Context(), alerts[from:from+250]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(len(alerts)), "µs/alert")
}

// BenchmarkStorm stores 50,000 alerts of 500 groups in batches, each durable before the
// next, and reports what an alert costs.
func BenchmarkStorm(b *testing.B) {
	for _, size := range []int{64, 256, 1000} {
		b.Run(fmt.Sprintf("batches of %d", size), func(b *testing.B) {
			alerts := stormOf(50_000)
			for b.Loop() {
				s, err := state.OpenSpooled(b.Context(), state.SpoolOptions{Options: state.Options{Dir: b.TempDir()}})
				if err != nil {
					b.Fatal(err)
				}
				router, err := alerting.NewRouter(alerting.Options{Store: s, Alerts: s, Now: time.Now, Config: hook()})
				if err != nil {
					b.Fatal(err)
				}
				for from := 0; from < len(alerts); from += size {
					if err := router.Alerts(b.Context(), alerts[from:min(from+size, len(alerts))]); err != nil {
						b.Fatal(err)
					}
				}
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(len(alerts)), "µs/alert")
		})
	}
}

// BenchmarkOpening stores the first alerts of 500 groups, which opens as many incidents, and reports what
// one costs.
func BenchmarkOpening(b *testing.B) {
	alerts := stormOf(500)
	var took time.Duration
	for b.Loop() {
		s, err := state.OpenSpooled(b.Context(), state.SpoolOptions{Options: state.Options{Dir: b.TempDir()}})
		if err != nil {
			b.Fatal(err)
		}
		router, err := alerting.NewRouter(alerting.Options{Store: s, Alerts: s, Now: time.Now, Config: hook()})
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		for from := 0; from < len(alerts); from += 250 {
			if err := router.Alerts(b.Context(), alerts[from:from+250]); err != nil {
				b.Fatal(err)
			}
		}
		took += time.Since(began)
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(took.Microseconds())/float64(b.N)/float64(len(alerts)), "µs/group")
}
