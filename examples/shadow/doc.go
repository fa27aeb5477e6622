// Package shadow is an example of shadow mode: a service is scraped by a Prometheus with rules as
// Sloth generates them, whose Alertmanager tells people, and by Burnline, which tells nobody and
// compares.
package shadow
