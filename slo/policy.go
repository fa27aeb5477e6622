package slo

import (
	"fmt"
	"math"
	"time"
)

// fullWindow is the shortest SLO window on which the default policies keep
// their windows; on shorter ones they scale.
const fullWindow = 28 * day

// nominalWindow is the SLO window for which the Google SRE Workbook, chapter
// 5, gives its windows and factors.
const nominalWindow = 30 * day

// reach is the largest error ratio at which a policy may begin to fire, so
// that a total outage always fires it. (design, "Policies")
const reach = 0.9

// DefaultPolicies returns the policies of an SLO that names none: page at 2 %
// of the budget in 1h (5m) and 5 % in 6h (30m), ticket at 10 % in 1d (2h)
// and 10 % in 3d (6h).
//
// For w of at least 28 days the factor is share × w ÷ long, which is 14.4, 6, 3
// and 1 for 30 days. For a shorter w all windows scale by w ÷ 30 d, rounded to
// the second, and the factors stay. (design, "Policies"; Google SRE Workbook,
// chapter 5)
func DefaultPolicies(w time.Duration) []Policy {
	policies := []Policy{
		{Severity: Page, Long: time.Hour, Short: 5 * time.Minute, Share: 0.02, Factor: 14.4},
		{Severity: Page, Long: 6 * time.Hour, Short: 30 * time.Minute, Share: 0.05, Factor: 6},
		{Severity: Ticket, Long: day, Short: 2 * time.Hour, Share: 0.1, Factor: 3},
		{Severity: Ticket, Long: 3 * day, Short: 6 * time.Hour, Share: 0.1, Factor: 1},
	}
	for i := range policies {
		p := &policies[i]
		if w >= fullWindow {
			p.Factor = factor(p.Share, w, p.Long)
			continue
		}
		p.Long, p.Short = scale(p.Long, w), scale(p.Short, w)
	}
	return policies
}

func scale(window, w time.Duration) time.Duration {
	scaled := float64(window) * (float64(w) / float64(nominalWindow))
	return time.Duration(scaled).Round(time.Second)
}

// factor returns the burn rate that spends share of the budget of w within
// long: share × w ÷ long. (design, "Policies"; Google SRE Workbook, chapter 5)
func factor(share float64, w, long time.Duration) float64 {
	return share * float64(w) / float64(long)
}

// Resolve completes the policies of an SLO with window w and error budget
// budget (a fraction): DefaultPolicies where there are none, the factor from
// the share or the share from the factor, whichever is missing.
//
// A factor below 1 is a finding, since a burn below 1 keeps the promise: an
// error, or a warning for a default policy. Where factor × budget > 0.9 the
// factor becomes 0.9 ÷ budget, so that a total outage can always fire the
// policy; that is a warning. The findings' paths begin at alerting; file and
// line are for the caller to add. (design, "Policies")
func Resolve(policies []Policy, w time.Duration, budget float64) ([]Policy, Findings) {
	level := LevelError
	if len(policies) == 0 {
		policies, level = DefaultPolicies(w), LevelWarning
	}
	var findings Findings
	resolved := make([]Policy, len(policies))
	for i, p := range policies {
		if p.Factor == 0 {
			p.Factor = factor(p.Share, w, p.Long)
		}
		if p.Share == 0 {
			p.Share = p.Factor * float64(p.Long) / float64(w)
		}
		path := fmt.Sprintf("alerting.policies[%d]", i)
		if p.Factor < 1-1e-9 {
			findings = append(findings, tooLow(p, w, path, level))
		}
		// The room is for rounding, so that a capped factor isn't reported again.
		if p.Factor*budget > reach*(1+1e-9) {
			findings = append(findings, outOfReach(p, budget, path))
			p.Factor = reach / budget
			p.Share = p.Factor * float64(p.Long) / float64(w)
		}
		resolved[i] = p
	}
	return resolved, findings
}

func tooLow(p Policy, w time.Duration, path string, level Level) Finding {
	return Finding{
		Path: path, Level: level,
		Message: fmt.Sprintf("the %s over %s begins at burn rate %.3g; a burn rate below 1 keeps the promise",
			p.Severity, FormatDuration(p.Long), p.Factor),
		Instead: fmt.Sprintf("write policies with a budget of at least %g%% here", math.Ceil(1000*float64(p.Long)/float64(w)-1e-9)/10),
	}
}

func outOfReach(p Policy, budget float64, path string) Finding {
	return Finding{
		Path: path, Level: LevelWarning,
		Message: fmt.Sprintf("the %s over %s would begin at burn rate %.4g, which is %.3g%% errors; "+
			"it now begins at %.4g (90%% errors), so that a total outage fires it",
			p.Severity, FormatDuration(p.Long), p.Factor, 100*p.Factor*budget, reach/budget),
		Instead: "write a smaller budget or a longer window to decide it yourself",
	}
}
