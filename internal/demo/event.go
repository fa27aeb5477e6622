// Package demo tells a story on the terminal: a shop runs, payment begins to
// fail, Burnline pages, payment heals, the incident resolves. It drives the
// faults, listens for pages, and knows whether the story came to its end.
package demo

import "time"

// The actions of an Event, as the Events API v2 names them.
const (
	Trigger = "trigger"
	Resolve = "resolve"
)

// Event is one event that the PagerDuty stand-in accepted.
type Event struct {
	// Action is trigger or resolve; anything else is shown and decides nothing.
	Action string
	// DedupKey ties a resolve to its trigger.
	DedupKey string
	// Severity is PagerDuty's: critical, error, warning or info.
	Severity string
	// Summary is the text that wakes somebody; a resolve may have none.
	Summary string
	// Source is the service that hurts.
	Source string
	// Links and Details are in the order to show them in.
	Links   []Fact
	Details []Fact
	// At is when the stand-in accepted the event.
	At time.Time
}

// ticket reports whether the event waits for office hours instead of waking
// somebody.
func (e Event) ticket() bool { return e.Severity == "warning" || e.Severity == "info" }

// Fact is a named text.
type Fact struct{ Name, Text string }
