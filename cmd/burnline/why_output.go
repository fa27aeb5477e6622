package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// write tells the whole story.
func (r *whyRecord) write(b *strings.Builder) {
	state := "open since " + moment(r.Opened)
	if !r.Closed.IsZero() {
		state = "closed at " + moment(r.Closed) + " after " + alerting.Duration(r.Closed.Sub(r.Started))
	}
	fmt.Fprintf(b, "%s of %s, %s\n", r.Severity, r.SLO, state)
	told := "%s\n"
	if r.Holding != nil && r.Holding.Text != "" {
		fmt.Fprintf(b, "%s\n", cell(r.Holding.Text))
		told = "What was told: %s\n"
	}
	fmt.Fprintf(b, told, cell(r.Summary))
	if held := r.held(); held != "" {
		fmt.Fprintf(b, "What holds it open now: %s\n", held)
	}
	b.WriteString("\nIt rests on\n")
	for _, d := range r.Details {
		if r.Evidence != nil && alerting.IsEvidence(d.Name) {
			continue // below, as of now
		}
		fmt.Fprintf(b, "  %s: %s\n", d.Name, cell(d.Value))
	}
	if r.Replaces != "" {
		fmt.Fprintf(b, "  rose from the ticket: %s\n", short(r.Replaces))
	}
	r.writeEvidence(b)
	for i := range r.Alerts {
		if i == 0 {
			b.WriteString("\nIts alerts\n")
		}
		fmt.Fprintf(b, "  %s\n", r.Alerts[i].told())
	}
	b.WriteString("\nWhat became of it\n")
	for _, e := range r.events() {
		fmt.Fprintf(b, "  %s  %s\n", moment(e.at), e.text)
	}
	if now := r.standing(); len(now) > 0 {
		b.WriteString("\nWhere it stands\n  " + strings.Join(now, "\n  ") + "\n")
	}
}

// writeEvidence tells whom an incident hurts as of now, where its message is older.
func (r *whyRecord) writeEvidence(b *strings.Builder) {
	if r.Evidence == nil || len(r.Evidence.Facts) == 0 {
		return
	}
	fmt.Fprintf(b, "\nWhom it hurts, as of %s\n", moment(r.Evidence.AsOf))
	for _, d := range r.Evidence.Facts {
		fmt.Fprintf(b, "  %s: %s\n", d.Name, cell(d.Value))
	}
}

// told says what became of one alert.
func (a *whyAlert) told() string {
	var pairs []string
	for name, value := range a.Labels {
		pairs = append(pairs, name, value)
	}
	line := cell(slo.NewLabels(pairs...).String()) + ", since " + moment(a.Starts)
	if !a.Ended.IsZero() {
		line += " until " + moment(a.Ended)
	}
	line += ": " + cell(a.Fate)
	if a.By != "" {
		line += " (" + short(a.By) + ")"
	}
	return line
}

// whyEvent is one line of the story.
type whyEvent struct {
	at   time.Time
	text string
}

// events are the steps, the decisions and the messages in order of time.
func (r *whyRecord) events() []whyEvent {
	var all []whyEvent
	for _, t := range r.Transitions {
		all = append(all, whyEvent{t.At, fmt.Sprintf("%s: %s", t.Kind, cell(t.Reason))})
	}
	for _, d := range r.Decisions {
		all = append(all, whyEvent{d.At, d.Title() + ": " + cell(d.Story())})
	}
	for _, a := range r.Acknowledgements {
		all = append(all, whyEvent{a.At, cell(a.Title()) + " " + a.Place()})
	}
	for _, d := range r.Deliveries {
		at := d.Settled
		if at.IsZero() {
			at = d.Created
		}
		all = append(all, whyEvent{at, d.told()})
	}
	slices.SortStableFunc(all, func(a, b whyEvent) int { return a.at.Compare(b.at) })
	return all
}

// told says how one message fared.
func (d *whyDelivery) told() string {
	action := string(d.Action)
	if d.Message.Repeat {
		action = "repeat"
	}
	line := fmt.Sprintf("%s to %s (%s): %s", action, d.Receiver, d.Integration, d.State)
	if d.Attempts > 0 {
		line += fmt.Sprintf(" after %d %s", d.Attempts, map[bool]string{true: "attempt", false: "attempts"}[d.Attempts == 1])
	}
	if !d.HeldUntil.IsZero() && d.State != alerting.RowPending {
		line += ", rate-limited until " + moment(d.HeldUntil)
	}
	if d.State == alerting.RowPending {
		line += ", next try at " + moment(later(d.Next, d.HeldUntil))
	}
	if d.Answer != "" {
		line += ": " + cell(d.Answer)
	}
	return line
}

// standing says what holds at each receiver now, and what still waits or failed.
func (r *whyRecord) standing() []string {
	var all []string
	record := alerting.Record{Decisions: r.Decisions}
	if r.Closed.IsZero() {
		for _, d := range record.InForce() {
			if d.Fate != alerting.FateSend {
				all = append(all, d.Title()+": "+cell(d.Story()))
			}
		}
	}
	for _, d := range r.Deliveries {
		if d.State == alerting.RowPending || d.State == alerting.RowRefused {
			all = append(all, d.told())
		}
	}
	if len(all) > 0 {
		return all
	}
	accepted := 0
	for _, d := range r.Deliveries {
		if d.State == alerting.RowDelivered {
			accepted++
		}
	}
	switch accepted {
	case 0:
		return []string{"nobody was told"}
	case 1:
		return []string{"its message was accepted"}
	}
	return []string{fmt.Sprintf("all of its %d messages that were sent were accepted", accepted)}
}

// short is enough of a key to find it by.
func short(key string) string {
	if len(key) > 12 {
		return key[:12]
	}
	return key
}

// later returns the later of two moments.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "once it can"
	}
	return t.UTC().Format("2006-01-02 15:04:05 MST")
}
