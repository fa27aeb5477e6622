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
	return marked(t.Incident, textOf(t, o))
}

// textOf is Text without the mark of a drill.
func textOf(t slo.Transition, o TextOptions) Message {
	if outside(t.Incident) {
		return alertText(t, o, "")
	}
	m := frame(t, o)
	switch {
	case dark(t.Incident) && t.Kind == slo.IncidentClosed:
		m.Summary = sentences(ending(t) + ".")
	case dark(t.Incident):
		m.Summary = sentences(headline(t, o), rose(t))
	case t.Kind == slo.IncidentRecorded:
		m.Summary = bygone(t, o)
	case t.Kind == slo.IncidentClosed:
		m.Summary = sentences(ending(t)+".", customersHurt(t), toll(t, o, t.At), budgetLeft(t))
	default:
		m.Summary = within(mostSaid, clause{headline(t, o), 0}, clause{customersHurt(t), 0}, clause{whereItFails(t.Evidence, isSlow(t.Definition)), 3},
			clause{toll(t, o, time.Time{}), 4}, clause{failingPart(t.Evidence), 5}, clause{changeNamed(t.Evidence), 2}, clause{rose(t), 6}, clause{budget(t), 1})
	}
	return m
}

// bygone says that something happened of which data came only when it was over.
func bygone(t slo.Transition, o TextOptions) string {
	when, what := span(t.Incident.Started, t.Incident.Closed, o), "failed"
	if limit, slow := threshold(t.Definition); slow {
		what = "took longer than " + Threshold(limit)
	}
	if inParts(t.Definition) {
		return fmt.Sprintf("Happened while blind: %s: the error ratio was %s %s. The data came when it was over, so nobody was told.",
			where(t), Percent(ratio(t)), when)
	}
	who := fraction(ratio(t)).of(nounOf(t.Definition).in(service(t)))
	return fmt.Sprintf("Happened while blind: %s: %s %s %s. The data came when it was over, so nobody was told.", where(t), who, what, when)
}

// overText is the message of an incident that ended before anybody was told.
func overText(t slo.Transition, o TextOptions) Message {
	if outside(t.Incident) {
		return alertText(t, o, "Already over, before this could be sent: ")
	}
	m := frame(t, o)
	m.Summary = sentences("Already over: " + ending(t) + ", before this could be sent.")
	if !dark(t.Incident) {
		m.Summary = sentences(m.Summary, toll(t, o, t.At), budgetLeft(t))
	}
	return marked(t.Incident, m)
}

// ending says that an incident is over, and that it recovered only where that
// was seen: traffic that ended or an SLO that was removed proves nothing.
func ending(t slo.Transition) string {
	if dark(t.Incident) {
		return darkEnding(t)
	}
	after := Duration(lasted(t))
	if t.Ending.Proven() {
		return where(t) + " recovered after " + after
	}
	it := "it"
	if len(t.Incident.Groups) > 1 {
		it = "all of them"
	}
	return fmt.Sprintf("%s: closed after %s without seeing %s recover (%s)", where(t), after, it, t.Reason)
}

// roseText is the message that ends a ticket because a page took its place. It bears the labels
// and the start under which the ticket was told: a receiver that knows incidents by these would
// otherwise take it for the end of the page, which goes on.
func roseText(t slo.Transition, ticket string, told Message, o TextOptions) Message {
	page := t.Incident
	m := frame(t, o)
	t.Incident.Key, t.Incident.Severity = ticket, slo.Ticket
	if !told.Time.IsZero() {
		t.Incident.Started = told.Time
	}
	m.Severity, m.Time, m.Labels = slo.Ticket, t.Incident.Started, told.Labels
	if len(m.Labels) == 0 {
		m.Labels = Labels(t.Incident, t.Definition)
	}
	m.Summary = sentences("This ticket rose to a page.", headline(t, o))
	m.Details = append([]Detail{{"rose to the page", page.Key}}, details(t, o)...)
	return m
}

// classNoData is the class of messages about data that is missing.
const classNoData = "no data"

// classLatency is that of messages about what is slow.
const classLatency = "latency"

// isSlow reports whether an SLO's bad events are slow ones.
func isSlow(d *slo.Definition) bool { _, slow := threshold(d); return slow }

// frame is what all messages of a transition share.
func frame(t slo.Transition, o TextOptions) Message {
	m := Message{
		Severity: t.Incident.Severity,
		Source:   t.Incident.SLO,
		Time:     t.Incident.Started,
		Links:    links(t, o),
		Details:  details(t, o),
		Labels:   Labels(t.Incident, t.Definition),
		Evidence: t.Evidence,
	}
	if d := t.Definition; d != nil {
		m.Annotations = d.Annotations
		m.Source, m.Component, m.Class = d.Service, d.Name, "availability"
		if d.SLI.Latency != nil {
			m.Class = classLatency
		}
	}
	if dark(t.Incident) {
		m.Class = classNoData
		if m.Source == "" {
			m.Source = orElse(place(darkness(t).Source), "burnline")
		}
	}
	return m
}

// headline says who suffers and how much.
func headline(t slo.Transition, o TextOptions) string {
	if dark(t.Incident) {
		return darkHeadline(t, o)
	}
	title, again := where(t), again(t, o)
	n := nounOf(t.Definition)
	if threshold, slow := threshold(t.Definition); slow {
		of := ""
		if t.Since.Total > 0 {
			of = fmt.Sprintf(" (%s of %s)", Count(bad(t.Since)), Count(t.Since.Total))
		}
		return fmt.Sprintf("%s is slow%s: %s took longer than %s since %s%s.", title, again,
			fraction(ratio(t)).of(n.in(service(t))), Threshold(threshold), clock(t.Incident.Started, t.At, o), of)
	}
	if inParts(t.Definition) {
		return fmt.Sprintf("%s: the error ratio is %s%s.", title, Percent(ratio(t)), again)
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
	if inParts(t.Definition) {
		if !end.IsZero() {
			return fmt.Sprintf("The error ratio was %s %s.", Percent(ratio(t)), when)
		}
		if t.Definition.SLI.Composite != nil {
			return fmt.Sprintf("It is that of its SLOs together %s.", when)
		}
		return fmt.Sprintf("It is the mean over %s %s %s.", Count(t.Since.Total), nounOf(t.Definition).counted(t.Since.Total), when)
	}
	return fmt.Sprintf("%s of %s %s %s %s.", Count(bad(t.Since)), Count(t.Since.Total),
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
	if t.Incident.Raised != "" {
		return "It was a ticket until now, and is a page because " + shortened(t.Incident.Raised) + "."
	}
	return "It was a ticket until now."
}

// budget says what is left and, where the burn of now spends it, when it is gone.
func budget(t slo.Transition) string {
	if b := t.Status.Budget; ends(t) {
		return fmt.Sprintf("At this rate the %s error budget is gone in %s.", windowName(t.Definition), Duration(b.GoneIn))
	}
	return budgetLeft(t)
}

// ends reports whether the budget will be gone at the rate of now. At a rate
// that takes longer than the rolling window it never is: the window leaves as
// many bad events behind as come.
func ends(t slo.Transition) bool {
	b := t.Status.Budget
	return b.Known && !b.Spent && b.Exhausts && (t.Definition == nil || b.GoneIn <= t.Definition.Window.Longest())
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
		return bad(t.Since) / t.Since.Total
	}
	if t.Policy != nil {
		return t.Policy.Long.Ratio
	}
	return 0
}

// bad is the number of bad events, at least none and at most all: where bad or
// good counts something that total does not, no more is said than can be true.
func bad(c slo.Counts) float64 { return min(max(0, c.Bad()), c.Total) }

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
	if d == nil || d.SLI.Latency == nil || d.Slice() > 0 {
		return 0, false
	}
	return d.SLI.Latency.Threshold, true
}

// inParts reports whether the SLO has an error ratio but no number of events that failed:
// slices of time that are bad in part, and SLOs of SLOs, which may be weighted.
func inParts(d *slo.Definition) bool {
	return d != nil && (d.SLI.Composite != nil || d.Slice() > 0 && (d.SLI.Ratio != nil || d.Budgeting.Method == slo.RatioTimeslices))
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
