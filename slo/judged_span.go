package slo

import "time"

// JudgedSpan is one span as an SLO judges it: of an SLO of the spans kind by its own
// conditions, of any other by the spans of its service, which shows whom it hurts and
// where but counts nothing.
type JudgedSpan struct {
	// SLO is the definition's ID and Group the group that the span belongs to.
	SLO   string
	Group Labels
	Bad   bool
	// End is when the span ended, and Duration how long it took.
	End      time.Time
	Duration time.Duration
	// Trace and Span are its ids.
	Trace [16]byte
	Span  [8]byte
	// Name is the operation and Message what its status says; it may be empty.
	Name, Message string
	// Customer is a keyed hash of who was served; 0 where the span doesn't say.
	Customer uint64
	// Values are those of the compared attributes, in the order in which the sink named
	// them; "" where the span has none.
	Values []string
}

// SpanSink takes judged spans. It must not block, and keeps nothing of the slice nor of
// Values after it returns.
type SpanSink interface {
	Judged(spans []JudgedSpan)
}
