package pagerduty

import (
	"encoding/hex"
	"hash/fnv"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Status is where an incident stands.
type Status string

// The statuses of PagerDuty.
const (
	Triggered    Status = "triggered"
	Acknowledged Status = "acknowledged"
	Resolved     Status = "resolved"
)

// Accepted is one event that was accepted, with what it did.
type Accepted struct {
	Event Event
	At    time.Time
	// Effect is opened, updated, acknowledged, resolved, or dropped (nothing was
	// open for the key).
	Effect string
	// Incident is the number of the incident, 0 when dropped.
	Incident int
	// Notified is true when a person would have been told.
	Notified bool
}

// Incident is one incident as PagerDuty would show it.
type Incident struct {
	// Number counts incidents from 1.
	Number               int
	RoutingKey, DedupKey string
	Status               Status
	// AcknowledgedBy are who acknowledged it, an integration by the name of its client.
	AcknowledgedBy []string
	// Urgency is high for critical and error, low for warning and info.
	Urgency string
	// Summaries are the texts it had, newest last.
	Summaries        []string
	Opened, Resolved time.Time
	// Notifications counts how often a person would have been told.
	Notifications int
}

// book keeps what was accepted.
type book struct {
	mu        sync.Mutex
	accepted  []Accepted
	incidents []*Incident
	notified  []Notification
	changes   []Change
	// onCall is who is notified, by routing key.
	onCall map[string]string

	subscriptions []*subscription
	// told counts the events that webhooks tell of.
	told int
}

// apply applies an accepted event and says what it did. PagerDuty makes up a
// dedup_key where a trigger has none.
func (s *Server) apply(e Event, at time.Time) Accepted {
	b := &s.book
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.DedupKey == "" {
		e.DedupKey = madeUp(len(b.accepted))
	}
	a := Accepted{Event: e, At: at, Effect: "dropped"}
	if in := b.open(e.RoutingKey, e.DedupKey); in != nil {
		a.Incident = in.Number
		before := in.Status
		a.Effect = in.apply(e, at)
		if in.Status != before {
			s.queue(Deed(in.Status), in, integration(), at)
		}
	} else if e.EventAction == "trigger" {
		in := &Incident{Number: len(b.incidents) + 1, RoutingKey: e.RoutingKey, DedupKey: e.DedupKey,
			Status: Triggered, Urgency: urgency(e.Payload.Severity), Summaries: []string{e.Payload.Summary}, Opened: at}
		b.incidents = append(b.incidents, in)
		b.notify(in, at)
		s.queue("triggered", in, integration(), at)
		a.Incident, a.Effect, a.Notified = in.Number, "opened", true
	}
	b.accepted = append(b.accepted, a)
	return a
}

// apply changes an open incident. A further trigger is news for the log and
// notifies nobody, acknowledged or not.
func (in *Incident) apply(e Event, at time.Time) string {
	switch e.EventAction {
	case "trigger":
		in.Summaries = append(in.Summaries, e.Payload.Summary)
		return "updated"
	case "acknowledge":
		in.Status, in.AcknowledgedBy = Acknowledged, append(in.AcknowledgedBy, e.Client)
		return "acknowledged"
	}
	in.Status, in.Resolved = Resolved, at
	return "resolved"
}

// integration is who an event of the API counts as.
func integration() agent {
	return agent{ID: "PINT", Type: "events_api_v2_inbound_integration_reference", Summary: "Events API v2"}
}

// open returns the open incident of a key; nil when there is none.
func (b *book) open(routing, dedup string) *Incident {
	for _, in := range slices.Backward(b.incidents) {
		if in.RoutingKey == routing && in.DedupKey == dedup && in.Status != Resolved {
			return in
		}
	}
	return nil
}

// urgency is how a service whose urgency follows severity treats an event.
func urgency(severity string) string {
	if severity == "critical" || severity == "error" {
		return "high"
	}
	return "low"
}

// madeUp is a dedup_key for a trigger that brings none.
func madeUp(n int) string {
	h := fnv.New128a()
	h.Write([]byte(strconv.Itoa(n)))
	return hex.EncodeToString(h.Sum(nil))
}
