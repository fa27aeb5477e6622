package routetest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"burnline/internal/yamlconf"
)

// Clock is a time of the virtual day. The day after may be written on, as 25:30.
type Clock struct {
	// Since is how long after midnight it is, and Whole says that it is written without
	// seconds, so that an expectation means the whole minute.
	Since time.Duration
	Whole bool
	set   bool
}

// mostHours is how far a test may go, in hours.
const mostHours = 7 * 24

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Clock) UnmarshalText(text []byte) error {
	parts := strings.Split(string(text), ":")
	numbers := make([]int, 3)
	ok := len(parts) == 2 || len(parts) == 3
	for i := 0; ok && i < len(parts); i++ {
		n, err := strconv.Atoi(parts[i])
		most := 59
		if i == 0 {
			most = mostHours
		}
		ok = err == nil && n >= 0 && n <= most && len(parts[i]) <= 3
		numbers[i] = n
	}
	if !ok {
		return &yamlconf.Wrong{Message: fmt.Sprintf("%.50q is no time of day", text), Instead: `write one such as "10:02", "10:02:30", or "25:30" for the night after`}
	}
	*c = Clock{Since: time.Duration(numbers[0])*time.Hour + time.Duration(numbers[1])*time.Minute + time.Duration(numbers[2])*time.Second,
		Whole: len(parts) == 2, set: true}
	return nil
}

// on returns the moment on a day. It counts hours as a clock on the wall does, so that a
// day on which it is set has its own length.
func (c Clock) on(day time.Time) time.Time {
	s := int(c.Since.Seconds())
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, s, 0, day.Location())
}

// span is what an expectation at that time means: from, and until before.
func (c Clock) span(day time.Time) (from, until time.Time) {
	from = c.on(day)
	if c.Whole {
		return from, from.Add(time.Minute)
	}
	return from, from.Add(time.Second)
}
