package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Difference is one figure that a new revision has otherwise.
type Difference struct {
	// What names the figure, Before and After are its values in words.
	What   string `json:"what"`
	Before string `json:"before"`
	After  string `json:"after"`
	// Words say it in one sentence.
	Words string `json:"words"`
}

// mostDifferences bounds how many SLOs are named one by one.
const mostDifferences = 50

// Compare returns what the new making of a closed period has otherwise than the old one; none
// where it is the same to the reader.
func Compare(old, now *Report) []Difference {
	var all []Difference
	note := func(what, name, before, after string) {
		if before != after {
			all = append(all, Difference{What: what, Before: before, After: after, Words: fmt.Sprintf("%s: %s became %s.", name, before, after)})
		}
	}
	add := func(what, before, after string) { note(what, capital(what), before, after) }
	add("the reliability score", points(old.Score.Corrected), points(now.Score.Corrected))
	add("the raw reliability score", points(old.Score.Raw), points(now.Score.Raw))
	add("objectives that were met", ofAll(old.Met.Corrected), ofAll(now.Met.Corrected))
	add("the estimated cost", money(old.Cost), money(now.Cost))
	add("incidents", count(float64(len(old.Incidents))), count(float64(len(now.Incidents))))
	add("corrections", exclusions(old), exclusions(now))
	add("hours without data", hours(old.Coverage.Hours), hours(now.Coverage.Hours))
	lines := 0
	for _, id := range bothIDs(old, now) {
		a, b := old.line(id), now.line(id)
		before, after := lineWords(a), lineWords(b)
		if before == after {
			continue
		}
		if lines++; lines <= mostDifferences {
			note(id, id, before, after)
		}
	}
	if more := lines - mostDifferences; more > 0 {
		all = append(all, Difference{What: "other SLOs", Before: "", After: "", Words: fmt.Sprintf("%d other SLOs have other figures, too.", more)})
	}
	return all
}

func bothIDs(old, now *Report) []string {
	var ids []string
	for _, r := range []*Report{old, now} {
		for i := range r.SLOs {
			ids = append(ids, r.SLOs[i].ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// line returns an SLO's line; nil where there is none. They are in order of ID.
func (r *Report) line(id string) *Line {
	i, ok := slices.BinarySearchFunc(r.SLOs, id, func(l Line, id string) int { return strings.Compare(l.ID, id) })
	if !ok {
		return nil
	}
	return &r.SLOs[i]
}

// lineWords are an SLO's figures as far as a reader may care.
func lineWords(l *Line) string {
	if l == nil {
		return "not there"
	}
	if l.Corrected.Unknown() {
		return string(l.Corrected.State)
	}
	return fmt.Sprintf("%s with %s of %s events bad", l.Corrected.State, count(l.Corrected.Bad), count(l.Corrected.Total))
}

func points(v *float64) string {
	if v == nil {
		return "unknown"
	}
	return percent(*v)
}

func ofAll(s States) string { return fmt.Sprintf("%d of %d", s.Kept, s.All()) }

func money(c Cost) string {
	if c.Priced == 0 {
		return "unknown"
	}
	return strings.TrimSpace(count(c.Corrected) + " " + c.Currency)
}

func hours(v float64) string { return fmt.Sprintf("%s h", count(math.Round(v))) }

// exclusions names the corrections by who entered them.
func exclusions(r *Report) string {
	if len(r.Exclusions) == 0 {
		return "none"
	}
	var all []string
	for _, e := range r.Exclusions {
		all = append(all, fmt.Sprintf("%s by %s", e.ID, e.Author))
	}
	return names(all)
}
