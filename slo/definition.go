package slo

import (
	"math"
	"strconv"
	"strings"
	"time"
)

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
	// Budgeting says how events spend the budget.
	Budgeting Budgeting
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
	// DependsOn names the SLOs whose page tells this one's page too, by ID, or by
	// service/name for all objectives of one.
	DependsOn []string `json:",omitempty"`
	// Impact says what a failed event means to customers.
	Impact ImpactTerms `json:",omitzero"`
	// Labels are the owners' labels, such as tier.
	Labels map[string]string
	// AlertLabels are added to what receivers are told; routes match them.
	AlertLabels map[string]string
	// Dialect is the form that the file has, by which findings know what its
	// authors could write.
	Dialect Dialect
	// Annotations are the owners' notes; "runbook" is linked from every page.
	Annotations map[string]string
	// Source is where the definition was read.
	Source Source
}

// ImpactTerms say what a failed event means to customers. They change nothing in what is
// counted.
type ImpactTerms struct {
	// PricePerFailedEvent is what a failed event costs, in the currency of all SLOs; 0 where
	// nobody knows.
	PricePerFailedEvent float64
	// Customer is the attribute of spans that names the customer of this SLO; "" is that of all SLOs.
	Customer string `json:",omitzero"`
}

// Budget returns the error budget as a fraction: 1 − objective/100.
func (d *Definition) Budget() float64 { return 1 - d.Objective/100 }

// Source is a place in a file.
type Source struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// String writes the place as file:line.
func (s Source) String() string {
	if s.Line <= 0 {
		return s.File
	}
	return s.File + ":" + strconv.Itoa(s.Line)
}

// Dialect is a form of SLO files.
type Dialect string

// The forms that are read.
const (
	Native  Dialect = "burnline"
	Sloth   Dialect = "sloth"
	Pyrra   Dialect = "pyrra"
	OpenSLO Dialect = "openslo"
)

// BudgetingMethod says how events spend the budget; the names are OpenSLO's.
type BudgetingMethod string

const (
	// Occurrences means: every event weighs the same.
	Occurrences BudgetingMethod = "occurrences"
	// Timeslices means: every slice of time is one event, bad when its share of good
	// events is below the target.
	Timeslices BudgetingMethod = "timeslices"
	// RatioTimeslices means: every slice of time with events is one event, bad by its
	// error ratio.
	RatioTimeslices BudgetingMethod = "ratio_timeslices"
)

// Budgeting says how events spend the budget. The zero value is Occurrences.
type Budgeting struct {
	// Method is Occurrences where empty.
	Method BudgetingMethod
	// Slice is the length of a slice, for the other two methods.
	Slice time.Duration
	// Target is the share of good events, 0–1, that makes a slice good, for
	// Timeslices.
	Target float64
}

// Sliced reports whether slices of time, not events, spend the budget.
func (b Budgeting) Sliced() bool { return b.Method == Timeslices || b.Method == RatioTimeslices }

// Slice returns the length of the slices of time that are the SLO's events; 0 where
// its events come as they happen.
func (d *Definition) Slice() time.Duration {
	switch {
	case d.SLI.Ratio != nil:
		return d.SLI.Ratio.Slice
	case d.Budgeting.Sliced() && d.SLI.Composite == nil:
		return d.Budgeting.Slice
	}
	return 0
}

// SLI says what is counted; exactly one field is set.
type SLI struct {
	Events    *EventsSLI
	Spans     *SpansSLI `json:",omitempty"`
	Latency   *LatencySLI
	Samples   *SamplesSLI
	Ratio     *RatioSLI
	Composite *CompositeSLI
}

// CompareOp compares a sample's value with a number.
type CompareOp string

// The comparisons, in OpenSLO's words: a sample is good when value op number holds.
const (
	GT  CompareOp = "gt"
	GTE CompareOp = "gte"
	LT  CompareOp = "lt"
	LTE CompareOp = "lte"
	EQ  CompareOp = "eq"
	NEQ CompareOp = "neq"
)

// Holds reports whether v op with holds; never for NaN.
func (op CompareOp) Holds(v, with float64) bool {
	if math.IsNaN(v) || math.IsNaN(with) {
		return false
	}
	switch op {
	case GT:
		return v > with
	case GTE:
		return v >= with
	case LT:
		return v < with
	case LTE:
		return v <= with
	case EQ:
		return v == with
	case NEQ:
		return v != with
	}
	return false
}

// SamplesSLI takes every sample of a gauge as one event, good when its value
// compares. Together with Timeslices and a target of 1 it is the native form's
// slices: a slice is bad if any sample in it is.
type SamplesSLI struct {
	// Query is PromQL, evaluated once per Every at its end; unused where Selector is set.
	Query string
	// Selector selects raw samples, each counted as it comes; nil where the query is
	// more than a selector.
	Selector *Selector
	// Op and Value are the comparison that good samples fulfil.
	Op    CompareOp
	Value float64
	// Every is the time between two evaluations of Query.
	Every time.Duration
}

// RatioSLI is an error ratio by PromQL, evaluated once per slice. Each slice is
// one event with bad = the ratio, at least 0 and at most 1; NaN and no result are
// unknown.
type RatioSLI struct {
	// Query has $window where the range stands; it is replaced by Slice.
	Query string
	Slice time.Duration
}

// Expr returns the query with its range written out.
func (r *RatioSLI) Expr() string {
	return strings.ReplaceAll(r.Query, "$window", FormatDuration(r.Slice))
}

// CompositeMethod says how an SLO of SLOs combines its parts.
type CompositeMethod string

const (
	// Weighted means: the error ratio is the weighted mean of those of the parts
	// with events.
	Weighted CompositeMethod = "weighted"
	// Worst means: the error ratio is that of the part with the highest.
	Worst CompositeMethod = "worst"
)

// CompositeSLI is an SLO of SLOs. In every window its error ratio is made of
// the error ratios of the parts in that window, all their groups together.
type CompositeSLI struct {
	Method CompositeMethod
	Parts  []CompositePart
}

// CompositePart is one SLO of a composite.
type CompositePart struct {
	// SLO is the ID of the part's definition.
	SLO string
	// Weight is above 0; 1 unless given. Worst ignores it.
	Weight float64
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
	// milliseconds where its name says so (HistogramUnit).
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
