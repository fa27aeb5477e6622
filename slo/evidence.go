package slo

import "time"

// Evidence answers the first questions after a page: who is affected, how badly, where,
// what changed, and show me one. It never decides whether anybody is paged.
type Evidence struct {
	// AsOf is up to when the events were seen.
	AsOf time.Time `json:"as_of"`
	// Impact is nil where nothing is known of it.
	Impact *Impact `json:"impact,omitempty"`
	// Where is nil where nothing could be compared, which is not the same as everywhere.
	Where *Where `json:"where,omitempty"`
	// Changes are the plausible changes before the start, the most plausible first.
	Changes []NearChange `json:"changes,omitempty"`
	// Examples are a few failing traces, of the combination that explains most first.
	Examples []Example `json:"examples,omitempty"`
}

// Impact is what an incident did to customers from its start to Evidence.AsOf.
type Impact struct {
	// Failed of Total events.
	Failed float64 `json:"failed"`
	Total  float64 `json:"total"`
	// EventsEstimated is true where Failed and Total are not what the SLO itself counted.
	EventsEstimated bool `json:"events_estimated,omitempty"`
	// AtLeast is true where not all events were seen, as of some of the time or of clients that sample, so that Customers,
	// Regions and Journeys are at least what they say.
	AtLeast bool `json:"at_least,omitempty"`
	// Customers is nil where no attribute names the customer.
	Customers *Customers `json:"customers,omitempty"`
	// Regions and Journeys are where and doing what customers were hurt, most failures first.
	Regions  []Part `json:"regions,omitempty"`
	Journeys []Part `json:"journeys,omitempty"`
	// Cost is Failed times the price of a failed event; nil without a price.
	Cost *Cost `json:"cost,omitempty"`
}

// Customers are distinct customers, told apart by one attribute.
type Customers struct {
	// Hurt of Seen customers had at least one failed event.
	Hurt float64 `json:"hurt"`
	Seen float64 `json:"seen"`
	// Attribute is what tells them apart, such as enduser.id.
	Attribute string `json:"attribute"`
	// Error is the relative standard error of both numbers; 0 where they are exact.
	Error float64 `json:"error,omitempty"`
	// HurtExact is true where Hurt is exact, whatever Error says of Seen.
	HurtExact bool `json:"hurt_exact,omitempty"`
	// Unnamed is the share of the failed events, 0–1, that named no customer.
	Unnamed float64 `json:"unnamed,omitempty"`
}

// Part is one value of an attribute with its events.
type Part struct {
	Name   string  `json:"name"`
	Failed float64 `json:"failed"`
	Total  float64 `json:"total"`
}

// Cost is an amount of money. It is always an estimate.
type Cost struct {
	Amount float64 `json:"amount"`
	// Currency is a code such as EUR.
	Currency string `json:"currency"`
}

// Where is the answer to: which combinations of attributes explain the failures?
type Where struct {
	// Everywhere is true where the events were compared and nothing stands out.
	Everywhere bool `json:"everywhere,omitempty"`
	// Explanations are the causes that were found one after another.
	Explanations []Explanation `json:"explanations,omitempty"`
	// Events is how many events were compared, and Sampled whether they are a sample.
	Events  float64 `json:"events"`
	Sampled bool    `json:"sampled,omitempty"`
	// Attributes are those that were compared.
	Attributes []string `json:"attributes,omitempty"`
}

// Explanation is one combination of attributes in which events fail more than outside it.
type Explanation struct {
	// Labels is the combination, one to three attributes.
	Labels Labels `json:"labels"`
	// Failed of Total events inside it.
	Failed float64 `json:"failed"`
	Total  float64 `json:"total"`
	// Ratio is Failed ÷ Total, and Outside the same for what neither this explanation nor an
	// earlier one covers.
	Ratio   float64 `json:"ratio"`
	Outside float64 `json:"outside"`
	// Baseline is the error ratio inside it before the breach; negative where unknown.
	Baseline float64 `json:"baseline"`
	// Share is the part of all failures that lies inside it, 0–1.
	Share float64 `json:"share"`
	// Score is the log-likelihood ratio less the penalty for complexity.
	Score float64 `json:"score"`
}

// NearChange is a change that happened near the start of an incident.
type NearChange struct {
	Change ChangeEvent `json:"change"`
	// Before is how long before the start it happened; negative where it came after.
	Before time.Duration `json:"before"`
	// Reason says why it is plausible: same service, same version as the explanation, a
	// dependency.
	Reason string `json:"reason"`
}

// Example is a failing trace that people may look at.
type Example struct {
	// Trace and Span are in hexadecimal.
	Trace string `json:"trace"`
	Span  string `json:"span,omitempty"`
	// At is when the span ended and Duration how long it took.
	At       time.Time     `json:"at"`
	Duration time.Duration `json:"duration"`
	// What names the failure: the status message or the operation.
	What string `json:"what,omitempty"`
	// Explained is true where it lies inside the first explanation.
	Explained bool `json:"explained,omitempty"`
}
