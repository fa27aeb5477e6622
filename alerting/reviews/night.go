package reviews

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"burnline/slo"
)

// Night is when pages wake people: from Begins to Ends by a local clock, over midnight where it ends
// before it begins.
type Night struct {
	// Begins and Ends are lengths of time since midnight.
	Begins, Ends time.Duration
	// Zone is whose clock counts where a team has none of its own; nil is UTC.
	Zone *time.Location
}

// DefaultNight is from 22:00 to 07:00 UTC.
func DefaultNight() Night { return Night{22 * time.Hour, 7 * time.Hour, time.UTC} }

// nightForm is that of a night in files.
var nightForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])$`)

// ParseNight reads a night such as 22:00-07:00 by the clock of a zone.
func ParseNight(text string, zone *time.Location) (Night, error) {
	parts := nightForm.FindStringSubmatch(text)
	if parts == nil {
		return Night{}, fmt.Errorf("%.40q is no night: write it as 22:00-07:00", text)
	}
	clock := func(hours, minutes string) time.Duration {
		h, _ := strconv.Atoi(hours) // the form holds digits only
		m, _ := strconv.Atoi(minutes)
		return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	}
	n := Night{clock(parts[1], parts[2]), clock(parts[3], parts[4]), zone}
	if n.Begins == n.Ends {
		return Night{}, fmt.Errorf("the night %s has no length: write it as 22:00-07:00", text)
	}
	return n, nil
}

// Zones are the time zones of teams, by name.
type Zones map[string]*time.Location

// ZonesOf returns the time zones of the teams that have one.
func ZonesOf(teams []slo.Team) Zones {
	zones := Zones{}
	for _, t := range teams {
		if z, err := time.LoadLocation(t.Zone); err == nil && t.Zone != "" {
			zones[t.Name] = z
		}
	}
	return zones
}

// Wakes reports whether it is night for a team at a moment.
func (n Night) Wakes(team string, zones Zones, at time.Time) bool {
	return n.Holds(at.In(n.zone(team, zones)))
}

// zone is whose clock counts for a team.
func (n Night) zone(team string, zones Zones) *time.Location {
	if z := zones[team]; z != nil {
		return z
	}
	if n.Zone != nil {
		return n.Zone
	}
	return time.UTC
}

// Holds reports whether a local moment lies in the night.
func (n Night) Holds(local time.Time) bool {
	at := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
	if n.Begins < n.Ends {
		return at >= n.Begins && at < n.Ends
	}
	return at >= n.Begins || at < n.Ends
}

// String writes the night as files do.
func (n Night) String() string {
	clock := func(d time.Duration) string {
		return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
	}
	return clock(n.Begins) + "-" + clock(n.Ends)
}

var weekForm = regexp.MustCompile(`^([0-9]{4})-W([0-9]{2})$`)

// ParseWeek returns the bounds of a week of ISO 8601 such as 2026-W47: from its Monday to the next one,
// at midnight of a zone.
func ParseWeek(text string, zone *time.Location) (from, to time.Time, _ error) {
	parts := weekForm.FindStringSubmatch(text)
	if parts == nil {
		return from, to, fmt.Errorf("%.40q is no week: write it as 2026-W47", text)
	}
	year, _ := strconv.Atoi(parts[1]) // the form holds digits only
	week, _ := strconv.Atoi(parts[2])
	fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, zone) // always in the first week
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7+(week-1)*7)
	if y, w := monday.ISOWeek(); y != year || w != week {
		return from, to, fmt.Errorf("the year %d has no week %d", year, week)
	}
	return monday, monday.AddDate(0, 0, 7), nil
}

// WeekOf names the week of ISO 8601 of a local moment.
func WeekOf(local time.Time) string {
	year, week := local.ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}
