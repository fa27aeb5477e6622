// Package slo is the domain of Burnline: what a service promised its
// customers, how events are counted against that promise, and what it means
// when the promise is being broken.
//
// It imports the standard library only and does no I/O: parsing lives in
// slo/spec, counting over live data in slo/engine, storage and paging in
// packages of their own. Times are passed in, never read from a clock.
package slo
