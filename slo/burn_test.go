package slo_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

func counts(bad, total float64) slo.Counts { return slo.Counts{Good: total - bad, Total: total} }

func TestNewBurn(t *testing.T) {
	for _, test := range []struct {
		sentence    string
		counts      slo.Counts
		budget      float64
		known       bool
		ratio, rate float64
	}{
		{"errors at the objective burn at 1", counts(1, 1000), 0.001, true, 0.001, 1},
		{"one failure in ten at 99.9 % burns at 100", counts(1, 10), 0.001, true, 0.1, 100},
		{"a total outage burns at 1 ÷ budget", counts(50, 50), 0.001, true, 1, 1000},
		{"no errors burn at 0", counts(0, 50), 0.001, true, 0, 0},
		{"no events are unknown", counts(0, 0), 0.001, false, 0, 0},
		{"good above total is no bad event", slo.Counts{Good: 11, Total: 10}, 0.001, true, 0, 0},
		{"what is no number is unknown", slo.Counts{Good: math.NaN(), Total: 10}, 0.001, false, 0, 0},
		{"endless counts are unknown", slo.Counts{Good: 1, Total: math.Inf(1)}, 0.001, false, 0, 0},
		{"without a budget it is unknown", counts(1, 10), 0, false, 0, 0},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			b := slo.NewBurn(time.Hour, test.counts, test.budget)
			if b.Known != test.known || !near(b.Ratio, test.ratio) || !near(b.Rate, test.rate) {
				t.Errorf("burn = %+v, want known %t, ratio %g, rate %g", b, test.known, test.ratio, test.rate)
			}
		})
	}
}

func TestJudge(t *testing.T) {
	const budget = 0.001
	page := slo.Policy{Severity: slo.Page, Long: time.Hour, Short: 5 * time.Minute, Factor: 14.4}
	ticket := slo.Policy{Severity: slo.Ticket, Long: 3 * day, Short: 6 * time.Hour, Factor: 1}
	for _, test := range []struct {
		sentence    string
		policy      slo.Policy
		long, short slo.Counts
		firing      bool
		severity    slo.Severity
		reason      string
	}{
		{"both windows over the factor fire", page, counts(200, 10000), counts(20, 800), true, slo.Page, "burn 20 and 25 over 1h and 5m, above 14.4"},
		{"a quiet short window means it is over", page, counts(200, 10000), counts(0, 800), false, slo.Page, "burn 0 over 5m is not above 14.4"},
		{"a quiet long window means it is too little", page, counts(100, 10000), counts(20, 800), false, slo.Page, "burn 10 over 1h is not above 14.4"},
		{"no events in the short window prove nothing", page, counts(200, 10000), counts(0, 0), false, slo.Page, "no events in 5m"},
		{"no events in the long window prove nothing", page, counts(0, 0), counts(1, 1), false, slo.Page, "no events in 1h"},
		{"at ten requests an hour one failure is a ticket", page, counts(1, 10), counts(1, 1), true, slo.Ticket, "less than min_bad 2"},
		{"at ten requests an hour two failures are a page", page, counts(2, 10), counts(1, 1), true, slo.Page, "above 14.4"},
		{"at 130 requests an hour two failures may be chance", page, counts(2, 130), counts(1, 10), true, slo.Ticket, "may be chance"},
		{"at 130 requests an hour three failures are a page", page, counts(3, 130), counts(1, 10), true, slo.Page, "above 14.4"},
		{"a ticket needs no proof", ticket, counts(1, 10), counts(1, 10), true, slo.Ticket, "above 1"},
		{"rounding of spread counts takes no proof away", page, counts(2-1e-9, 10), counts(1, 1), true, slo.Page, "above 14.4"},
		{"counts between two events are rounded down", page, counts(2.9, 130), counts(1, 10), true, slo.Ticket, "may be chance"},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			got := slo.Judge(test.policy, slo.NewBurn(test.policy.Long, test.long, budget),
				slo.NewBurn(test.policy.Short, test.short, budget), slo.Guard{Budget: budget, MinBad: 2})
			if got.Firing != test.firing || got.Severity != test.severity || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("firing %t as %s because %q; want %t as %s because …%q",
					got.Firing, got.Severity, got.Reason, test.firing, test.severity, test.reason)
			}
		})
	}
}

func TestABurnOfExactlyTheFactorDoesNotFire(t *testing.T) {
	p := slo.Policy{Severity: slo.Ticket, Long: time.Hour, Short: 5 * time.Minute, Factor: 8}
	exact := slo.NewBurn(time.Hour, counts(8, 64), 1.0/64)
	if got := slo.Judge(p, exact, exact, slo.Guard{Budget: 1.0 / 64, MinBad: 2}); got.Firing {
		t.Errorf("fired at burn %g: %s", exact.Rate, got.Reason)
	}
}

func TestNearIsTheShareOfTheFactorThatBothWindowsReach(t *testing.T) {
	t.Parallel()
	burn := func(rate float64) slo.Burn { return slo.Burn{Rate: rate, Known: true} }
	for _, c := range []struct {
		name        string
		long, short slo.Burn
		factor      float64
		want        float64
		known       bool
	}{
		{"the slower window decides", burn(7.2), burn(144), 14.4, 0.5, true},
		{"that may be the short one", burn(20), burn(3.6), 14.4, 0.25, true},
		{"above 1 it fires", burn(28.8), burn(43.2), 14.4, 2, true},
		{"nothing burns", burn(0), burn(0), 6, 0, true},
		{"without events nothing is known", slo.Burn{}, burn(3), 6, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, known := slo.PolicyStatus{Policy: slo.Policy{Factor: c.factor}, Long: c.long, Short: c.short}.Near()
			if known != c.known || math.Abs(got-c.want) > 1e-12 {
				t.Errorf("%g, %t; want %g, %t", got, known, c.want, c.known)
			}
		})
	}
}
