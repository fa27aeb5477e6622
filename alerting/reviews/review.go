package reviews

import (
	"slices"
	"time"
)

// Value says whether telling people of an incident was worth it.
type Value string

// The values. What nobody judged has none.
const (
	// Useful: somebody had to act.
	Useful Value = "useful"
	// Noise: nobody had to act, or nothing was wrong.
	Noise Value = "noise"
)

// Verdict is what somebody thinks of an incident. Several may be given; the last counts.
type Verdict struct {
	Value Value     `json:"value"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	// Why may be empty.
	Why string `json:"why"`
}

// Note is what somebody wrote of an incident. Notes are never changed.
type Note struct {
	ID string    `json:"id"`
	By string    `json:"by"`
	At time.Time `json:"at"`
	// Text may have several lines.
	Text string `json:"text"`
}

// Action is what somebody is to do after an incident.
type Action struct {
	ID string `json:"id"`
	// Incident is the key of its incident.
	Incident string `json:"incident"`
	Text     string `json:"text"`
	// Owner is who does it, and Due the last day on which it is in time, as 2026-12-01.
	Owner string `json:"owner"`
	Due   string `json:"due"`
	// By is who entered it, at At.
	By string    `json:"by"`
	At time.Time `json:"at"`
	// Done is when it was said to be done, and DoneBy by whom; zero while it is open.
	Done   time.Time `json:"done,omitzero"`
	DoneBy string    `json:"done_by,omitempty"`
}

// Open reports whether it is still to be done.
func (a *Action) Open() bool { return a.Done.IsZero() }

// Overdue reports whether it is open although its day is over, by UTC.
func (a *Action) Overdue(now time.Time) bool {
	return a.Open() && a.Due < now.UTC().Format(time.DateOnly)
}

// byDue orders actions: what is open first, then by the day on which it is due.
func byDue(a, b Action) int {
	switch {
	case a.Open() != b.Open() && a.Open():
		return -1
	case a.Open() != b.Open():
		return 1
	case a.Due != b.Due && a.Due < b.Due:
		return -1
	case a.Due != b.Due:
		return 1
	}
	return a.At.Compare(b.At)
}

// Review is what people wrote of one incident.
type Review struct {
	// Incident is its key.
	Incident string `json:"incident"`
	// Notes and Verdicts are in order of time.
	Notes    []Note    `json:"notes"`
	Verdicts []Verdict `json:"verdicts"`
	// Actions are those that are open first, then by the day on which they are due.
	Actions []Action `json:"actions"`
}

// Verdict returns the verdict that counts; false while nobody has judged.
func (r *Review) Verdict() (Verdict, bool) {
	if len(r.Verdicts) == 0 {
		return Verdict{}, false
	}
	return r.Verdicts[len(r.Verdicts)-1], true
}

// Noise reports whether the incident is judged to be noise.
func (r *Review) Noise() bool {
	v, is := r.Verdict()
	return is && v.Value == Noise
}

// Sort puts all parts in their order.
func (r *Review) Sort() {
	slices.SortStableFunc(r.Notes, func(a, b Note) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(r.Actions, byDue)
}
