package slo

import "time"

// Checkpoint is what was counted of one SLO at a moment, kept so that a restart
// does not read all history again.
type Checkpoint struct {
	SLO string
	// Data is the encoded counts; the engine alone reads it.
	Data []byte
	// Notes is the time before which notes of the SLO are covered.
	Notes time.Time
}

// Note says that samples from T on of a series came so late that reading what came
// after the last checkpoint would miss them. Without a series it says that series of the SLO
// went on so far in the past: reading from T on misses none of them.
type Note struct {
	SLO    string
	Series Labels
	// T is the oldest sample's time in milliseconds since the Unix epoch.
	T int64
	// Written is when the note was made.
	Written time.Time
}
