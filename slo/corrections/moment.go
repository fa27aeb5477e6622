package corrections

import (
	"errors"
	"fmt"
	"time"

	"burnline/slo"
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
			return slo.OnTheWall(wall, location), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.100q is no moment: write one such as 2026-03-01T02:00:00Z or, with a time zone, 2026-03-01 02:00", text)
}
