package pagerduty

import (
	"slices"
	"time"
)

// Deed is what a person does about an incident.
type Deed string

// The deeds, in the words of the events that webhooks tell of them.
const (
	Acknowledge   Deed = "acknowledged"
	Unacknowledge Deed = "unacknowledged"
	Resolve       Deed = "resolved"
	Reopen        Deed = "reopened"
)

// Notification is one that a person got: by high urgency a call, by low urgency a mail.
type Notification struct {
	Person, Urgency string
	// Incident is its number, and Summary the text that it had.
	Incident int
	Summary  string
	At       time.Time
}

// Act lets a person do something about the newest incident of a key, which webhooks tell of; false where that
// can't be done: only what was resolved is reopened, only what is open is acknowledged or resolved, and only
// what is acknowledged is given back. Giving back and reopening notify who is on call.
func (s *Server) Act(person string, do Deed, routingKey, dedupKey string) bool {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	in := s.book.newest(routingKey, dedupKey)
	if in == nil || !in.allows(do) {
		return false
	}
	now := s.o.Now()
	switch do {
	case Acknowledge:
		in.Status, in.AcknowledgedBy = Acknowledged, append(in.AcknowledgedBy, person)
	case Unacknowledge, Reopen:
		in.Status, in.AcknowledgedBy, in.Resolved = Triggered, nil, time.Time{}
		s.book.notify(in, now)
	case Resolve:
		in.Status, in.Resolved = Resolved, now
	}
	s.queue(do, in, agent{ID: "P" + person, Type: "user_reference", Summary: person}, now)
	return true
}

// allows reports whether a deed is possible as the incident stands.
func (in *Incident) allows(do Deed) bool {
	switch do {
	case Reopen:
		return in.Status == Resolved
	case Unacknowledge:
		return in.Status == Acknowledged
	}
	return in.Status != Resolved
}

// newest returns the newest incident of a key; nil when there is none.
func (b *book) newest(routing, dedup string) *Incident {
	for _, in := range slices.Backward(b.incidents) {
		if in.RoutingKey == routing && in.DedupKey == dedup {
			return in
		}
	}
	return nil
}

// notify tells who is on call of an incident. The caller holds mu.
func (b *book) notify(in *Incident, at time.Time) {
	person := b.onCall[in.RoutingKey]
	if person == "" {
		person = "on call"
	}
	in.Notifications++
	b.notified = append(b.notified, Notification{Person: person, Urgency: in.Urgency, Incident: in.Number,
		Summary: in.Summaries[len(in.Summaries)-1], At: at})
}

// Notifications returns every notification that a person got, in order.
func (s *Server) Notifications() []Notification {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.notified)
}
