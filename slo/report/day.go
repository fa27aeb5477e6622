package report

import (
	"time"

	"burnline/slo"
)

// Day is how a promise, or several together, was kept on one day of a time zone.
type Day struct {
	// Date is the day's date, such as 2026-10-25.
	Date string `json:"date"`
	Stretch
}

// Days returns every day of the time zone that begins in [from, to), in order. A day that a clock
// change makes longer or shorter has 25 or 23 hours. From has to be the beginning of a day of the zone.
func (r *Record) Days(zone *time.Location, from, to time.Time) []Day {
	var days []Day
	for at := from.In(zone); at.Before(to); {
		next := NextDay(at)
		days = append(days, Day{Date: at.Format(time.DateOnly), Stretch: r.Over(at, next)})
		at = next
	}
	return days
}

// NextDay returns the beginning of the day after the one that holds a moment, by the moment's clock.
func NextDay(at time.Time) time.Time {
	y, m, d := at.Date()
	return DayAt(y, m, d+1, at.Location())
}

// DayAt returns the beginning of a day of a time zone: midnight, or the first moment after it where the clock
// is set forward over it, as in Santiago and Havana. (time.Date gives the evening before then, which is another day.)
func DayAt(y int, m time.Month, d int, zone *time.Location) time.Time {
	return slo.OnTheWall(time.Date(y, m, d, 0, 0, 0, 0, time.UTC), zone)
}

// Together returns the days of a journey from those of its SLOs, which are the same days. Events
// are added up, the objective is the strictest, the hours without data are those of the SLO that
// lacks most, and the state is the worst of all: missed before no data, partly no data,
// excluded and kept.
func Together(all ...[]Day) []Day {
	if len(all) == 0 {
		return nil
	}
	days := append([]Day(nil), all[0]...)
	for _, more := range all[1:] {
		for i := range days {
			if i < len(more) {
				days[i].join(&more[i])
			}
		}
	}
	return days
}

func (d *Day) join(o *Day) {
	d.Objective = max(d.Objective, o.Objective)
	d.Hours, d.Excluded = max(d.Hours, o.Hours), max(d.Excluded, o.Excluded)
	d.Corrected.join(&o.Corrected)
	d.Raw.join(&o.Raw)
}

func (s *Side) join(o *Side) {
	s.Good, s.Bad, s.Total = s.Good+o.Good, s.Bad+o.Bad, s.Total+o.Total
	s.Spent, s.Missing = max(s.Spent, o.Spent), max(s.Missing, o.Missing)
	if s.Attained = 0; s.Total > 0 {
		s.Attained = 100 * (1 - s.Bad/s.Total)
	}
	if o.State.rank() > s.State.rank() {
		s.State = o.State
	}
}

// rank orders states by how much they say against the promise.
func (s State) rank() int {
	switch s {
	case Missed:
		return 5
	case NoData:
		return 4
	case Partly:
		return 3
	case Excluded:
		return 2
	case Kept:
		return 1
	}
	return 0
}
