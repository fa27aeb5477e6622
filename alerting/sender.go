package alerting

import (
	"context"
	"time"
)

// Verdict is what an answer means for a row.
type Verdict string

// The verdicts. An unknown outcome, such as a time-out, is VerdictRetry: rows
// are delivered at least once.
const (
	// VerdictAccepted: the receiver has taken the message over.
	VerdictAccepted Verdict = "accepted"
	// VerdictRetry: the same message may be taken later.
	VerdictRetry Verdict = "retry"
	// VerdictRefused: the same message will never be taken.
	VerdictRefused Verdict = "refused"
)

// Result is the end of one attempt.
type Result struct {
	Verdict Verdict
	// RetryAfter is how long the receiver asks to wait; 0 when it does not say.
	RetryAfter time.Duration
	// Answer is the receiver's answer, or what went wrong, in one line without
	// secrets.
	Answer string
	// Receipt is what the receiver calls the message, where a later one of the same
	// incident needs it: the place of a chat message that is edited. "" changes nothing.
	Receipt string
	// TemplateErrors is how many of the user's templates failed, so that Burnline's own
	// text stands in their place.
	TemplateErrors int
}

// Destination is where a sender's messages end up. Integrations that share a
// destination share its limits and its health.
type Destination struct {
	// Name is the same for the same far end, and holds no secret.
	Name string
	// PerMinute is the most messages that it takes in any 60 seconds; 0 is no limit.
	PerMinute int
}

// Sender sends one row to one integration. It returns when the answer is known
// or ctx ends, and keeps nothing of the row.
type Sender interface {
	Send(ctx context.Context, row Row) Result
	// Destination says where Send's messages go. It never changes.
	Destination() Destination
}
