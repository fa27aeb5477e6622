package slo

import "time"

// Counts are events over some stretch of time. Fractions occur because a
// difference that spans a long gap is spread over its span.
type Counts struct {
	Good  float64 `json:"good"`
	Total float64 `json:"total"`
}

// Bad returns total − good.
func (c Counts) Bad() float64 { return c.Total - c.Good }

// Plus returns both together.
func (c Counts) Plus(more Counts) Counts { return Counts{c.Good + more.Good, c.Total + more.Total} }

// State is what is known of an SLO or of one of its groups at one moment.
type State string

// The states. Idle, missing, broken and unseen are unknown: they are never
// shown or counted as healthy.
const (
	// StateOK: events arrive and no policy fires.
	StateOK State = "ok"
	// StateBurning: at least one policy fires or an incident is open.
	StateBurning State = "burning"
	// StateSpent: no policy fires and nothing of the budget is left.
	StateSpent State = "spent"
	// StateIdle: series report, but no events.
	StateIdle State = "idle"
	// StateMissing: series of the total were seen and no longer report.
	StateMissing State = "missing"
	// StateBroken: the numbers contradict each other or can't be read.
	StateBroken State = "broken"
	// StateUnseen: no data has ever arrived.
	StateUnseen State = "unseen"
)

// Known reports whether the state rests on events, so that it may be shown as
// good or bad.
func (s State) Known() bool { return s == StateOK || s == StateBurning || s == StateSpent }

// Burn is the burn over one window that ends at the status' time.
type Burn struct {
	// Window is the window's length; for a calendar window its nominal one.
	Window time.Duration `json:"window"`
	// Name is the window as labels and headings write it: 1h, 30d, month.
	Name   string `json:"name"`
	Counts Counts `json:"counts"`
	// Ratio is bad ÷ total and Rate is Ratio ÷ budget; both are 0 and Known is
	// false when there were no events.
	Ratio float64 `json:"ratio"`
	Rate  float64 `json:"rate"`
	Known bool    `json:"known"`
}

// PolicyStatus is one policy judged at the status' time.
type PolicyStatus struct {
	Policy Policy `json:"policy"`
	Long   Burn   `json:"long"`
	Short  Burn   `json:"short"`
	Firing bool   `json:"firing"`
	// Severity is the severity in effect: a page without enough proof counts
	// as a ticket (the low-traffic guard).
	Severity Severity `json:"severity"`
	// Reason says in a few words why it fires, does not, or was downgraded.
	Reason string `json:"reason"`
}

// BudgetStatus is the error budget of the SLO's window at one moment.
type BudgetStatus struct {
	// Counts are the events of the covered part of the window.
	Counts Counts `json:"counts"`
	// Start and End bound the window; a rolling one ends at the status' time.
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// Elapsed is the covered part of the window.
	Elapsed time.Duration `json:"elapsed"`
	// Consumed and Remaining are fractions of the whole budget; Remaining is
	// 1 − Consumed and falls below 0 when the budget is overspent.
	Consumed  float64 `json:"consumed"`
	Remaining float64 `json:"remaining"`
	// Known is false when the window holds no events.
	Known bool `json:"known"`
	// Projected is true until data covers the whole window.
	Projected bool `json:"projected"`
	// GoneIn is the time until the budget is gone at the burn and traffic of
	// now; valid only when Exhausts.
	GoneIn   time.Duration `json:"gone_in"`
	Exhausts bool          `json:"exhausts"`
	// Spent is true when nothing remains.
	Spent bool `json:"spent"`
}

// Status is everything the engine knows of one group of one SLO at At. UI,
// dashboards and reports show it and compute nothing of their own.
type Status struct {
	ID    string    `json:"id"`
	Group Labels    `json:"group"`
	At    time.Time `json:"at"`
	State State     `json:"state"`
	// Reason explains the state in a plain sentence.
	Reason string `json:"reason"`
	// Since is when the state began, by the clock of the evaluation.
	Since time.Time `json:"since"`
	// LastSample is the time of the newest counted sample; zero when none.
	LastSample time.Time      `json:"last_sample"`
	Budget     BudgetStatus   `json:"budget"`
	Policies   []PolicyStatus `json:"policies"`
	// Burns are the distinct windows of the policies and the SLO's own, shortest
	// first; Whole is the SLO's own alone.
	Burns []Burn `json:"burns"`
	Whole Burn   `json:"whole"`
	// Filling is true while history is still being read from storage, and
	// Filled is the part of the longest window, 0–1, that was.
	Filling bool    `json:"filling"`
	Filled  float64 `json:"filled"`
	// Dark says since when and why no data arrives; nil while it does.
	Dark *Darkness `json:"dark,omitempty"`
	// Held are the corrections that keep alerts back now.
	Held []Held `json:"held,omitempty"`
	// Open are the group's open incidents.
	Open []Incident `json:"open"`
	// Holds say of those that rest on burn what holds them open.
	Holds []Holding `json:"holds,omitempty"`
}

// Darkness is the evidence that an SLO gets no data, or far less than usual.
type Darkness struct {
	// Since is the data time from which no event was seen.
	Since time.Time `json:"since"`
	// Severity is what the SLO's no_data asks for; "" for ignore.
	Severity Severity `json:"severity"`
	// Reason says it in a plain sentence.
	Reason string `json:"reason"`
	// Usual is how many events came in an hour before, and Now in the last hour.
	Usual float64 `json:"usual"`
	Now   float64 `json:"now"`
	// Source names where the data came from, such as job="checkout".
	Source Labels `json:"source"`
	// Silent is true when no series of the total reports at all (missing), false
	// when they do but without events (idle).
	Silent bool `json:"silent"`
	// Collapsed is true where events may still arrive, but far fewer than in the same
	// hour a week ago, which Usual then is.
	Collapsed bool `json:"collapsed,omitempty"`
}

// ChartPoint is one step of an SLO's history, as charts draw it.
type ChartPoint struct {
	// T is the end of the step.
	T time.Time `json:"t"`
	// Counts are the events within the step, and Rate total events a second.
	Counts Counts  `json:"counts"`
	Rate   float64 `json:"rate"`
	// Ratio is the error ratio within the step; nil when it had no events.
	Ratio *float64 `json:"ratio"`
	// Remaining is the budget left at T for the SLO's window that holds the
	// chart's end, of a calendar window up to now: it starts at 1 and falls. Nil before
	// the window and where unknown.
	Remaining *float64 `json:"remaining"`
	// Ideal is the straight line from 1 to 0 over the window.
	Ideal float64 `json:"ideal"`
	// Burns are the burn rates at T, in the order of Chart.Windows; nil where
	// unknown.
	Burns []*float64 `json:"burns"`
}

// Chart is the history of one group of one SLO.
type Chart struct {
	ID      string          `json:"id"`
	Group   Labels          `json:"group"`
	From    time.Time       `json:"from"`
	To      time.Time       `json:"to"`
	Step    time.Duration   `json:"step"`
	Windows []time.Duration `json:"windows"`
	Points  []ChartPoint    `json:"points"`
}
