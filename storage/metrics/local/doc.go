// Package local is the metric store on this machine's disk: an embedded
// Prometheus TSDB. Every input writes through its one tolerant appender, which
// drops what can't be stored, counts it, and shows the engine what was.
package local
