package reviews

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"burnline/alerting"
	"burnline/slo"
)

// Kind is what an event of a timeline tells of.
type Kind string

// The kinds.
const (
	KindTransition      Kind = "transition"
	KindDecision        Kind = "decision"
	KindDelivery        Kind = "delivery"
	KindAcknowledgement Kind = "acknowledgement"
	KindEvidence        Kind = "evidence"
	KindSilence         Kind = "silence"
	KindCorrection      Kind = "correction"
	KindChange          Kind = "change"
	KindNote            Kind = "note"
	KindVerdict         Kind = "verdict"
	KindAction          Kind = "action"
)

// Event is one line of an incident's timeline.
type Event struct {
	At   time.Time `json:"at"`
	Kind Kind      `json:"kind"`
	// State narrows the kind: opened, delivered, silenced, acknowledged …
	State string `json:"state"`
	Title string `json:"title"`
	// Text may be empty; that of a note may have several lines.
	Text string `json:"text"`
}

// around is how long before an incident changes belong to its timeline.
const around = time.Hour

// Timeline merges all that happened in the order of time. What is planned for later than now is left
// out.
func (c *Case) Timeline() []Event {
	var events []Event
	for _, part := range [][]Event{
		begun(c.Record.Incident), c.changes(), c.corrections(), transitions(c.Record), decisions(c.Record), c.silenced(), deliveries(c.Record), news(c.Record),
		acknowledgements(c.Record), c.written(),
	} {
		events = append(events, part...)
	}
	events = slices.DeleteFunc(events, func(e Event) bool { return e.At.After(c.Now) })
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	return events
}

// begun says when it began, by the data.
func begun(in slo.Incident) []Event {
	e := Event{in.Started, KindTransition, "start", "First bad events", "Data time of the first bad events of this breach."}
	switch in.Cause {
	case slo.CauseNoData:
		e.Title, e.Text = "Last data", "Data time of the newest sample, or of the newest events."
	case slo.CauseAlert:
		e.Title, e.Text = "Began to fire", "As what raised the alert says."
	case slo.CauseBacklog:
		e.Title, e.Text = "Messages wait", "More than the receiver takes in a minute."
	}
	return []Event{e}
}

func transitions(r alerting.Record) (all []Event) {
	for _, t := range r.Transitions {
		all = append(all, Event{t.At, KindTransition, string(t.Kind), capital(string(t.Kind)), t.Reason})
	}
	return all
}

func decisions(r alerting.Record) (all []Event) {
	for _, d := range r.Decisions {
		all = append(all, Event{d.At, KindDecision, string(d.Fate), d.Title(), d.Story()})
	}
	return all
}

func acknowledgements(r alerting.Record) (all []Event) {
	for _, a := range r.Acks {
		all = append(all, Event{a.At, KindAcknowledgement, string(a.Kind), a.Title(), capital(a.Place()) + "."})
	}
	return all
}

// deliveries tell how messages fared.
func deliveries(r alerting.Record) (all []Event) {
	for _, row := range r.Rows {
		if !row.HeldUntil.IsZero() {
			all = append(all, Event{row.CreatedAt, KindDelivery, "held", fmt.Sprintf("%s to %s was rate-limited", capital(string(row.Action)), Target(row)),
				"More waited than the receiver takes in a minute; held back until " + row.HeldUntil.UTC().Format("15:04:05 MST") + "."})
		}
		if row.SettledAt.IsZero() {
			continue
		}
		title := fmt.Sprintf("%s %s by %s", capital(Act(row)), fared(row.State), Target(row))
		if row.State == alerting.RowShadowed {
			title = capital(Act(row)) + " only shown: " + Target(row)
		}
		all = append(all, Event{row.SettledAt, KindDelivery, string(row.State), title, row.Answer})
	}
	return all
}

// Act names what a message asks; one without news is a repeat.
func Act(row alerting.Row) string {
	if row.Message.Repeat {
		return "repeat"
	}
	return string(row.Action)
}

// fared reads in "Trigger … by oncall".
func fared(s alerting.RowState) string {
	switch s {
	case alerting.RowDelivered:
		return "accepted"
	case alerting.RowSuperseded:
		return "superseded before it was accepted"
	}
	return string(s)
}

// Target names the receiver and integration of a row.
func Target(row alerting.Row) string {
	if row.Integration == "" || row.Integration == row.Receiver {
		return row.Receiver
	}
	return row.Receiver + " (" + row.Integration + ")"
}

// news are the updates that tell more of customers, places and changes, each once.
func news(r alerting.Record) (all []Event) {
	for _, row := range r.Rows {
		if row.Message.News == "" {
			continue
		}
		e := Event{row.CreatedAt, KindEvidence, "evidence", "More is known", capital(row.Message.News) + "."}
		if row.Message.Evidence != nil && !row.Message.Evidence.AsOf.IsZero() {
			e.At = row.Message.Evidence.AsOf
		}
		if !slices.Contains(all, e) {
			all = append(all, e)
		}
	}
	return all
}

// silenced tells of the silences that matched it.
func (c *Case) silenced() (all []Event) {
	for _, s := range c.Silences {
		text := fmt.Sprintf("From %s to %s: %s", stamp(s.StartsAt), stamp(s.EndsAt), s.Reason)
		all = append(all, Event{slo.Latest(s.StartsAt, c.Record.Incident.Started), KindSilence, "silenced", "Silenced by " + s.Author, text})
		if s.EndsAt.Before(c.end()) {
			e := Event{s.EndsAt, KindSilence, "unsilenced", "A silence ended", s.Reason}
			if s.ExpiredBy != "" {
				e.Title += ", by " + s.ExpiredBy
			}
			all = append(all, e)
		}
	}
	return all
}

// corrections tell of the time that was taken out of the budget.
func (c *Case) corrections() (all []Event) {
	for _, one := range c.Corrections {
		for _, in := range one.Intervals {
			if !in.From.Before(c.end()) || !in.To.After(c.Record.Incident.Started) {
				continue
			}
			all = append(all, Event{slo.Latest(in.From, c.Record.Incident.Started.Add(-around)), KindCorrection, string(one.Kind), capital(string(one.Kind)) + " by " + one.Author,
				fmt.Sprintf("From %s to %s: %s", stamp(in.From), stamp(in.To), one.Reason)})
		}
	}
	return all
}

// changes tell what was changed shortly before and meanwhile.
func (c *Case) changes() (all []Event) {
	seen := map[string]bool{}
	add := func(e slo.ChangeEvent, why string) {
		if seen[e.ID] || e.At.Before(c.Record.Incident.Started.Add(-around)) && why == "" || e.At.After(c.end()) {
			return
		}
		seen[e.ID] = true
		var said []string
		for _, t := range []string{e.Service, why} {
			if t != "" {
				said = append(said, t)
			}
		}
		if e.By != "" {
			said = append(said, "by "+e.By)
		}
		all = append(all, Event{e.At, KindChange, string(e.Kind), capital(string(e.Kind)) + ": " + e.Title, strings.Join(said, ", ")})
	}
	if c.Evidence != nil {
		for _, n := range c.Evidence.Changes {
			add(n.Change, n.Reason)
		}
	}
	for _, e := range c.Changes {
		add(e, "")
	}
	return all
}

// written is what people wrote.
func (c *Case) written() (all []Event) {
	for _, n := range c.Review.Notes {
		all = append(all, Event{n.At, KindNote, "note", "Note by " + n.By, n.Text})
	}
	for _, v := range c.Review.Verdicts {
		all = append(all, Event{v.At, KindVerdict, string(v.Value), "Judged " + string(v.Value) + " by " + v.By, v.Why})
	}
	for _, a := range c.Review.Actions {
		all = append(all, Event{a.At, KindAction, "open", "Action for " + a.Owner + " by " + a.Due, a.Text})
		if !a.Open() {
			all = append(all, Event{a.Done, KindAction, "done", "Action done, says " + a.DoneBy, a.Text})
		}
	}
	return all
}

// stamp writes a moment in UTC.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// capital begins a text with a capital letter.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}
