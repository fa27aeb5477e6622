package openslo

import (
	"fmt"
	"time"

	"burnline/slo"
)

// defaultWindow is that of SLOs which name none.
const defaultWindow = 30 * day

// windows reads timeWindow, a list of at most one.
func (r *reader) windows(at place, in []timeWindow) slo.Window {
	fallback := slo.Window{Rolling: defaultWindow}
	if len(in) == 0 {
		if !r.unread(at) {
			r.warn(at, "without a time window the promise holds over 30 days", "write timeWindow: [{duration: 30d, isRolling: true}]")
		}
		return fallback
	}
	if len(in) > 1 {
		r.wrong(at, "an SLO has one time window", "write one SLO for each")
	}
	w, item := in[0], at.at("[0]")
	switch {
	case r.unread(item.at("duration")):
		return fallback
	case !w.Duration.given():
		r.wrong(item.at("duration"), "it is missing", "write one such as 4w, or 1M for a month")
		return fallback
	case w.Duration.unit == 'm' && w.Duration.length() < time.Hour:
		r.wrong(item.at("duration"), fmt.Sprintf("%s is %s, since m means minutes", w.Duration, minutes(w.Duration.number)),
			fmt.Sprintf("write %dM for months", w.Duration.number))
		return fallback
	}
	return r.window(item, item.at("duration"), w)
}

// window reads a time window whose length stands at duration.
func (r *reader) window(at, duration place, w timeWindow) slo.Window {
	if r.rolling(at, w.IsRolling, w.Calendar) {
		return slo.Window{Rolling: w.Duration.length()}
	}
	unit, count, ok := w.Duration.calendar()
	if !ok {
		r.wrong(duration, fmt.Sprintf("%s is no length of the calendar", w.Duration),
			fmt.Sprintf("write weeks, months, quarters or years, or isRolling: true for the last %s", w.Duration))
		return slo.Window{Rolling: defaultWindow}
	}
	return r.calendar(at.at("calendar"), unit, count, w.Calendar)
}

func minutes(n int) string {
	if n == 1 {
		return "one minute"
	}
	return fmt.Sprintf("%d minutes", n)
}

// calendar returns the unit and count of a calendar window; false where the calendar has none.
func (s shorthand) calendar() (slo.CalendarUnit, int, bool) {
	switch {
	case s.unit == 'w':
		return slo.Week, s.number, true
	case s.unit == 'd' && s.number%7 == 0:
		return slo.Week, s.number / 7, true
	case s.unit == 'M':
		return slo.Month, s.number, true
	case s.unit == 'Q':
		return slo.Quarter, s.number, true
	case s.unit == 'Y':
		return slo.Year, s.number, true
	}
	return "", 0, false
}

// rolling says which kind of window it is.
func (r *reader) rolling(at place, isRolling *bool, c *calendar) bool {
	switch {
	case isRolling == nil && c == nil:
		r.warn(at, "it does not say whether the window rolls or follows the calendar; it rolls", "write isRolling: true")
		return true
	case isRolling == nil:
		return false
	case *isRolling && c != nil:
		r.wrong(at.at("calendar"), "a rolling window ends now, whatever the calendar says", "remove calendar, or write isRolling: false")
		return true
	case !*isRolling && c == nil:
		r.wrong(at, "a window of the calendar has to begin somewhere", "write calendar: {startTime: 2024-01-01 00:00:00, timeZone: UTC}, or isRolling: true")
		return true
	}
	return *isRolling
}

// calendar reads a window of the calendar.
func (r *reader) calendar(at place, unit slo.CalendarUnit, count int, in *calendar) slo.Window {
	fallback := slo.Window{Rolling: defaultWindow}
	start, err := time.Parse(time.DateTime, in.StartTime)
	switch {
	case r.unread(at):
		return fallback
	case in.StartTime == "":
		r.wrong(at.at("startTime"), "it is missing", "write when a window begins, such as 2024-01-01 00:00:00")
		return fallback
	case err != nil:
		r.wrong(at.at("startTime"), fmt.Sprintf("%q is no time of OpenSLO", in.StartTime), "write it as 2024-01-01 00:00:00, without a zone")
		return fallback
	}
	c, err := slo.NewCalendar(unit, count, in.TimeZone, start)
	if err != nil {
		r.wrong(at, err.Error(), "")
		return fallback
	}
	if in.TimeZone == "" {
		r.warn(at.at("timeZone"), "without a time zone the window begins by UTC's clock", "write an IANA name such as Europe/Berlin")
	}
	return slo.Window{Calendar: c}
}
