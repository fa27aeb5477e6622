package alerting

import (
	"testing"
	"time"

	"burnline/slo"
)

// What an open incident is when its failing has stopped: since when, until when it stays open, by which rule, and
// in the past tense what was.
func TestAFailingThatStoppedIsToldInThePastTense(t *testing.T) {
	rule := &slo.PolicyStatus{Policy: slo.Policy{Severity: slo.Page, Long: 6 * time.Hour, Short: 30 * time.Minute}}
	stopped := func(change ...func(*slo.Holding)) *slo.Holding {
		h := &slo.Holding{Stopped: clockTime(14, 9), Until: clockTime(14, 44), Rule: rule,
			Failed: slo.Counts{Good: 3612, Total: 4816}, After: slo.Counts{Good: 900, Total: 900}}
		for _, c := range change {
			c(h)
		}
		return h
	}
	some := func(h *slo.Holding) { h.After.Good = 899 }
	noRule := func(h *slo.Holding) { h.Rule = nil }
	for _, c := range []struct {
		name string
		of   slo.Transition
		h    *slo.Holding
		want string
	}{
		{"nothing is known", opened(), nil, ""},
		{"it goes on", opened(), &slo.Holding{Reason: "A page policy fires."}, ""},
		{"failures", opened(), stopped(), "Buying: failures have stopped since 14:09 UTC, and the page stays open until about 14:44 UTC unless they return, by the rule of 6h/30m. " +
			"1,204 of 4,816 checkout requests failed from 14:02 to 14:09 UTC."},
		{"some failures, as everywhere", opened(), stopped(some), "Buying: no more has failed than was promised since 14:09 UTC, and the page stays open until about 14:44 UTC unless it returns, by the rule of 6h/30m. " +
			"1,204 of 4,816 checkout requests failed from 14:02 to 14:09 UTC."},
		{"only the proof is waited for", opened(), stopped(noRule), "Buying: failures have stopped since 14:09 UTC, and the page stays open until about 14:44 UTC unless they return. " +
			"1,204 of 4,816 checkout requests failed from 14:02 to 14:09 UTC."},
		{"a ticket into the next day", opened(func(t *slo.Transition) { t.Incident.Severity = slo.Ticket }), stopped(noRule, func(h *slo.Holding) { h.Until = h.Until.Add(24 * time.Hour) }),
			"Buying: failures have stopped since 14:09 UTC, and the ticket stays open until about 14:44 UTC on 4 March unless they return. 1,204 of 4,816 checkout requests failed from 14:02 to 14:09 UTC."},
		{"slow requests", opened(slow), stopped(), "Buying: nothing has been slow since 14:09 UTC, and the page stays open until about 14:44 UTC unless it returns, by the rule of 6h/30m. " +
			"1,204 of 4,816 checkout requests took longer than 300 ms from 14:02 to 14:09 UTC."},
		{"an error ratio", opened(byRatio), stopped(), "Buying: the error ratio has kept the promise since 14:09 UTC, and the page stays open until about 14:44 UTC unless it returns, by the rule of 6h/30m. " +
			"The error ratio was 25 % from 14:02 to 14:09 UTC."},
	} {
		c.of.At = clockTime(14, 15)
		if got := Rests(c.of, c.h, TextOptions{}); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}
