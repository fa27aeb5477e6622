package slo

import (
	"path"
	"slices"
	"time"
)

// CorrectionKind says why an interval does not count.
type CorrectionKind string

const (
	// Maintenance is planned: besides not counting, it holds alerts back.
	Maintenance CorrectionKind = "maintenance"
	// Exclusion takes events out of the budget; alerts go on.
	Exclusion CorrectionKind = "exclusion"
)

// Correction takes intervals of time out of the error budget of some SLOs. It
// is shown wherever the budget is.
type Correction struct {
	// ID is unique: the name in the file, or what the API gave.
	ID   string         `json:"id"`
	Kind CorrectionKind `json:"kind"`
	// SLOs, Services, Teams and Journeys say whom it concerns: IDs and names, in which *
	// stands for any text without a slash, as in path.Match. What is given has to
	// match all together; at least one of them is given.
	SLOs     []string `json:"slos,omitempty"`
	Services []string `json:"services,omitempty"`
	Teams    []string `json:"teams,omitempty"`
	Journeys []string `json:"journeys,omitempty"`
	// From and To bound a one-off correction; of a recurring one they bound the first.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Rule is an RRULE (RFC 5545) by which it recurs; "" for a one-off.
	Rule string `json:"rrule,omitempty"`
	// Zone is the IANA name of the time zone in which it recurs.
	Zone string `json:"timezone,omitempty"`
	// Reason and Author are required.
	Reason string `json:"reason"`
	Author string `json:"author"`
	// Created is when it was entered by the API; zero for one of a file.
	Created time.Time `json:"created,omitzero"`
	// Removed is when it was removed through the API, and RemovedBy says who did;
	// one that was removed concerns nothing any more, but it is kept.
	Removed   time.Time `json:"removed,omitzero"`
	RemovedBy string    `json:"removed_by,omitempty"`
	// Source is the place in a file; File is "" for one of the API.
	Source Source `json:"source"`

	// Schedule expands the rule; nil for a one-off.
	Schedule Schedule `json:"-"`
}

// Schedule says when something recurs.
type Schedule interface {
	// Between returns the intervals that overlap (from, to], in order of time.
	Between(from, to time.Time) []Interval
}

// Interval is the time (From, To].
type Interval struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Applied is a correction together with its intervals in some stretch of time.
type Applied struct {
	Correction
	Intervals []Interval `json:"intervals"`
}

// Held is a correction that holds alerts back until a moment.
type Held struct {
	ID     string    `json:"id"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
}

// Applies reports whether the correction concerns the SLO.
func (c *Correction) Applies(d *Definition) bool {
	return matchesAny(c.SLOs, d.ID) && matchesAny(c.Services, d.Service) && matchesAny(c.Teams, d.Team) &&
		matchesAny(c.Journeys, d.Journey) && len(c.SLOs)+len(c.Services)+len(c.Teams)+len(c.Journeys) > 0
}

// matchesAny reports whether a pattern matches the name; no pattern matches every name.
func matchesAny(patterns []string, name string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, name)
		return err == nil && ok
	})
}

// Between returns the correction's intervals that overlap (from, to], in
// order of time.
func (c *Correction) Between(from, to time.Time) []Interval {
	if c.Schedule != nil {
		return c.Schedule.Between(from, to)
	}
	if c.From.Before(to) && c.To.After(from) {
		return []Interval{{c.From, c.To}}
	}
	return nil
}

// Corrected returns the time of (from, to] that the corrections take out of
// the SLO's budget: intervals in order that neither overlap nor touch.
func Corrected(corrections []Correction, d *Definition, from, to time.Time) []Interval {
	var all []Interval
	for i := range corrections {
		if corrections[i].Applies(d) {
			all = append(all, corrections[i].Between(from, to)...)
		}
	}
	slices.SortFunc(all, func(a, b Interval) int { return a.From.Compare(b.From) })
	merged := all[:0]
	for _, in := range all {
		in.From, in.To = Latest(in.From, from), Earliest(in.To, to)
		if n := len(merged); n > 0 && !in.From.After(merged[n-1].To) {
			merged[n-1].To = Latest(merged[n-1].To, in.To)
			continue
		}
		merged = append(merged, in)
	}
	return merged
}

// Latest returns the later of two moments.
func Latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Earliest returns the earlier of two moments.
func Earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
