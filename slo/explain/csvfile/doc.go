// Package csvfile reads tables of events for burnline explain from comma-separated values: a
// header, then an event or a set of events in each line.
package csvfile
