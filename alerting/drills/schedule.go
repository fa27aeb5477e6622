package drills

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/cronexpr"

	"burnline/slo"
)

// MinEvery is the least distance of two drills of a schedule.
const MinEvery = time.Minute

// Schedule says when drills are due. The zero value is never.
type Schedule struct {
	text string
	next func(after time.Time) time.Time
}

// String names the schedule; "" is none. Two nodes with the same configuration have the same.
func (s Schedule) String() string { return s.text }

// Next returns the first moment after another one at which a drill is due; zero for never.
func (s Schedule) Next(after time.Time) time.Time {
	if s.next == nil {
		return time.Time{}
	}
	return s.next(after).UTC()
}

// Every returns a schedule of drills at a fixed distance, counted from the beginning of 1970, so
// that all nodes agree.
func Every(d time.Duration) (Schedule, error) {
	if d < MinEvery {
		return Schedule{}, fmt.Errorf("%s is less than %s", slo.FormatDuration(d), slo.FormatDuration(MinEvery))
	}
	return every(d, 0), nil
}

// Between returns a schedule like Every whose drills are as far from those of Every(other) as they can be, so that the two don't meet.
func Between(d, other time.Duration) (Schedule, error) {
	if _, err := Every(d); err != nil {
		return Schedule{}, err
	}
	common := d / time.Second
	for rest := other / time.Second; rest > 0; {
		common, rest = rest, common%rest
	}
	// Moments of the two differ by multiples of what both have in common, and by half of that.
	return every(d, max(1, common/2)*time.Second), nil
}

// every returns a schedule of drills at a fixed distance, later by a shift; both are whole seconds.
func every(d, shift time.Duration) Schedule {
	name, seconds, late := "every "+slo.FormatDuration(d), int64(d/time.Second), int64(shift/time.Second)
	if late > 0 {
		name += " and " + slo.FormatDuration(shift)
	}
	return Schedule{name, func(after time.Time) time.Time {
		return time.Unix(((after.Unix()-late)/seconds+1)*seconds+late, 0)
	}}
}

// cronFields is how many fields a line of cron has.
const cronFields = 5

// tries is how many moments of a line are looked at for two that are too close.
const tries = 50

// Cron returns the schedule of a line of cron: minute, hour, day of the month, month and day of
// the week, by the clock of a place.
func Cron(line string, at *time.Location) (Schedule, error) {
	fields := strings.Fields(line)
	if named := len(fields) == 1 && strings.HasPrefix(line, "@"); len(fields) != cronFields && !named {
		return Schedule{}, fmt.Errorf("it has %d fields, and a line of cron has 5: minute, hour, day of the month, month, day of the week", len(fields))
	}
	parsed, err := cronexpr.Parse(strings.Join(fields, " "))
	if err != nil {
		return Schedule{}, err
	}
	s := Schedule{"cron " + strings.Join(fields, " ") + " " + at.String(), func(after time.Time) time.Time { return parsed.Next(after.In(at)) }}
	// Any year holds each day of the week, and four hold each day of the year.
	from := time.Date(2024, time.January, 1, 0, 0, 0, 0, at)
	for range tries {
		next := s.Next(from)
		if next.IsZero() {
			return Schedule{}, errors.New("no day is one of those")
		}
		from = next
	}
	return s, nil
}
