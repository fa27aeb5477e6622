// Package loadgen sends OTLP metrics as fast as a server takes them, at next
// to no cost of its own: requests are marshalled once, and for every round
// only times and values are written into the bytes.
package loadgen
