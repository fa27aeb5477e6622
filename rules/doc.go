// Package rules turns SLOs into Prometheus rules that need no Burnline to run:
// recording rules that count events, and alerting rules with the SLO's own
// burn-rate policies. What rules can't express is said in the head of what is
// written, never left out in silence. docs/rules.md explains them.
package rules
