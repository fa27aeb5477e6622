// Package changes takes note of deploys, flags and changes of configuration, and of versions
// that telemetry shows for the first time: what is checked, what counts as new, and the recent ones,
// which every node knows.
package changes
