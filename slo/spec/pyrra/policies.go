package pyrra

import (
	"fmt"
	"time"

	"burnline/slo"
)

// shortestWindow is the shortest SLO window whose policies look at several seconds at least.
const shortestWindow = 12 * time.Hour

// tier is one of Pyrra's policies: parts of the SLO's window, and a burn rate.
type tier struct {
	long, short time.Duration // the SLO's window is divided by these numbers
	factor      float64
	severity    slo.Severity
	key         string // its key in alerting.severities
}

// tiers returns Pyrra's policies. For 28 days they look at 1h and 5m, 6h and 30m, 1d and 2h, 4d and 6h.
func tiers() []tier {
	return []tier{
		{long: 28 * 24, short: 28 * 24 * 12, factor: 14, severity: slo.Page, key: "fastBurn"},
		{long: 28 * 4, short: 28 * 24 * 2, factor: 7, severity: slo.Page, key: "mediumBurn"},
		{long: 28, short: 28 * 12, factor: 2, severity: slo.Ticket, key: "slowBurn"},
		{long: 7, short: 28 * 4, factor: 1, severity: slo.Ticket, key: "longTermBurn"},
	}
}

// policies returns Pyrra's policies for an SLO's window, and which of their windows Pyrra would
// round to nothing; those are rounded to the second here.
func policies(w time.Duration) (policies []slo.Policy, vanished []string) {
	part := func(of time.Duration) time.Duration {
		if d := (w / of).Round(time.Minute); d > 0 {
			return d
		}
		d := max((w / of).Round(time.Second), time.Second)
		vanished = append(vanished, fmt.Sprintf("%s is now %s", slo.FormatDuration((w/of).Round(time.Second/10)), slo.FormatDuration(d)))
		return d
	}
	for _, t := range tiers() {
		p := slo.Policy{Severity: t.severity, Factor: t.factor}
		p.Long, p.Short = part(t.long), part(t.short)
		policies = append(policies, p)
	}
	return policies, vanished
}

// severity translates a severity of Pyrra; false where it is neither urgent nor not.
func severity(name string) (slo.Severity, bool) {
	switch name {
	case "critical", "page":
		return slo.Page, true
	case "warning", "ticket", "info":
		return slo.Ticket, true
	}
	return "", false
}
