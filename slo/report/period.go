package report

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"burnline/slo"
)

// Period is a month, quarter, year, or week (ISO 8601) of a time zone.
type Period struct {
	// Name is 2026-10, 2026-Q4, 2026 or 2026-W43.
	Name string           `json:"name"`
	Unit slo.CalendarUnit `json:"unit"`
	// From and To bound it: (From, To].
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

var periodForm = regexp.MustCompile(`^([12]\d{3})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])|W(0[1-9]|[1-4]\d|5[0-3])))?$`)

// ParsePeriod reads the name of a period.
func ParsePeriod(name string, zone *time.Location) (Period, error) {
	m := periodForm.FindStringSubmatch(name)
	if m == nil {
		return Period{}, fmt.Errorf("%q is no period: write a month as 2026-10, a quarter as 2026-Q4, a week as 2026-W43, or a year as 2026", name)
	}
	year, _ := strconv.Atoi(m[1]) // the form has digits only
	at, unit := DayAt(year, time.January, 1, zone), slo.Year
	switch {
	case m[2] != "":
		n, _ := strconv.Atoi(m[2])
		at, unit = DayAt(year, time.Month(n), 1, zone), slo.Month
	case m[3] != "":
		n, _ := strconv.Atoi(m[3])
		at, unit = DayAt(year, time.Month(3*n-2), 1, zone), slo.Quarter
	case m[4] != "":
		n, _ := strconv.Atoi(m[4])
		// The 4th of January is always in the first week.
		at, unit = DayAt(year, time.January, 4+7*(n-1), zone), slo.Week
	}
	p := PeriodOf(unit, at, zone)
	if p.Name != name {
		return Period{}, fmt.Errorf("%d has no week %s", year, m[4])
	}
	return p, nil
}

// PeriodOf returns the period of a unit that holds a moment; what begins at a moment holds it.
func PeriodOf(unit slo.CalendarUnit, at time.Time, zone *time.Location) Period {
	at = at.In(zone)
	y, m, d := at.Date()
	date := func(y int, m time.Month, d int) time.Time { return DayAt(y, m, d, zone) }
	p := Period{Unit: unit}
	switch unit {
	case slo.Week:
		monday := d - (int(at.Weekday())+6)%7
		p.From, p.To = date(y, m, monday), date(y, m, monday+7)
		year, week := p.From.ISOWeek()
		p.Name = fmt.Sprintf("%04d-W%02d", year, week)
	case slo.Quarter:
		first := (m-1)/3*3 + 1
		p.From, p.To = date(y, first, 1), date(y, first+3, 1)
		p.Name = fmt.Sprintf("%04d-Q%d", y, (first+2)/3)
	case slo.Year:
		p.From, p.To = date(y, time.January, 1), date(y+1, time.January, 1)
		p.Name = fmt.Sprintf("%04d", y)
	default:
		p.Unit = slo.Month
		p.From, p.To = date(y, m, 1), date(y, m+1, 1)
		p.Name = fmt.Sprintf("%04d-%02d", y, m)
	}
	return p
}

// Before returns the period before.
func (p Period) Before() Period {
	return PeriodOf(p.Unit, p.From.Add(-time.Second), p.From.Location())
}

// Next returns the period after.
func (p Period) Next() Period { return PeriodOf(p.Unit, p.To, p.From.Location()) }

// Title names the period for people: October 2026, week 43 of 2026.
func (p Period) Title() string {
	switch p.Unit {
	case slo.Week:
		year, week := p.From.ISOWeek()
		return fmt.Sprintf("week %d of %d", week, year)
	case slo.Quarter:
		return fmt.Sprintf("quarter %d of %d", (p.From.Month()+2)/3, p.From.Year())
	case slo.Year:
		return p.From.Format("2006")
	}
	return p.From.Format("January 2006")
}

// In returns the period with its bounds in a time zone, as after it was read from JSON.
func (p Period) In(zone *time.Location) Period {
	p.From, p.To = p.From.In(zone), p.To.In(zone)
	return p
}
