package alerting

import (
	"fmt"
	"strings"
	"time"

	"burnline/slo"
)

// TextOptions are what messages need beside the transition.
type TextOptions struct {
	// ExternalURL is under which people reach the web page; "" leaves links to it out.
	ExternalURL string
	// Location is the time zone of the times; nil means UTC.
	Location *time.Location
}

// Text says in plain words what a transition means: which journey suffers, how
// much, since when, and what is left of the budget. It never says more than
// what was counted: a failed request is not a lost customer.
func Text(t slo.Transition, o TextOptions) Message {
	m := frame(t, o)
	switch t.Kind {
	case slo.IncidentClosed:
		m.Summary = sentences(where(t)+" recovered after "+Duration(lasted(t))+".", toll(t, o, t.At), budgetLeft(t))
	default:
		m.Summary = sentences(headline(t, o), toll(t, o, time.Time{}), rose(t), budget(t))
	}
	return m
}

// overText is the message of an incident that ended before anybody was told.
func overText(t slo.Transition, o TextOptions) Message {
	m := frame(t, o)
	m.Summary = sentences("Already over: "+where(t)+" recovered after "+Duration(lasted(t))+", before this could be sent.",
		toll(t, o, t.At), budgetLeft(t))
	return m
}

// roseText is the message that ends a ticket because a page took its place.
func roseText(t slo.Transition, o TextOptions) Message {
	m := frame(t, o)
	m.Severity = slo.Ticket
	m.Summary = sentences("This ticket rose to a page.", headline(t, o))
	return m
}

// frame is what all messages of a transition share.
func frame(t slo.Transition, o TextOptions) Message {
	m := Message{
		Severity: t.Incident.Severity,
		Source:   t.Incident.SLO,
		Time:     t.Incident.Started,
		Links:    links(t, o),
		Details:  details(t, o),
	}
	if d := t.Definition; d != nil {
		m.Source, m.Component, m.Class = d.Service, d.Name, "availability"
		if d.SLI.Latency != nil {
			m.Class = "latency"
		}
	}
	return m
}

// headline says who suffers and how much.
func headline(t slo.Transition, o TextOptions) string {
	title, again := where(t), again(t, o)
	n := nounOf(t.Definition)
	if threshold, slow := threshold(t.Definition); slow {
		return fmt.Sprintf("%s is slow%s: %s took longer than %s since %s (%s of %s).", title, again,
			fraction(ratio(t)).of(n.in(service(t))), Threshold(threshold), clock(t.Incident.Started, t.At, o),
			Count(t.Since.Bad()), Count(t.Since.Total))
	}
	f := fraction(ratio(t))
	verb := "fail"
	if f.singular {
		verb = "fails"
	}
	return fmt.Sprintf("%s: %s %s%s.", title, f.of(n), verb, again)
}

// toll says how many events failed. A zero end means that it goes on. The
// headline of a slow journey says it already.
func toll(t slo.Transition, o TextOptions, end time.Time) string {
	if t.Since.Total <= 0 {
		return ""
	}
	threshold, slow := threshold(t.Definition)
	if slow && end.IsZero() {
		return ""
	}
	what := "failed"
	if slow {
		what = "took longer than " + Threshold(threshold)
	}
	when := "since " + clock(t.Incident.Started, t.At, o)
	if !end.IsZero() {
		when = span(t.Incident.Started, end, o)
	}
	return fmt.Sprintf("%s of %s %s %s %s.", Count(t.Since.Bad()), Count(t.Since.Total),
		nounOf(t.Definition).in(service(t)).counted(t.Since.Total), what, when)
}

// again says that a page fires once more within one episode.
func again(t slo.Transition, o TextOptions) string {
	if t.Incident.Number < 2 {
		return ""
	}
	return fmt.Sprintf(" again, %s time since %s", Ordinal(t.Incident.Number), clock(t.Incident.EpisodeStarted, t.At, o))
}

// rose says that the page was a ticket before.
func rose(t slo.Transition) string {
	if t.Incident.Replaces == "" {
		return ""
	}
	return "It was a ticket until now."
}

// budget says what is left and, where the burn of now spends it, when it is gone.
func budget(t slo.Transition) string {
	b := t.Status.Budget
	if b.Known && !b.Spent && b.Exhausts {
		return fmt.Sprintf("At this rate the %s error budget is gone in %s.", windowName(t.Definition), Duration(b.GoneIn))
	}
	return budgetLeft(t)
}

// budgetLeft says what is left of the budget.
func budgetLeft(t slo.Transition) string {
	b := t.Status.Budget
	switch {
	case !b.Known:
		return ""
	case (b.Spent || b.Remaining <= 0) && t.Kind == slo.IncidentClosed:
		return fmt.Sprintf("The %s error budget is spent.", windowName(t.Definition))
	case b.Spent || b.Remaining <= 0:
		return fmt.Sprintf("The %s error budget is already spent.", windowName(t.Definition))
	}
	return fmt.Sprintf("%s of the %s error budget is left.", Percent(b.Remaining), windowName(t.Definition))
}

// ratio is the share of bad events since the start; without events since then
// that of the policy's long window.
func ratio(t slo.Transition) float64 {
	if t.Since.Total > 0 {
		return t.Since.Bad() / t.Since.Total
	}
	if t.Policy != nil {
		return t.Policy.Long.Ratio
	}
	return 0
}

// lasted is how long the incident lasted, by data at its start and by the
// evaluation that saw it end.
func lasted(t slo.Transition) time.Duration { return t.At.Sub(t.Incident.Started) }

// service names the service in the middle of a sentence.
func service(t slo.Transition) string {
	if t.Definition == nil {
		return ""
	}
	return t.Definition.Service
}

// threshold returns the longest good duration of a latency SLO.
func threshold(d *slo.Definition) (time.Duration, bool) {
	if d == nil || d.SLI.Latency == nil {
		return 0, false
	}
	return d.SLI.Latency.Threshold, true
}

// where names the journey or service and the groups that suffer.
func where(t slo.Transition) string {
	title := Title(t.Definition, t.Incident)
	groups := t.Incident.Groups
	if len(groups) == 0 {
		groups = []slo.Labels{t.Incident.Group}
	}
	if in := Groups(groups); in != "" {
		return title + " " + in
	}
	return title
}

// sentences joins what is not empty.
func sentences(parts ...string) string {
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " ")
}
