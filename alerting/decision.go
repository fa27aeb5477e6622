package alerting

import (
	"fmt"
	"time"
)

// Fate is what the stages of the router decide for an incident, or for one alert
// of it, at one receiver.
type Fate string

// The fates. All but FateSend only keep a message back: the incident is watched
// on, its end is told wherever its beginning was, and what is still true when the
// reason ends is told then.
const (
	// FateSend: it is told.
	FateSend Fate = "send"
	// FateHeld: it waits a moment for the dependency that may explain it.
	FateHeld Fate = "held"
	// FateMerged: the page of a dependency tells it too.
	FateMerged Fate = "merged"
	// FateSilenced, FateInhibited and FateMuted: a silence, another alert or a time
	// interval keeps it quiet.
	FateSilenced  Fate = "silenced"
	FateInhibited Fate = "inhibited"
	FateMuted     Fate = "muted"
	// FateNobody: no receiver is configured for it.
	FateNobody Fate = "nobody"
)

// Decision is a fate with what decided it.
type Decision struct {
	// Receiver is who is told or not; "" speaks for all.
	Receiver string `json:"receiver"`
	Fate     Fate   `json:"fate"`
	// By is the ID of the silence, the incident or alert that keeps it quiet, the
	// name of the interval; "" for FateSend.
	By string `json:"by,omitempty"`
	// Until is when the reason is known to end; zero when it is not.
	Until time.Time `json:"until,omitzero"`
	// Reason is the decision in words.
	Reason string `json:"reason"`
	// At is when it was decided.
	At time.Time `json:"at"`
}

// Title says in a few words what was decided, and at which receiver.
func (d Decision) Title() string {
	at := orElse(d.Receiver, "every receiver")
	switch d.Fate {
	case FateSend:
		return "Goes to " + at
	case FateNobody:
		return "Nobody is told"
	case FateMerged:
		return "Merged into another page at " + at
	}
	return fmt.Sprintf("%s at %s", capital(string(d.Fate)), at)
}

// Story is the reason with what decided it, and until when that is known to hold.
func (d Decision) Story() string {
	said := d.Reason
	if d.By != "" {
		said += " (" + shortKey(d.By) + ")"
	}
	if !d.Until.IsZero() {
		said += ", until " + d.Until.UTC().Format("2006-01-02 15:04:05 MST")
	}
	return said
}

// shortKey is enough of a key to find it by.
func shortKey(key string) string {
	if len(key) == 64 {
		return key[:12]
	}
	return inline(key)
}

// InForce are the decisions that hold now, one per receiver.
func (r *Record) InForce() []Decision { return inForce(r.Decisions) }
