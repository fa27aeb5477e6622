package alerting

import (
	"testing"
	"time"

	"burnline/slo"
)

// BenchmarkJudgingAgain is one look at ten thousand open incidents of SLOs.
func BenchmarkJudgingAgain(b *testing.B) {
	const open = 10_000
	config := oncall()
	config.Inhibit = make([]InhibitRule, 5)
	r := &Router{config: config, now: func() time.Time { return clockTime(14, 0) }, statuses: func(string) []slo.Status { return nil }}
	r.world = newWorld(&r.config, nil)
	for i := range open {
		id := "shop/" + Count(float64(i))
		r.world.learn(remembered{incident: slo.Incident{Key: id, SLO: id, Severity: slo.Ticket, Opened: clockTime(13, 0)},
			labels: slo.NewLabels("slo", id, "service", "shop", "severity", "ticket"), settled: settled{decisions: []Decision{{Receiver: "oncall", Fate: FateSend}}}})
	}
	for i := range r.world.inhibitors { // rules that keep nothing quiet here
		r.world.inhibitors[i].sources = map[string]*inhibiting{}
	}
	b.ResetTimer()
	for b.Loop() {
		if keys, _ := r.outdated(); len(keys) > 0 {
			b.Fatalf("%d incidents are to be revised", len(keys))
		}
	}
}
