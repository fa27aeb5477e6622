package statuspage

import (
	"time"

	"burnline/slo"
	"burnline/slo/report"
)

// DayState is how a day was.
type DayState string

// The states of days. Only Good is good.
const (
	// Good: nothing more failed than was promised, in every hour.
	Good DayState = "good"
	// Bad: more failed than was promised.
	Bad DayState = "bad"
	// Partial: what was seen was good, but some hours had no data.
	Partial DayState = "partly no data"
	// NoData: nothing was seen.
	NoData DayState = "no data"
	// Excluded: all of it was maintenance or is not counted for another reason.
	Excluded DayState = "maintenance"
	// Before: the promise did not exist yet.
	Before DayState = "before"
)

// Day is one day of a journey.
type Day struct {
	// Date is such as 2026-03-01.
	Date  string   `json:"date"`
	State DayState `json:"state"`
	// Worked is the percentage of what customers tried that worked, of the promise that was kept
	// worst, without maintenance; nil where nothing is known.
	Worked *float64 `json:"worked_percent"`
	// Maintenance and Missing are hours that are not counted, and that have no data.
	Maintenance float64 `json:"hours_not_counted,omitempty"`
	Missing     float64 `json:"hours_without_data,omitempty"`
}

// History is how a journey was over the last 90 days.
type History struct {
	Days []Day `json:"days"`
	// Worked is the percentage of what customers tried that worked, of the promise that was kept
	// worst: without what is not counted, and WorkedWithAll with it. Nil where nothing is known.
	Worked        *float64 `json:"worked_percent"`
	WorkedWithAll *float64 `json:"worked_percent_with_maintenance"`
	// Maintenance and Missing are the hours that are not counted, and that have no data.
	Maintenance float64 `json:"hours_not_counted"`
	Missing     float64 `json:"hours_without_data"`
}

// Begin is the first moment of the days that the page shows.
func (c *Config) Begin(at time.Time) time.Time {
	y, m, d := at.In(c.Zone).Date()
	return report.DayAt(y, m, d-Days+1, c.Zone)
}

// Past says how a journey was, from the records of its SLOs; none leaves it without data.
func (c *Config) Past(at time.Time, records []*report.Record) History {
	var h History
	from := c.Begin(at)
	per := make([][]report.Day, len(records))
	for i, r := range records {
		per[i] = r.Days(c.Zone, from, at)
		whole := r.Over(from, at)
		h.Worked = lower(h.Worked, &whole.Corrected)
		h.WorkedWithAll = lower(h.WorkedWithAll, &whole.Raw)
		h.Maintenance, h.Missing = max(h.Maintenance, whole.Excluded), max(h.Missing, whole.Corrected.Missing)
	}
	if len(records) == 0 {
		for day := from; day.Before(at); day = report.NextDay(day) {
			h.Days = append(h.Days, Day{Date: day.Format(time.DateOnly), State: NoData})
		}
		return h
	}
	for i, day := range report.Together(per...) {
		one := Day{Date: day.Date, State: dayState(&day), Maintenance: day.Excluded, Missing: day.Corrected.Missing}
		for _, days := range per {
			one.Worked = lower(one.Worked, &days[i].Corrected)
		}
		h.Days = append(h.Days, one)
	}
	return h
}

// dayState says how the day was, maintenance left out.
func dayState(d *report.Day) DayState {
	switch d.Corrected.State {
	case report.Kept:
		return Good
	case report.Missed:
		return Bad
	case report.Partly:
		return Partial
	case report.Excluded:
		return Excluded
	}
	if d.Hours == 0 {
		return Before
	}
	return NoData
}

// lower is the lower of a percentage and that of a side, if anything is known of it.
func lower(have *float64, s *report.Side) *float64 {
	if s.Unknown() || have != nil && *have <= s.Attained {
		return have
	}
	percent := s.Attained
	return &percent
}

// Behind are the IDs of the SLOs behind a journey.
func (j *JourneyConfig) Behind(all []*slo.Definition) []string {
	var ids []string
	for _, d := range all {
		if j.Holds(d) {
			ids = append(ids, d.ID)
		}
	}
	return ids
}
