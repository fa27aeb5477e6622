package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Figure is a line of the table of figures, in words.
type Figure struct {
	Name, Corrected, Raw, Before string
	// How says how it is computed.
	How string
}

// Figures are the figures of the report, each corrected, raw, and of the period before.
func (r *Report) Figures() []Figure {
	m, raw, before := r.Met.Corrected, r.Met.Raw, r.MetBefore.Corrected
	of := func(n, all int) string {
		if all == 0 {
			return "–"
		}
		return fmt.Sprintf("%d of %d", n, all)
	}
	fs := []Figure{
		{"Reliability score", shareWords(r.Score.Corrected), shareWords(r.Score.Raw), shareWords(r.Before.Corrected), r.formula()},
		{"Objectives met", of(m.Kept, m.All()), of(raw.Kept, raw.All()), of(before.Kept, before.All()), "every hour had events, and no more failed than the objective allows"},
		{"Objectives missed", of(m.Missed, m.All()), of(raw.Missed, raw.All()), of(before.Missed, before.All()), "more events failed than the objective allows"},
		{"Not known for all the time", of(m.Partly, m.All()), of(raw.Partly, raw.All()), of(before.Partly, before.All()), "kept as far as there was data; some hours had no events"},
		{"No data at all", of(m.NoData, m.All()), of(raw.NoData, raw.All()), of(before.NoData, before.All()), "never counted as good"},
	}
	if m.Excluded > 0 {
		fs = append(fs, Figure{"Taken out whole", of(m.Excluded, m.All()), "–", of(before.Excluded, before.All()), "corrections cover all of it"})
	}
	c := r.Coverage
	fs = append(fs, Figure{"Hours without data", hoursWords(c.Hours, c.AllHours), hoursWords(c.Raw, c.AllHours), "–", "whole hours without any event, over all SLOs"})
	if r.Cost.Priced > 0 {
		fs = append(fs, Figure{"Cost, estimated", r.Money(r.Cost.Corrected), r.Money(r.Cost.Raw), r.Money(r.Cost.Before),
			fmt.Sprintf("failed events × their price; %d of %d SLOs have one", r.Cost.Priced, r.Cost.Priced+r.Cost.Unpriced)})
	}
	return fs
}

// formula is the score with its numbers.
func (r *Report) formula() string {
	number := func(v float64) string {
		return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0"), ".")
	}
	return fmt.Sprintf("100 × Σ weight × kept × known ÷ Σ weight = 100 × %s ÷ %s; the weight is 4 in tier 1, 2 in tier 2, else 1; known is the share of hours with data",
		number(r.Score.Kept), number(r.Score.Weight))
}

func shareWords(v *float64) string {
	if v == nil {
		return "unknown"
	}
	return Percent(*v)
}

func hoursWords(part, all float64) string { return Count(part) + " of " + Count(all) }

// Money writes an amount in the report's currency, rounded to whole units.
func (r *Report) Money(v float64) string { return strings.TrimSpace(Count(v) + " " + r.Cost.Currency) }

// CostOf writes what an incident cost; "" where nobody knows.
func (r *Report) CostOf(v float64) string {
	if v == 0 {
		return ""
	}
	return r.Money(v)
}

// Percent writes a share of 0–100 with up to two digits, rounded down so that nothing less than all
// is 100 %.
func Percent(v float64) string {
	return strconv.FormatFloat(math.Floor(v*100+1e-6)/100, 'f', -1, 64) + " %"
}

// Count writes a number rounded to a whole one, with commas between thousands.
func Count(v float64) string { return count(v) }

// Length writes a duration in its two largest units.
func Length(d time.Duration) string { return length(d) }

// TierName names a column of the matrix.
func TierName(tier string) string {
	if tier == "" {
		return "no tier"
	}
	return "tier " + tier
}

// TeamName names a row of the matrix.
func TeamName(team string) string { return orElse(team, "no team") }

// Words name the counts of a cell of the matrix, the worst first; "–" without SLOs.
func (c Cell) Words() string {
	var parts []string
	for _, p := range []struct {
		n int
		h Health
	}{{c.Exhausted, Exhausted}, {c.AtRisk, AtRisk}, {c.NoData, Unknown}, {c.Healthy, Healthy}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.h))
		}
	}
	return orElse(strings.Join(parts, ", "), "–")
}

// Words write the share of good events, or the state where nothing is known.
func (s Side) Words() string {
	if s.Unknown() {
		return string(s.State)
	}
	digits := 2
	text := func() string { return strconv.FormatFloat(s.Attained, 'f', digits, 64) }
	for ; digits < 7 && s.Bad > 0 && strings.HasPrefix(text(), "100"); digits++ { // what failed is never 100 %
	}
	return strings.TrimSuffix(strings.TrimRight(text(), "0"), ".") + " %"
}

// DayLook says how a day of the calendar looks.
type DayLook string

// The looks of days. They differ by shape as well as by colour.
const (
	// DayKept: every objective was kept.
	DayKept DayLook = "kept"
	// DaySome: at least three quarters of what was promised were, by the score.
	DaySome DayLook = "some"
	// DayMissed: less.
	DayMissed DayLook = "missed"
	// DayUnknown: nothing is known of it.
	DayUnknown DayLook = "unknown"
)

// Look says how a day was for all promises together.
func (d *CalendarDay) Look() DayLook {
	m := d.Met
	switch {
	case m.Kept+m.Missed+m.Partly == 0:
		return DayUnknown
	case m.Kept == m.All():
		return DayKept
	case d.Score != nil && *d.Score >= somewhat:
		return DaySome
	}
	return DayMissed
}
