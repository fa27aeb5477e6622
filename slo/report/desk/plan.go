package desk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"burnline/slo"
	"burnline/slo/report"
)

// Plan is what is configured.
type Plan struct {
	// Zone is the time zone of days and periods; required.
	Zone *time.Location
	// Schedule says what is told to whom, and when.
	Schedule []Entry
}

// Entry is one scheduled report.
type Entry struct {
	// Unit is the period that it tells of: the last one that is over.
	Unit slo.CalendarUnit
	// Day is the day of the week from 1, Monday, or else of the first month of the period; Hour and
	// Minute are by the clock of the zone.
	Day, Hour, Minute int
	// Team is whose SLOs it tells of, "" everybody's; Receiver is who gets it.
	Team, Receiver string
}

// ErrAt says what a time of a schedule has to look like.
var ErrAt = errors.New(`write the day and the time, such as "1 08:00", or "Mon 08:00" for a week`)

// ParseAt reads when in its period a report is told: "1 08:00", or "Mon 08:00" for a week. The first
// week may be named by the number of the day, too.
func ParseAt(unit slo.CalendarUnit, at string) (day, hour, minute int, _ error) {
	name, clock, ok := strings.Cut(at, " ")
	if !ok {
		return 0, 0, 0, ErrAt
	}
	t, err := time.Parse("15:04", clock)
	if err != nil {
		return 0, 0, 0, ErrAt
	}
	most := 28
	if unit == slo.Week {
		most = 7
		for i, w := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
			if strings.EqualFold(name, w) {
				return i + 1, t.Hour(), t.Minute(), nil
			}
		}
	}
	if day, err = strconv.Atoi(name); err != nil || day < 1 || day > most {
		return 0, 0, 0, ErrAt
	}
	return day, t.Hour(), t.Minute(), nil
}

// tellFor is how long after its time a report is still told: a server that was away, or a
// schedule that is new, tells of what is recent.
const tellFor = 7 * 24 * time.Hour

// due returns the period that is to be told of at a moment; false where none is.
func (e *Entry) due(now time.Time, zone *time.Location) (report.Period, bool) {
	current := report.PeriodOf(e.Unit, now, zone)
	y, m, d := current.From.Date()
	at := slo.OnTheWall(time.Date(y, m, d+e.Day-1, e.Hour, e.Minute, 0, 0, time.UTC), zone)
	if now.Before(at) || now.Sub(at) > tellFor {
		return report.Period{}, false
	}
	return current.Before(), true
}

// tellDue tells what is scheduled and was not told yet.
func (d *Desk) tellDue(ctx context.Context) error {
	plan := d.o.Plan()
	var errs []error
	for _, e := range plan.Schedule {
		p, ok := e.due(d.o.Now(), plan.Zone)
		name := strings.Join([]string{p.Name, e.Team, e.Receiver}, "/")
		if !ok || d.told[name] {
			continue
		}
		r, found, err := d.Report(ctx, p, e.Team, 0)
		if err == nil && found {
			err = d.o.Tell(ctx, name, e.Receiver, r)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("tell %s of %s: %w", e.Receiver, p.Name, err))
			continue
		}
		d.told[name] = true
	}
	return errors.Join(errs...)
}
