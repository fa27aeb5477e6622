package slo

import "time"

// Definition is one SLO with one objective, complete: every default is filled
// in. A file with several objectives yields several definitions.
type Definition struct {
	// ID is service/name, or service/name/objective where the file gives
	// several objectives.
	ID string
	// Name, Service and Team say whose promise this is.
	Name, Service, Team string
	// Journey is what the customer was doing, such as "buy"; may be empty.
	Journey string
	// Description is the promise in the owners' own words; may be empty.
	Description string
	// Objective is the promised share of good events in percent, 0 < o < 100.
	Objective float64
	// Window is the time over which the promise holds.
	Window Window
	// SLI says which events are counted and which of them are bad.
	SLI SLI
	// GroupBy lists the labels that split the SLO into one budget per value.
	GroupBy []string
	// NoData says what happens when no data arrives.
	NoData NoData
	// Policies are the multi-window burn-rate policies, most urgent first.
	Policies []Policy
	// ResolveAfter is for how long no policy of a severity may have fired
	// before its incident closes. Default 5m.
	ResolveAfter time.Duration
	// MinBad is the least number of bad events in the long window for which a
	// page policy pages; below it the policy is a ticket. Default 2.
	MinBad float64
	// Labels are the owners' labels, such as tier.
	Labels map[string]string
	// Annotations are the owners' notes; "runbook" is linked from every page.
	Annotations map[string]string
	// Source is where the definition was read.
	Source Source
}

// Budget returns the error budget as a fraction: 1 − objective/100.
func (d *Definition) Budget() float64 { return 1 - d.Objective/100 }

// Source is a place in a file.
type Source struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// Window is the time over which an objective holds. Only rolling windows
// exist so far.
type Window struct {
	// Rolling is the length of a window that ends now.
	Rolling time.Duration
}

// SLI says what is counted; exactly one field is set.
type SLI struct {
	Events  *EventsSLI
	Latency *LatencySLI
}

// EventsSLI counts events by counters: Total and one of Bad and Good.
type EventsSLI struct {
	Bad, Good, Total Sum
}

// LatencySLI counts requests by a histogram: good are those that took at most
// Threshold.
type LatencySLI struct {
	// Histogram selects a classic histogram by its base name (without _bucket
	// and _count) or a native histogram by its name.
	Histogram Selector
	// Threshold is the longest good duration. The histogram's unit is seconds,
	// milliseconds where its name says so (…_milliseconds, …_ms).
	Threshold time.Duration
}

// Sum is a sum and difference of selectors; nil where it is not given.
type Sum []Signed

// Signed is a selector that is added or, when Minus, taken away.
type Signed struct {
	Selector Selector
	Minus    bool
}

// Selector selects series by metric name and label matchers.
type Selector struct {
	// Name is the metric's name.
	Name string
	// Matchers all have to match.
	Matchers []Matcher
}

// MatchOp is a comparison of a label's value.
type MatchOp string

// The four comparisons of PromQL. Regular expressions match the whole value.
const (
	MatchEqual     MatchOp = "="
	MatchNotEqual  MatchOp = "!="
	MatchRegexp    MatchOp = "=~"
	MatchNotRegexp MatchOp = "!~"
)

// Matcher compares the value of one label; a missing label has the value "".
type Matcher struct {
	Label string
	Op    MatchOp
	Value string
}

// NoData says what a lack of data does.
type NoData string

// The values of no_data; see docs/slos.md.
const (
	NoDataAuto   NoData = "auto"
	NoDataPage   NoData = "page"
	NoDataTicket NoData = "ticket"
	NoDataIgnore NoData = "ignore"
)

// Severity says how urgently a person is told.
type Severity string

// A page wakes somebody; a ticket waits for office hours.
const (
	Page   Severity = "page"
	Ticket Severity = "ticket"
)

// Policy is one multi-window burn-rate policy: it fires at T when the burn
// rates over both windows exceed Factor. (Google SRE Workbook, chapter 5.)
type Policy struct {
	Severity Severity
	// Long proves that the breach matters, Short that it still lasts.
	Long, Short time.Duration
	// Share is the part of the whole budget, 0–1, that a burn at Factor
	// spends within Long.
	Share float64
	// Factor is the burn rate above which the policy fires.
	Factor float64
}
