// Package engine counts events as samples arrive and says what they mean: per
// SLO and group it keeps exact counts in rings, judges every window at the
// present moment, and proposes incidents to whoever commits them.
//
// The parts, from the inside out: accumulator (samples to differences), rings
// (differences to windows), judge (windows to a status), machine (statuses to
// incidents); all four are pure. Every kind of SLI takes this way: between the first two,
// slices of time become events themselves (slicing); answers of queries come in as samples
// (ask); and composites are made of the windows of their parts. Around them, Engine takes deliveries, reads history from
// storage, keeps time, records results and answers views.
package engine
