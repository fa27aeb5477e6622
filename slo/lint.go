package slo

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Lint says what of the definitions will not work as their authors expect, as far
// as it can be known without data. Loading reports what can't be read at
// all; this is about what reads well and misleads. What an owner has to
// mend is an error in the native form and a warning in the others, which have
// no place for some of it; the server takes every definition nevertheless. teams
// are those of the same files, none where nobody listed any.
func Lint(defs []Definition, teams []Team) Findings {
	var findings Findings
	said := map[Finding]bool{}
	depend := DependenciesOf(defs)
	for i := range defs {
		l := linter{d: &defs[i], teams: teams}
		l.objective()
		l.policies()
		l.slices()
		l.owners()
		l.counters()
		l.comparison()
		l.ratio()
		l.dependencies(defs, depend)
		for _, f := range l.findings {
			if !said[f] { // several objectives share most of it
				said[f] = true
				findings = append(findings, f)
			}
		}
	}
	return findings
}

// linter looks at one definition.
type linter struct {
	d        *Definition
	teams    []Team
	findings Findings
}

// add notes a finding at a field of the native form.
func (l *linter) add(level Level, path, instead, format string, args ...any) {
	l.findings = append(l.findings, l.d.Finding(level, path, fmt.Sprintf(format, args...), instead))
}

func (l *linter) native() bool { return l.d.Dialect == Native || l.d.Dialect == "" }

// mend is the level of what the owner has to mend.
func (l *linter) mend() Level {
	if l.native() {
		return LevelError
	}
	return LevelWarning
}

// reaction is the time below which nobody can do anything about an outage: before the
// first page arrives the budget is gone. (Google SRE Workbook, chapter 5:
// 99.999 % of 30 days is spent by an outage of 26 s)
const reaction = time.Minute

func (l *linter) objective() {
	o, budget := l.d.Objective, l.d.Budget()
	switch {
	case o >= 100:
		l.add(l.mend(), "spec.objective", "write less than 100, such as 99.9", "an objective of %g%% leaves no error budget", o)
		return
	case o < 1:
		l.add(LevelWarning, "spec.objective", fmt.Sprintf("write %.6g if a share was meant", 100*o),
			"an objective of %g%% allows nearly every event to be bad", o)
	}
	// The room is for rounding: 99.99 % of a week is 60.48 s.
	whole := time.Duration(budget * float64(l.d.Window.Nominal()))
	if whole < reaction {
		l.add(LevelWarning, "spec.objective", "write a lower objective or a longer window, or accept that pages come when the budget is spent",
			"a complete outage of %s spends the whole budget, sooner than anybody can react", FormatDuration(whole.Round(100*time.Millisecond)))
	}
}

// shortestSteady is the shortest window that holds two scrapes of nearly
// every setup.
const shortestSteady = time.Minute

// slowest is the largest factor that the slowest policy may have: beyond it a
// steady burn spends the budget in a third of the window and nobody is told.
const slowest = 3

func (l *linter) policies() {
	least := 0.0
	for i, p := range l.d.Policies {
		path := fmt.Sprintf("spec.alerting.policies[%d]", i)
		if p.Factor*l.d.Budget() >= 1 {
			l.add(l.mend(), path, fmt.Sprintf("write a factor below %.3g, or an objective above %.4g", 1/l.d.Budget(), 100*(1-1/p.Factor)),
				"the %s over %s begins at burn rate %.4g, which not even a total outage reaches", p.Severity, FormatDuration(p.Long), p.Factor)
		}
		if p.Short < shortestSteady && !l.d.Budgeting.Sliced() && l.d.SLI.Ratio == nil {
			l.add(LevelWarning, path, "write a longer window or longer policies; check --data compares with the scrapes that there are",
				"the %s over %s looks at the last %s, which holds hardly two scrapes", p.Severity, FormatDuration(p.Long), FormatDuration(p.Short))
		}
		if p.Long > l.d.Window.Longest() {
			l.add(l.mend(), path, "write a shorter long window", "the %s looks at %s, which is longer than the SLO's window of %s",
				p.Severity, FormatDuration(p.Long), l.d.Window.Name())
		}
		if least == 0 || p.Factor < least {
			least = p.Factor
		}
	}
	if budget := l.d.Budget(); least > slowest*(1+1e-9) && least*budget < reach*(1-1e-9) {
		spent := time.Duration(float64(l.d.Window.Nominal()) / least).Round(time.Minute)
		l.add(LevelWarning, "spec.alerting.policies", "add one such as {severity: ticket, long: 3d, short: 6h, budget: 10%}",
			"a burn rate just below %.3g spends the whole budget within %s and nobody is told", least, FormatDuration(spent))
	}
}

// slices checks policies against the slices of time that they count.
func (l *linter) slices() {
	slice := l.d.Budgeting.Slice
	if l.d.SLI.Ratio != nil {
		slice = l.d.SLI.Ratio.Slice
	}
	for i, p := range l.d.Policies {
		if p.Short < slice {
			l.add(l.mend(), fmt.Sprintf("spec.alerting.policies[%d]", i),
				fmt.Sprintf("write slices of at most %s, or longer policies", FormatDuration(p.Short)),
				"the %s over %s looks at the last %s, which often holds no slice of %s, so it may never fire",
				p.Severity, FormatDuration(p.Long), FormatDuration(p.Short), FormatDuration(slice))
		}
	}
}

// owners requires what a person who is paged needs: whom it belongs to, and
// what to do.
func (l *linter) owners() {
	d := l.d
	if len(l.teams) > 0 && d.Team != "" && !slices.ContainsFunc(l.teams, func(t Team) bool { return t.Name == d.Team }) {
		var names []string
		for _, t := range l.teams {
			names = append(names, t.Name)
		}
		slices.Sort(names)
		l.add(l.mend(), "spec.team", "write one of "+strings.Join(names, ", ")+", or add it there", "the teams' file knows no team %q", d.Team)
	}
	if !slices.ContainsFunc(d.Policies, func(p Policy) bool { return p.Severity == Page }) {
		return
	}
	if d.Annotations["runbook"] == "" {
		l.add(l.mend(), "spec.alerting.annotations", "write annotations: {runbook: https://…}", "its pages link to no runbook")
	}
	if d.Team == "" {
		l.add(l.mend(), "spec.team", "write team: and who looks after the service", "its pages name no team")
	}
}

// dependencies requires that what the SLO depends on exists, and doesn't depend on it.
func (l *linter) dependencies(defs []Definition, all Dependencies) {
	for i, name := range l.d.DependsOn {
		if len(named(defs, name)) == 0 {
			l.add(l.mend(), fmt.Sprintf("spec.depends_on[%d]", i), "write the ID of one, service/name", "there is no SLO %s", name)
		}
	}
	if all.Circle(l.d.ID) {
		l.add(l.mend(), "spec.depends_on", "remove one of the dependencies of the circle; until then none of them explains another",
			"it depends on itself, by %s", strings.Join(all[l.d.ID], ", "))
	}
}

// ratio says what an error ratio by PromQL is.
func (l *linter) ratio() {
	if r := l.d.SLI.Ratio; r != nil {
		l.add(LevelNote, "spec.sli.ratio", "where counters exist, write events",
			"a ratio weighs every slice of %s the same, however many events it had, and its pages need no proof at low traffic", FormatDuration(r.Slice))
	}
}
