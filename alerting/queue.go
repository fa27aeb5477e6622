package alerting

import (
	"context"
	"time"

	"burnline/slo"
)

// Queue is the part of a store that delivers. Times are compared on one clock for all
// nodes: of a moment that it is given a store may use the distance to now alone, on
// the clock of its database.
type Queue interface {
	// Due returns the integrations that have rows that may be sent now.
	Due(ctx context.Context, now time.Time) ([]Target, error)
	// Claim returns rows of one destination that may be sent now, the most important
	// first, with Attempts already raised and committed, and leases them. It never returns
	// more than the destination's limit lets through, whichever node claims and
	// whatever was restarted.
	Claim(ctx context.Context, claim Claim, now time.Time) (Claimed, error)
	// Settle records how an attempt at a claimed row ended.
	Settle(ctx context.Context, row Row, outcome Outcome, now time.Time) error
	// Defer notes with rows that are due why they are not sent, and says what waits.
	Defer(ctx context.Context, d Deferral, now time.Time) (Deferred, error)
	// OutboxDepth is that of Ledger.
	OutboxDepth(ctx context.Context, now time.Time) (int, time.Duration, error)
}

// Target is one integration of one receiver.
type Target struct{ Receiver, Integration string }

// Claim asks for rows of one destination.
type Claim struct {
	// Destination has the limit, and Targets are the integrations that end there; nil is all.
	Destination Destination
	Targets     []Target
	// Limit is the most rows, and Lease after what time they may be claimed again.
	Limit int
	Lease time.Duration
}

// Claimed is what a claim brought.
type Claimed struct {
	Rows []Row
	// Wait is after what time more may be claimed, where rows wait for the
	// destination's limit, or for what it asked for itself; 0 where they don't.
	Wait time.Duration
	// Held is true where the destination asked to wait.
	Held bool
}

// Deferral says why rows of a destination wait.
type Deferral struct {
	Targets []Target
	// Wait is after what time the first of them may go.
	Wait time.Duration
	// PerMinute is the limit that they wait for; 0 means that the destination fails.
	PerMinute int
	// Why is the reason in words.
	Why string
}

// Deferred is what waits.
type Deferred struct {
	// Rows is how many rows were not known to wait before.
	Rows int
	// Incidents is how many incidents nobody was told of wait, and Titles are those of
	// the most important.
	Incidents int
	Titles    []string
}

// Priority is the order in which rows leave where not all can: the smaller the sooner.
type Priority int

// The priorities. See Destination.Kept for the part of a limit that is kept for those that matter more.
const (
	// PrioritySummary is the one message that tells of all that wait.
	PrioritySummary Priority = iota
	// PriorityUrgent: the end of an incident, or a page that says which customers suffer.
	PriorityUrgent
	// PriorityPage and PriorityTicket: any other incident of this severity.
	PriorityPage
	PriorityTicket
	// PriorityUpdate: news of an incident that is known.
	PriorityUpdate
)

// Priority returns how important the row is.
func (r *Row) Priority() Priority {
	switch {
	case r.Message.Class == ClassBacklog:
		return PrioritySummary
	case r.Action == ActionResolve:
		return PriorityUrgent
	case r.Action == ActionUpdate, r.Action == ActionChange, r.Action == ActionReport:
		return PriorityUpdate
	case r.Message.Severity != slo.Page:
		return PriorityTicket
	case r.Message.Class == ClassAlert:
		return PriorityPage
	}
	return PriorityUrgent
}

// Kept is the part of a limit that rows of a priority leave to more important ones: pages leave a tenth to the
// ends of incidents and to pages about customers, tickets and updates half of all to pages. So what matters leaves at
// once in the middle of a storm of what matters less, also where that came first.
func (d Destination) Kept(p Priority) int {
	switch {
	case p <= PriorityUrgent:
		return 0
	case p == PriorityPage:
		return d.PerMinute / 10
	}
	return d.PerMinute / 2
}
