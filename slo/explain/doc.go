// Package explain answers where events fail: which combinations of attributes, such as
// region=eu with route=/pay, hold more failures than chance allows, one cause after another,
// or that the failures are everywhere. It is a scan over all combinations of up to three
// attributes with the log-likelihood ratio of Kulldorff's spatial scan statistic, less what
// it costs to name the combination. docs/explain.md works an example by hand, and
// docs/adr/0025-explain.md says why it is done so.
//
// It is pure: no clock, no I/O, no randomness, and the same table gives the same answer.
package explain
