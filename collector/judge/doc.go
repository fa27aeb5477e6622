// Package judge counts the spans that SLOs are about: each span once, good or bad, before
// anything is sampled. The counts become ordinary cumulative series of the metric store, which
// the SLO engine counts like those of any service; docs/spans.md says which.
package judge
