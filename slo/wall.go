package slo

import "time"

// OnTheWall returns the first moment at which a clock in the zone shows the time
// that wall, a time of UTC, spells, or a later one: a clock that is set forward skips
// times, one that is set back shows them twice. So a later time on the wall is never an
// earlier moment.
func OnTheWall(wall time.Time, in *time.Location) time.Time {
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), in)
	start, end := at.ZoneBounds()
	if !start.IsZero() {
		_, offset := start.Add(-time.Nanosecond).Zone()
		if earlier := wall.Add(-time.Duration(offset) * time.Second); earlier.Before(start) {
			return earlier.In(in)
		}
	}
	switch shown := AsWall(at); {
	case shown.After(wall):
		return start
	case shown.Before(wall):
		return end
	}
	return at
}

// AsWall spells what a clock at the moment shows, in the moment's own zone, as a time of UTC.
func AsWall(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
}
