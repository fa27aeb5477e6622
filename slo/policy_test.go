package slo_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b)) }

func TestDefaultFactorsFollowTheWindow(t *testing.T) {
	for _, test := range []struct {
		window time.Duration
		want   [4]float64
	}{
		{30 * day, [4]float64{14.4, 6, 3, 1}},                                    // Google SRE Workbook, chapter 5
		{28 * day, [4]float64{13.44, 5.6, 2.8, 2.8 / 3}},                         // by the formula
		{90 * day, [4]float64{43.2, 18, 9, 3}},                                   // by the formula
		{365 * day, [4]float64{0.02 * 8760, 0.05 * 1460, 36.5, 0.1 * 365.0 / 3}}, // by the formula
	} {
		for i, p := range slo.DefaultPolicies(test.window) {
			if !near(p.Factor, test.want[i]) {
				t.Errorf("window %s, policy %d: factor %g, want %g", test.window, i, p.Factor, test.want[i])
			}
		}
	}
}

func TestDefaultPoliciesOfAMonth(t *testing.T) {
	want := []slo.Policy{
		{Severity: slo.Page, Long: time.Hour, Short: 5 * time.Minute, Share: 0.02},
		{Severity: slo.Page, Long: 6 * time.Hour, Short: 30 * time.Minute, Share: 0.05},
		{Severity: slo.Ticket, Long: day, Short: 2 * time.Hour, Share: 0.1},
		{Severity: slo.Ticket, Long: 3 * day, Short: 6 * time.Hour, Share: 0.1},
	}
	for i, p := range slo.DefaultPolicies(30 * day) {
		p.Factor = 0
		if p != want[i] {
			t.Errorf("policy %d = %+v, want %+v", i, p, want[i])
		}
	}
}

func TestShortWindowsScaleAndFactorsStay(t *testing.T) {
	policies := slo.DefaultPolicies(7 * day)
	wantLong := []time.Duration{14 * time.Minute, 84 * time.Minute, 336 * time.Minute, 1008 * time.Minute}
	wantShort := []time.Duration{70 * time.Second, 7 * time.Minute, 28 * time.Minute, 84 * time.Minute}
	wantFactor := []float64{14.4, 6, 3, 1}
	for i, p := range policies {
		if p.Long != wantLong[i] || p.Short != wantShort[i] || p.Factor != wantFactor[i] {
			t.Errorf("policy %d = %s/%s at %g, want %s/%s at %g",
				i, p.Long, p.Short, p.Factor, wantLong[i], wantShort[i], wantFactor[i])
		}
		// "budget spent = burn_rate × window / period" still holds.
		if spent := p.Factor * float64(p.Long) / float64(7*day); !near(spent, p.Share) {
			t.Errorf("policy %d spends %g, want its share %g", i, spent, p.Share)
		}
	}
}

func TestResolveCompletesPolicies(t *testing.T) {
	policies, findings := slo.Resolve([]slo.Policy{
		{Severity: slo.Page, Long: time.Hour, Short: 5 * time.Minute, Share: 0.02},
		{Severity: slo.Page, Long: time.Hour, Short: 5 * time.Minute, Factor: 14.4},
	}, 30*day, 0.001)
	if len(findings) > 0 {
		t.Errorf("findings: %v", findings)
	}
	for i, p := range policies {
		if !near(p.Factor, 14.4) || !near(p.Share, 0.02) {
			t.Errorf("policy %d: factor %g, share %g; want 14.4 and 0.02", i, p.Factor, p.Share)
		}
	}
}

func TestResolveReportsWhatCanNotWork(t *testing.T) {
	hour := slo.Policy{Severity: slo.Page, Long: time.Hour, Short: 5 * time.Minute}
	for _, test := range []struct {
		sentence   string
		policies   []slo.Policy
		window     time.Duration
		objective  float64
		level      slo.Level
		message    string
		wantFactor float64
	}{
		{
			"a factor below 1 is an error", []slo.Policy{{Severity: slo.Ticket, Long: 3 * day, Short: time.Hour, Share: 0.05}},
			30 * day, 99.9, slo.LevelError, "below 1 keeps the promise", 0.5,
		},
		{
			"the default ticket of 28 days is below 1: a warning", nil,
			28 * day, 99.9, slo.LevelWarning, "below 1 keeps the promise", 13.44,
		},
		{
			// A 90 % SLO can never burn at 14.4: the workbook's extreme.
			"a factor out of reach becomes 0.9 ÷ budget", []slo.Policy{with(hour, 14.4)},
			30 * day, 90, slo.LevelWarning, "144% errors", 9,
		},
		{
			// 14.4 is unreachable at 93.06 %; from 93.75 % on it is 90 % errors.
			"a factor near its reach is capped too", []slo.Policy{with(hour, 14.4)},
			30 * day, 93.7, slo.LevelWarning, "90% errors", 0.9 / 0.063,
		},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			budget := 1 - test.objective/100
			policies, findings := slo.Resolve(test.policies, test.window, budget)
			if len(findings) != 1 {
				t.Fatalf("findings = %v, want one", findings)
			}
			f := findings[0]
			if f.Level != test.level || !strings.Contains(f.Message, test.message) {
				t.Errorf("finding = %s %q, want %s with %q", f.Level, f.Message, test.level, test.message)
			}
			if math.Abs(policies[0].Factor-test.wantFactor) > 1e-6 {
				t.Errorf("factor = %g, want %g", policies[0].Factor, test.wantFactor)
			}
			if again, _ := slo.Resolve(policies, test.window, budget); again[0] != policies[0] {
				t.Errorf("resolving again changed %+v to %+v", policies[0], again[0])
			}
		})
	}
}

func TestACappedPolicyIsReportedOnce(t *testing.T) {
	for _, objective := range []float64{90, 50, 83.3, 66.7, 33.3, 93} {
		budget := 1 - objective/100
		policies, first := slo.Resolve(nil, 30*day, budget)
		if len(first) == 0 {
			t.Errorf("objective %g: nothing was capped", objective)
		}
		for _, p := range policies {
			if p.Factor*budget > 0.9+1e-12 {
				t.Errorf("objective %g: factor %g begins at %g errors", objective, p.Factor, p.Factor*budget)
			}
		}
		if _, again := slo.Resolve(policies, 30*day, budget); len(again) > 0 {
			t.Errorf("objective %g: reported again: %v", objective, again)
		}
	}
}

func TestDefaultPoliciesAreAllWithinReachAt99(t *testing.T) {
	if _, findings := slo.Resolve(nil, 30*day, 0.01); len(findings) > 0 {
		t.Errorf("findings: %v", findings)
	}
}

func with(p slo.Policy, factor float64) slo.Policy {
	p.Factor = factor
	return p
}
