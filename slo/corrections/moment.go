package corrections

import (
	"errors"
	"fmt"
	"time"
)

// zone returns the time zone of an IANA name; "" is UTC.
func zone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, errors.New("the zone of this machine is not the zone of others")
	}
	return time.LoadLocation(name)
}

// Moment reads a moment as people write it: 2026-03-01T02:00:00Z or with
// another distance to UTC; or without one, by the clock of the time zone (an
// IANA name; "" is UTC): 2026-03-01T02:00, 2026-03-01 02:00:30, 2026-03-01.
func Moment(text, timezone string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	location, err := zone(timezone)
	if err != nil {
		return time.Time{}, fmt.Errorf("unknown time zone %q: write an IANA name such as Europe/Berlin", timezone)
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if wall, err := time.Parse(layout, text); err == nil {
			return onTheWall(wall, location), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.100q is no moment: write one such as 2026-03-01T02:00:00Z or, with a time zone, 2026-03-01 02:00", text)
}

// onTheWall returns the first moment at which a clock in the zone shows the time
// that wall, a time of UTC, spells, or a later one: a clock that is set forward skips
// times, one that is set back shows them twice. So a later time on the wall is never an
// earlier moment.
func onTheWall(wall time.Time, in *time.Location) time.Time {
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), in)
	start, end := at.ZoneBounds()
	if !start.IsZero() {
		_, offset := start.Add(-time.Nanosecond).Zone()
		if earlier := wall.Add(-time.Duration(offset) * time.Second); earlier.Before(start) {
			return earlier.In(in)
		}
	}
	switch shown := asWall(at); {
	case shown.After(wall):
		return start
	case shown.Before(wall):
		return end
	}
	return at
}

// asWall spells what a clock at the moment shows as a time of UTC.
func asWall(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
}
