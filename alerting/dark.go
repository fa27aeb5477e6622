package alerting

import (
	"fmt"
	"strconv"
	"strings"

	"burnline/slo"
)

// maxSLOs is how many SLOs a message about several lists.
const maxSLOs = 20

// dark reports whether the incident rests on a lack of data.
func dark(in slo.Incident) bool { return in.Cause == slo.CauseNoData }

// darkness returns the evidence of an incident without data.
func darkness(t slo.Transition) slo.Darkness {
	if t.Dark != nil {
		return *t.Dark
	}
	return slo.Darkness{Since: t.Incident.Started, Severity: t.Incident.Severity, Silent: true}
}

// darkHeadline says what no longer arrives, since when, and what that hides.
func darkHeadline(t slo.Transition, o TextOptions) string {
	d, since := darkness(t), clock(t.Incident.Started, t.At, o)
	n := nounOf(t.Definition)
	switch {
	case len(t.Incident.SLOs) > 0:
		return blindHeadline(t, d, since)
	case d.Collapsed:
		return fmt.Sprintf("Far less %s than usual arrives: %s %s in the last hour, where there were %s in the same hour a week ago.",
			arriving(t), Count(d.Now), n.in(service(t)).counted(d.Now), Count(d.Usual))
	case d.Silent:
		return fmt.Sprintf("No %s arrives since %s: its series%s no longer report, so nobody can say how it fares.%s",
			arriving(t), since, origin(d), before(d, n))
	}
	return fmt.Sprintf("No %s arrives since %s: its series%s still report, but count no %s.%s",
		arriving(t), since, origin(d), n.in(service(t)).many, before(d, n))
}

// blindHeadline says to what Burnline is blind, and which SLOs that concerns.
func blindHeadline(t slo.Transition, d slo.Darkness, since string) string {
	n := len(t.Incident.SLOs)
	named := SLOs(n) + " (" + list(inlined(t.Incident.SLOs)) + ")"
	have := "have"
	if n == 1 {
		have = "has"
	}
	if source(t.Incident) == "storage" {
		return fmt.Sprintf("Burnline is blind since %s: the metric store can't be read, so nobody can say how %s %s.",
			since, named, map[bool]string{true: "fares", false: "fare"}[n == 1])
	}
	if !d.Silent {
		return fmt.Sprintf("No traffic reaches %s since %s: %s %s no events or far fewer than usual.", blindTo(t, "Burnline"), since, named, have)
	}
	return fmt.Sprintf("Burnline is blind%s since %s: %s %s no data, so nobody can say how they fare.",
		prefixed(" to ", blindTo(t, "")), since, named, have)
}

// darkEnding says that data is back, or that the incident ended without it.
func darkEnding(t slo.Transition) string {
	after := Duration(lasted(t))
	several := len(t.Incident.SLOs) > 0
	switch {
	case !t.Ending.Proven():
		title := titleOf(t.Definition, t.Incident)
		if several {
			title = darkTitle(t.Definition, t.Incident)
		}
		return fmt.Sprintf("%s: closed after %s without seeing data again (%s)", title, after, t.Reason)
	case several:
		return fmt.Sprintf("Burnline sees %s again after %s: %s %s data", blindTo(t, "everything"), after, SLOs(len(t.Incident.SLOs)),
			map[bool]string{true: "has", false: "have"}[len(t.Incident.SLOs) == 1])
	}
	return capital(arriving(t)) + " arrives again after " + after
}

// darkTitle names the incident in lists.
func darkTitle(d *slo.Definition, in slo.Incident) string {
	if len(in.SLOs) > 0 {
		return "Blind to " + inline(source(in))
	}
	return "No data: " + titleOf(d, in)
}

// arriving names what an SLO waits for: buying traffic. Where only series that
// report were ever known to come, or a gauge is read, it is data.
func arriving(t slo.Transition) string {
	what := "traffic"
	d := t.Definition
	gauge := d != nil && (d.SLI.Samples != nil || d.SLI.Ratio != nil)
	if gauge || darkness(t).Silent && t.Incident.Severity == slo.Ticket {
		what = "data"
	}
	switch {
	case d == nil:
		return inline(t.Incident.SLO) + " " + what
	case strings.TrimSpace(d.Journey) != "":
		return uncapital(doing(inline(d.Journey))) + " " + what
	}
	return inline(service(t)) + " " + what
}

// uncapital returns the text with its first letter in lower case, unless the word is
// all in capitals.
func uncapital(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if len(first) < 2 || first == strings.ToUpper(first) {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// origin names where the data came from, in parentheses.
func origin(d slo.Darkness) string {
	if named := place(d.Source); named != "" {
		return " (" + named + ")"
	}
	return ""
}

// place writes a source as words: job checkout, instance a:9090.
func place(source slo.Labels) string {
	var parts []string
	for _, name := range []string{"job", "instance"} {
		if value := source.Get(name); value != "" {
			parts = append(parts, name+" "+inline(value))
		}
	}
	return strings.Join(parts, ", ")
}

// blindTo names the source of an incident of several SLOs; otherwise where all is dark.
func blindTo(t slo.Transition, otherwise string) string {
	if named := place(darkness(t).Source); named != "" {
		return named
	}
	name := source(t.Incident)
	if name == "everything" || name == "storage" {
		return otherwise
	}
	return inline(strings.Replace(name, "=", " ", 1))
}

// source is the part of the incident's ID that names its source.
func source(in slo.Incident) string {
	_, name, _ := strings.Cut(in.SLO, "/")
	return name
}

// before says how much there was before.
func before(d slo.Darkness, n noun) string {
	if d.Usual < 1 {
		return ""
	}
	return fmt.Sprintf(" There were %s %s in the hour before.", Count(d.Usual), n.counted(d.Usual))
}

// prefixed puts words before what is not empty.
func prefixed(words, s string) string {
	if s == "" {
		return ""
	}
	return words + s
}

// SLOs writes a number of SLOs.
func SLOs(n int) string {
	if n == 1 {
		return "1 SLO"
	}
	return Count(float64(n)) + " SLOs"
}

func inlined(names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = inline(name)
	}
	return all
}

// darkFacts are the facts behind a message about missing data.
func darkFacts(t slo.Transition, o TextOptions) []Detail {
	f, d := factSheet{}, darkness(t)
	f.add("no data since", local(t.Incident.Started, o).Format("2006-01-02 15:04:05 MST"))
	if t.Kind == slo.IncidentClosed {
		f.add("ended", local(t.At, o).Format("2006-01-02 15:04:05 MST"))
		f.add("lasted", Duration(lasted(t)))
	}
	if d.Usual > 0 {
		f.add(map[bool]string{true: "events in that hour a week ago", false: "events in the hour before"}[d.Collapsed], Count(d.Usual))
	}
	if d.Usual > 0 && t.Kind != slo.IncidentClosed {
		f.add("events in the last hour", Count(d.Now))
	}
	f.add("source", place(d.Source))
	for i, id := range t.Incident.SLOs {
		if i == maxSLOs {
			f.add("further SLOs", Count(float64(len(t.Incident.SLOs)-maxSLOs)))
			break
		}
		f.add("SLO "+strconv.Itoa(i+1), id)
	}
	if len(t.Incident.SLOs) == 0 {
		f.promise(t.Definition)
		f.budget(t)
	}
	f.add("rule", t.Reason)
	f.owners(t.Definition)
	f.add("severity", string(t.Incident.Severity))
	f.add("SLO", t.Incident.SLO)
	f.add("incident", t.Incident.Key)
	return f
}

// orElse returns the text, or another one where it is empty.
func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
