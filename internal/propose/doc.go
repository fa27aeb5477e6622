// Package propose makes SLOs from what arrives: it knows the metrics that services
// usually have, and turns those that were found, with how they fared in the past, into
// definitions with reasons. It decides and words; whoever calls it asks the metric store.
//
// The way is: Names finds metrics, Labels says by what they are told apart, Candidates
// says what could be promised, Candidate.Probe how its past is counted, and Decide what
// of it is proposed.
package propose
