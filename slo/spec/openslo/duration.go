package openslo

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

const day = 24 * time.Hour

// shorthand is OpenSLO's duration: a number and one of m h d w M Q Y.
type shorthand struct {
	number int
	unit   byte
}

var shorthandForm = regexp.MustCompile(`^([0-9]{1,9})([mhdwMQY])$`)

// length returns how long a unit is where it is not of the calendar.
func length(unit byte) time.Duration {
	switch unit {
	case 'm':
		return time.Minute
	case 'h':
		return time.Hour
	case 'd':
		return day
	case 'w':
		return 7 * day
	case 'M':
		return 30 * day
	case 'Q':
		return 90 * day
	case 'Y':
		return 365 * day
	}
	return 0
}

// longest is the longest duration that is read; no promise lasts longer.
const longest = 100 * 365 * day

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *shorthand) UnmarshalText(text []byte) error {
	m := shorthandForm.FindStringSubmatch(string(text))
	if m == nil {
		return &yamlconf.Wrong{
			Message: fmt.Sprintf("%q is no duration of OpenSLO", text),
			Instead: "write a whole number and one of m h d w M Q Y, such as 30m, 4w or 1M for a month",
		}
	}
	n, err := strconv.Atoi(m[1])
	unit := m[2][0]
	if err != nil || int64(n) > int64(longest/length(unit)) {
		return &yamlconf.Wrong{Message: fmt.Sprintf("%q is no length of time here", text), Instead: "write one of at most 100Y"}
	}
	*s = shorthand{number: n, unit: unit}
	return nil
}

// given reports whether it is in the file.
func (s shorthand) given() bool { return s.number > 0 }

// String writes it as files do.
func (s shorthand) String() string { return strconv.Itoa(s.number) + string(s.unit) }

// length returns how long it is where it is not of the calendar: M is 30
// days, Q 90 and Y 365.
func (s shorthand) length() time.Duration { return time.Duration(s.number) * length(s.unit) }

// shorten writes a duration in OpenSLO's form, which has nothing below a minute; false
// where it can't be written.
func shorten(d time.Duration) (string, bool) {
	if d < time.Minute || d%time.Minute != 0 {
		return slo.FormatDuration(d), false
	}
	for _, unit := range []byte("wdhm") {
		if d%length(unit) == 0 {
			return fmt.Sprintf("%d%c", d/length(unit), unit), true
		}
	}
	return "", false
}

// sliceLen is the length of a time slice: a shorthand, or a number of minutes.
type sliceLen struct{ shorthand }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *sliceLen) UnmarshalText(text []byte) error {
	if _, err := strconv.Atoi(string(text)); err == nil {
		text = append(text, 'm')
	}
	return s.shorthand.UnmarshalText(text)
}
