package report

import (
	"time"

	"burnline/slo"
)

// Report is how all promises of a scope were kept in a period, for those who answer for them.
// Every figure stands twice: corrected, and raw.
type Report struct {
	Period Period `json:"period"`
	// Zone is the IANA name of the time zone by which days and periods begin.
	Zone string `json:"timezone"`
	// Team is whose SLOs it tells of, with those of the teams below; "" is everybody's.
	Team string `json:"team,omitempty"`
	// Made is when it was made. The figures of a running period end there.
	Made time.Time `json:"made"`
	// Running is true while the period is not over.
	Running bool `json:"running"`
	// Revision counts what was closed of the period, from 1; 0 is not closed. Reason says why there
	// is a further one, and Differences what it changed.
	Revision    int          `json:"revision"`
	Reason      string       `json:"reason,omitempty"`
	Differences []Difference `json:"differences,omitempty"`

	// Sentences are three: better or worse, why, and what needs deciding.
	Sentences []string `json:"sentences"`
	Score     Score    `json:"score"`
	// Before is the score of the period before, over the SLOs of that time.
	Before Score `json:"score_before"`
	// Met counts objectives by how they were kept, now and in the period before.
	Met       Tally `json:"objectives"`
	MetBefore Tally `json:"objectives_before"`

	Tiers  []string    `json:"tiers"`
	Matrix []MatrixRow `json:"matrix"`
	// Calendar are twelve months up to the period's last.
	Calendar []Month `json:"calendar"`
	SLOs     []Line  `json:"slos"`
	// Consumers are the IDs of the SLOs that spent most of their budgets, in order.
	Consumers []string   `json:"consumers"`
	Incidents []Incident `json:"incidents"`
	// People is what the teams were asked for, in order of name, and All together.
	People []People `json:"people"`
	All    People   `json:"all_people"`
	Cost   Cost     `json:"cost"`
	// Exhaustion are the budgets that are spent or soon will be, by the engine; only of a running
	// period.
	Exhaustion []Exhaustion `json:"exhaustion,omitempty"`
	Coverage   Coverage     `json:"coverage"`
	// Changes are promises that were lowered, added or removed in the period.
	Changes []PromiseChange `json:"promise_changes"`
	// Exclusions are the corrections that took time out of the period.
	Exclusions []Exclusion `json:"exclusions"`
	// TakenOut are all events that corrections took out.
	TakenOut slo.Counts `json:"taken_out"`
}

// Score is the share of what was promised that was kept and is known to be, 0–100: over all
// SLOs with their weights, 100 × Σ weight × kept × known ÷ Σ weight. Kept is 1 or 0, and known is the part
// of the hours that had data.
type Score struct {
	// Corrected and Raw are nil where nothing was promised.
	Corrected *float64 `json:"corrected"`
	Raw       *float64 `json:"raw"`
	// Weight is Σ weight on the corrected side, and Kept Σ weight × kept × known.
	Weight float64 `json:"weight"`
	Kept   float64 `json:"kept"`
}

// Tally counts SLOs by how they were kept.
type Tally struct {
	Corrected States `json:"corrected"`
	Raw       States `json:"raw"`
}

// States is how many SLOs were in each state. Only Kept were met for sure.
type States struct {
	Kept     int `json:"kept"`
	Missed   int `json:"missed"`
	Partly   int `json:"partly_no_data"`
	NoData   int `json:"no_data"`
	Excluded int `json:"excluded"`
}

// All is the number of SLOs.
func (s States) All() int { return s.Kept + s.Missed + s.Partly + s.NoData + s.Excluded }

func (s *States) add(st State) {
	switch st {
	case Kept:
		s.Kept++
	case Missed:
		s.Missed++
	case Partly:
		s.Partly++
	case Excluded:
		s.Excluded++
	default:
		s.NoData++
	}
}

// Line is one SLO in the period.
type Line struct {
	ID      string  `json:"id"`
	Service string  `json:"service"`
	Team    string  `json:"team"`
	Tier    string  `json:"tier"`
	Journey string  `json:"journey,omitempty"`
	Weight  float64 `json:"weight"`
	Stretch
	// Before is its state in the period before, corrected; "" where it was not in force.
	Before State `json:"before,omitempty"`
	// Health is where it stands in the matrix.
	Health Health `json:"health"`
	// Removed is true where it is no longer in force.
	Removed bool `json:"removed,omitempty"`
	// Price is what a failed event costs; 0 where nobody knows.
	Price float64 `json:"price,omitempty"`
	// Past are the months of the calendar; those before it was in force are unknown. Reports of older
	// programs have none.
	Past []PastMonth `json:"past,omitempty"`
}

// Health is where an SLO stands in the matrix.
type Health string

// The columns of the matrix.
const (
	Healthy   Health = "healthy"
	AtRisk    Health = "at risk"
	Exhausted Health = "exhausted"
	Unknown   Health = "no data"
)

// MatrixRow is a team's line of the matrix; its cells are in the order of Report.Tiers.
type MatrixRow struct {
	// Team is "" for SLOs without one.
	Team  string `json:"team"`
	Cells []Cell `json:"cells"`
	// Past is its score in the months of the calendar; reports of older programs have none.
	Past []PastScore `json:"past,omitempty"`
}

// Cell counts the SLOs of a team and tier by their health.
type Cell struct {
	Healthy   int `json:"healthy"`
	AtRisk    int `json:"at_risk"`
	Exhausted int `json:"exhausted"`
	NoData    int `json:"no_data"`
	// SLOs are the IDs of those that are not healthy, worst first.
	SLOs []string `json:"slos,omitempty"`
}

// All is the number of SLOs.
func (c Cell) All() int { return c.Healthy + c.AtRisk + c.Exhausted + c.NoData }

// Worst is the health of the SLO that fares worst; "" without SLOs.
func (c Cell) Worst() Health {
	switch {
	case c.Exhausted > 0:
		return Exhausted
	case c.AtRisk > 0:
		return AtRisk
	case c.NoData > 0:
		return Unknown
	case c.Healthy > 0:
		return Healthy
	}
	return ""
}

// Month is one month of the calendar.
type Month struct {
	// Name is 2026-10.
	Name  string `json:"name"`
	Score Score  `json:"score"`
	Met   States `json:"objectives"`
	// Days are those that are over or under way.
	Days []CalendarDay `json:"days"`
}

// CalendarDay is all promises on one day: the score and the states by that day's events.
type CalendarDay struct {
	Date  string   `json:"date"`
	Score *float64 `json:"score"`
	Raw   *float64 `json:"score_raw"`
	Met   States   `json:"objectives"`
}

// Cost is what failed events cost, by the prices of the definitions. It is an estimate: one request
// that several SLOs count is counted by each.
type Cost struct {
	Currency  string  `json:"currency"`
	Corrected float64 `json:"corrected"`
	Raw       float64 `json:"raw"`
	// Before is the corrected cost of the period before.
	Before float64 `json:"before"`
	// Priced and Unpriced count SLOs with and without a price.
	Priced   int `json:"slos_with_price"`
	Unpriced int `json:"slos_without_price"`
}

// Exhaustion is a budget that is spent, or that will be at the pace of now.
type Exhaustion struct {
	ID    string     `json:"id"`
	Group slo.Labels `json:"group"`
	Team  string     `json:"team"`
	// Remaining is the part that is left; negative where it is overspent.
	Remaining float64 `json:"remaining"`
	Spent     bool    `json:"spent"`
	// GoneIn is the time that is left, in nanoseconds, and At the moment; zero where it is spent.
	GoneIn time.Duration `json:"gone_in"`
	At     time.Time     `json:"at,omitzero"`
}

// Coverage is what nobody can say anything about.
type Coverage struct {
	// NoData are SLOs without any event in the period, and Gaps those with some hours without.
	NoData []string `json:"no_data"`
	Gaps   []string `json:"gaps"`
	// Hours is the sum of hours without data over all SLOs, of AllHours; Raw does not leave out
	// what corrections take out.
	Hours    float64 `json:"hours_without_data"`
	Raw      float64 `json:"hours_without_data_raw"`
	AllHours float64 `json:"hours"`
	// Unowned are SLOs without a team.
	Unowned []string `json:"unowned"`
	// Uncovered are services that send metrics and have no SLO; Services says whether that is
	// known.
	Uncovered []string `json:"services_without_slo"`
	Services  bool     `json:"services_known"`
}

// PromiseChange is a promise that was lowered, added or removed.
type PromiseChange struct {
	SLO  string    `json:"slo"`
	Team string    `json:"team"`
	Kind string    `json:"kind"` // lowered, added or removed
	At   time.Time `json:"at"`
	// Words say in plain words what changed.
	Words []string `json:"words,omitempty"`
}

// The kinds of PromiseChange.
const (
	ChangeLowered = "lowered"
	ChangeAdded   = "added"
	ChangeRemoved = "removed"
)

// Exclusion is a correction in the period.
type Exclusion struct {
	ID     string             `json:"id"`
	Kind   slo.CorrectionKind `json:"kind"`
	Reason string             `json:"reason"`
	Author string             `json:"author"`
	From   time.Time          `json:"from"`
	To     time.Time          `json:"to"`
	// Hours is how much of the period it takes out, and SLOs of how many.
	Hours float64 `json:"hours"`
	SLOs  int     `json:"slos"`
}

// Head is a closed report without its figures.
type Head struct {
	Period   string    `json:"period"`
	Team     string    `json:"team,omitempty"`
	Revision int       `json:"revision"`
	Made     time.Time `json:"made"`
	// Reason says why it was made.
	Reason string `json:"reason"`
	// Basis stands for the corrections by which it was made: where they change, so may it.
	Basis string `json:"-"`
}

// Title names what the report is of: October 2026, team payments.
func (r *Report) Title() string {
	title := capital(r.Period.Title())
	if r.Running {
		title += " so far"
	}
	if r.Team != "" {
		title += ", team " + r.Team
	}
	return title
}
