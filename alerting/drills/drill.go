package drills

import (
	"context"
	"errors"
	"time"
)

// Step is one step of a drill that was done.
type Step struct {
	Name string `json:"name"`
	// Note is what is known of it, such as the receiver's answer; may be empty.
	Note string    `json:"note,omitempty"`
	At   time.Time `json:"at"`
	// After is how long after the beginning of the drill it was done, in nanoseconds.
	After time.Duration `json:"after"`
	// UpTo is the last one of what is done in turns, so that the next drill goes on after it; "" where all is done.
	UpTo string `json:"up_to,omitempty"`
}

// Drill is one drill, as it is kept.
type Drill struct {
	// ID names it: the schedule and when it was due, or when somebody asked for it.
	ID string `json:"id"`
	// Kind is what was done; left out is a drill of paging.
	Kind Kind `json:"kind,omitempty"`
	// Schedule is that by which it was due; "" is by hand.
	Schedule string `json:"schedule,omitempty"`
	// Receiver is who gets the page; "" is whoever the routes lead to.
	Receiver string `json:"receiver,omitempty"`
	// Due is when it was due, Began and Ended when it did; zero for not yet.
	Due   time.Time `json:"due"`
	Began time.Time `json:"began,omitzero"`
	Ended time.Time `json:"ended,omitzero"`
	// Busy is until when another one kept it waiting at least; zero for never.
	Busy time.Time `json:"busy,omitzero"`
	// Attempt counts how often it was begun: a node that ends in the middle leaves it to
	// another one, or to its own next start.
	Attempt int `json:"attempt,omitempty"`
	// Claim counts how often a node took it; who has it knows by that whether it still has.
	Claim int64 `json:"-"`
	// Steps are those that were done.
	Steps []Step `json:"steps,omitempty"`
	// Error says which step did not come and why; "" where it passed.
	Error string `json:"error,omitempty"`
	// Missed is true where it did not take place at all.
	Missed bool `json:"missed,omitempty"`
}

// Passed reports whether the drill ended well.
func (d *Drill) Passed() bool { return !d.Ended.IsZero() && d.Error == "" }

// Failed reports whether the drill ended otherwise, or never took place.
func (d *Drill) Failed() bool { return !d.Ended.IsZero() && d.Error != "" }

// Result is passed, failed, missed, running or planned.
func (d *Drill) Result() string {
	switch {
	case d.Missed:
		return "missed"
	case d.Failed():
		return "failed"
	case d.Passed():
		return "passed"
	case !d.Began.IsZero():
		return "running"
	}
	return "planned"
}

// Took is how long it lasted; 0 before its end.
func (d *Drill) Took() time.Duration {
	if d.Ended.IsZero() || d.Began.IsZero() {
		return 0
	}
	return d.Ended.Sub(d.Began)
}

// ErrBusy says that another drill is under way, so that this one has to wait.
var ErrBusy = errors.New("a drill is under way already; wait until it ends")

// ErrNoReceiver says that nobody has the name of the receiver.
var ErrNoReceiver = errors.New("there is no such receiver; write the name of one under alerting.receivers")

// ErrUnset says that what it needs is not configured.
var ErrUnset = errors.New("what it needs is not configured")

// ErrLost says that a drill is another node's by now.
var ErrLost = errors.New("another node has taken the drill over")

// Store keeps drills. Its clock is the one by which they are due and held, so that nodes
// agree. storage/state implements it.
type Store interface {
	// PlanDrill keeps a drill that is to come, unless one of its kind and schedule waits or is under
	// way. Those of its kind and other schedules that nobody holds are dropped; nothing else happens for
	// a drill without an ID.
	PlanDrill(ctx context.Context, d Drill, now time.Time) error
	// ClaimDrill takes the drill of a kind and schedule that is due and that nobody holds, and holds it
	// for a time; false where there is none.
	ClaimDrill(ctx context.Context, kind Kind, schedule string, hold time.Duration, now time.Time) (Drill, bool, error)
	// SaveDrill writes a drill and holds it on; one that ended is held no more. It fails with
	// ErrLost where the drill was claimed again since.
	SaveDrill(ctx context.Context, d Drill, hold time.Duration, now time.Time) error
	// Drills returns the newest of a kind, the one that is planned among them: by when they were due,
	// the newest first.
	Drills(ctx context.Context, kind Kind, limit int) ([]Drill, error)
}
