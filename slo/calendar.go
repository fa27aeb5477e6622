package slo

import (
	"errors"
	"fmt"
	"time"
)

// CalendarUnit is what a calendar window counts.
type CalendarUnit string

// The units of calendar windows.
const (
	Week    CalendarUnit = "week"
	Month   CalendarUnit = "month"
	Quarter CalendarUnit = "quarter"
	Year    CalendarUnit = "year"
)

// Calendar is a window that begins anew at boundaries of the calendar, by the
// clock on the wall of a time zone: every Count units from Anchor on.
type Calendar struct {
	Unit CalendarUnit `json:"unit"`
	// Count is how many units one window has; usually 1.
	Count int `json:"count"`
	// Zone is the time zone's IANA name.
	Zone string `json:"zone"`
	// Anchor is one moment at which a window begins, by the zone's clock; its
	// own zone means nothing. A window that would begin on a day that its
	// month lacks begins on the month's last day.
	Anchor time.Time `json:"anchor"`

	location *time.Location
}

// NewCalendar returns a calendar window. An empty zone is UTC, and a zero
// anchor the natural boundary: Monday, or the first day of January, at
// midnight. It fails for an unknown unit or zone, for a count below 1, and for
// an anchor that is no full quarter of an hour, since counts are kept in
// quarters.
func NewCalendar(unit CalendarUnit, count int, zone string, anchor time.Time) (*Calendar, error) {
	if unit.nominal() == 0 {
		return nil, fmt.Errorf("unknown calendar %q: write week, month, quarter or year", unit)
	}
	if count < 1 {
		return nil, errors.New("a calendar window has at least one unit")
	}
	if zone == "" {
		zone = "UTC"
	}
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return nil, fmt.Errorf("unknown time zone %q: write an IANA name such as Europe/Berlin", zone)
	}
	if anchor.IsZero() {
		anchor = time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC)
		if unit == Week {
			anchor = anchor.AddDate(0, 0, 4) // the first Monday
		}
	}
	if anchor.Second() != 0 || anchor.Nanosecond() != 0 || anchor.Minute()%15 != 0 {
		return nil, errors.New("a calendar window starts at a full quarter of an hour")
	}
	anchor = time.Date(anchor.Year(), anchor.Month(), anchor.Day(), anchor.Hour(), anchor.Minute(), 0, 0, time.UTC)
	return &Calendar{Unit: unit, Count: count, Zone: zone, Anchor: anchor, location: location}, nil
}

// nominal is the unit's usual length, by which policies get their factors;
// 0 for an unknown unit. (design, "Policies")
func (u CalendarUnit) nominal() time.Duration {
	switch u {
	case Week:
		return 7 * day
	case Month:
		return 30 * day
	case Quarter:
		return 90 * day
	case Year:
		return 365 * day
	}
	return 0
}

// longest is the most that one unit lasts: clocks are set back by an hour at
// most, here by two to be sure.
func (u CalendarUnit) longest() time.Duration {
	switch u {
	case Week:
		return 7*day + 2*time.Hour
	case Month:
		return 31*day + 2*time.Hour
	case Quarter:
		return 92*day + 2*time.Hour
	}
	return 366*day + 2*time.Hour
}

// Bounds returns the window (start, end] that holds the moment at: a window
// owns the moment at which it ends, as buckets do.
func (c *Calendar) Bounds(at time.Time) (start, end time.Time) {
	k := int(at.Sub(c.begin(0)) / (c.Unit.nominal() * time.Duration(c.Count)))
	for !c.begin(k).Before(at) {
		k--
	}
	for c.begin(k + 1).Before(at) {
		k++
	}
	return c.begin(k), c.begin(k + 1)
}

// begin returns where the k-th window after the anchor begins. It is computed from
// the anchor each time, so that a 31st that became a 28th is a 31st again.
func (c *Calendar) begin(k int) time.Time {
	n, a := k*c.Count, c.Anchor
	y, m, d := a.Date()
	switch c.Unit {
	case Week:
		d += 7 * n
	case Quarter:
		m += time.Month(3 * n)
	case Year:
		y += n
	default:
		m += time.Month(n)
	}
	if c.Unit != Week {
		first := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
		d = min(d, first.AddDate(0, 1, -1).Day())
		y, m, _ = first.Date()
	}
	return time.Date(y, m, d, a.Hour(), a.Minute(), 0, 0, c.zone())
}

func (c *Calendar) zone() *time.Location {
	if c.location == nil {
		return time.UTC
	}
	return c.location
}

// Location returns the calendar's time zone.
func (c *Calendar) Location() *time.Location { return c.zone() }

// String names the window: "month", "2 weeks", with the zone where it is not UTC and
// with the anchor where it is not the natural one.
func (c *Calendar) String() string {
	s := string(c.Unit)
	if c.Count > 1 {
		s = fmt.Sprintf("%d %ss", c.Count, c.Unit)
	}
	if c.Zone != "UTC" {
		s += " " + c.Zone
	}
	natural, err := NewCalendar(c.Unit, c.Count, c.Zone, time.Time{})
	if err != nil {
		return s
	}
	first := c.begin(0)
	if _, end := natural.Bounds(first); !end.Equal(first) {
		s += " from " + c.Anchor.Format("2006-01-02 15:04")
	}
	return s
}
