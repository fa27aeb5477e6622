// Package corrections checks what people write of a correction, expands
// rules by which one recurs (RRULE, RFC 5545), and reads the form in which the
// API takes it.
package corrections
