package foreign

import (
	"fmt"
	"strconv"

	"burnline/slo"
)

// Losses gathers what a form can't say of a definition.
type Losses struct {
	Definition *slo.Definition
	Findings   slo.Findings
}

// Lost says what is not written; path is the native form's field.
func (l *Losses) Lost(path, message, instead string) {
	l.add(path, slo.LevelWarning, message, instead)
}

// Unwritten says why the whole SLO is not written.
func (l *Losses) Unwritten(path, message, instead string) {
	l.add(path, slo.LevelError, message, instead)
}

func (l *Losses) add(path string, level slo.Level, message, instead string) {
	l.Findings = append(l.Findings, slo.Finding{
		Source: l.Definition.Source, Path: path, Level: level,
		Message: l.Definition.ID + ": " + message, Instead: instead,
	})
}

// Result returns the findings, and whether the SLO is written. Of one that is left out only the reasons count.
func (l *Losses) Result() (slo.Findings, bool) {
	if errs := l.Findings.Errors(); len(errs) > 0 {
		return errs, false
	}
	return l.Findings, true
}

// Common says what no form of rules has: the end of incidents, the proof of a page, slices and
// SLOs of SLOs. tool is the form's name.
func (l *Losses) Common(tool string) {
	d := l.Definition
	if d.ResolveAfter != DefaultResolveAfter {
		l.Lost("spec.alerting.resolve_after", tool+" closes an alert as soon as its windows are below the factor", "")
	}
	if d.MinBad != DefaultMinBad {
		l.Lost("spec.alerting.min_bad", tool+" pages for any number of bad events", "")
	}
	if d.Budgeting.Sliced() {
		l.Unwritten("spec.budgeting", fmt.Sprintf("%s counts events; it knows no slices of time (%s)", tool, d.Budgeting.Method), "")
	}
	if d.SLI.Composite != nil {
		l.Unwritten("spec.sli.composite", tool+" knows no SLO of SLOs", "")
	}
	if c := d.Window.Calendar; c != nil {
		l.Lost("spec.window", tool+" knows rolling windows only, so it is written as "+slo.FormatDuration(d.Window.Nominal()), "")
	}
}

// SamePolicies reports whether two lists of policies fire the same, but for their severities where
// severities is false.
func SamePolicies(a, b []slo.Policy, severities bool) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		near := a[i].Factor - b[i].Factor
		if a[i].Long != b[i].Long || a[i].Short != b[i].Short || near > 1e-9*b[i].Factor || near < -1e-9*b[i].Factor ||
			severities && a[i].Severity != b[i].Severity {
			return false
		}
	}
	return true
}

// Classic returns the counters of a classic histogram with a bucket at the threshold.
func Classic(l slo.LatencySLI) slo.EventsSLI {
	part := func(suffix string, more ...slo.Matcher) slo.Sum {
		matchers := append(append([]slo.Matcher(nil), l.Histogram.Matchers...), more...)
		return slo.Sum{{Selector: slo.Selector{Name: l.Histogram.Name + suffix, Matchers: matchers}}}
	}
	bound := slo.Matcher{Label: "le", Op: slo.MatchEqual, Value: strconv.FormatFloat(l.Bound(), 'f', -1, 64)}
	return slo.EventsSLI{Good: part("_bucket", bound), Total: part("_count")}
}
