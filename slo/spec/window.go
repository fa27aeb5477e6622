package spec

import (
	"fmt"
	"strings"
	"time"

	"burnline/slo"
)

// The shortest and the longest window of an SLO.
const (
	shortestWindow = time.Minute
	longestWindow  = 5 * 366 * 24 * time.Hour
)

// window checks the SLO's window.
func (r *reader) window(in window) slo.Window {
	const path = "spec.window"
	w := slo.Window{Rolling: in.Rolling}
	if r.unread(path) {
		return w
	}
	for _, key := range []string{"calendar", "count", "timezone", "start"} {
		if r.doc.Has(path + "." + key) {
			w = slo.Window{Calendar: r.calendar(in)}
			break
		}
	}
	switch {
	case r.unread(path):
	case w.Nominal() < shortestWindow:
		r.wrong(path, "the window is shorter than a minute", "write 30d, or at least 1m")
	case w.Nominal() > longestWindow:
		r.wrong(path, "the window is longer than five years", "write a shorter one, such as 365d")
	}
	return w
}

// calendar reads a window of the calendar; nil where something is wrong with it.
func (r *reader) calendar(in window) *slo.Calendar {
	const path = "spec.window"
	unit := slo.CalendarUnit(in.Calendar)
	start, good := r.start(path+".start", in.Start)
	if in.Count > 1000 {
		r.wrong(path+".count", "the window is longer than five years", "write a smaller number")
		good = false
	}
	// Each thing by itself, so that every mistake is found where it stands.
	for _, one := range []struct {
		key    string
		unit   slo.CalendarUnit
		count  int
		zone   string
		anchor time.Time
		write  string
	}{
		{"calendar", unit, 1, "", time.Time{}, "write week, month, quarter or year"},
		{"count", slo.Month, in.Count, "", time.Time{}, "write 1, or remove the key"},
		{"timezone", slo.Month, 1, in.Timezone, time.Time{}, "write an IANA name such as Europe/Berlin"},
		{"start", slo.Month, 1, "", start, `write one such as "2026-04-01 06:00"`},
	} {
		if _, err := slo.NewCalendar(one.unit, one.count, one.zone, one.anchor); err != nil {
			message, _, _ := strings.Cut(err.Error(), ": ")
			r.wrong(path+"."+one.key, message, one.write)
			good = false
		}
	}
	if !good {
		return nil
	}
	c, err := slo.NewCalendar(unit, in.Count, in.Timezone, start)
	if err != nil {
		r.wrong(path, err.Error(), "")
	}
	return c
}

// start reads a moment by the clock on the wall.
func (r *reader) start(path, text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	r.wrong(path, fmt.Sprintf("%q is no moment by the clock of the time zone", text), `write one such as "2026-04-01 06:00"`)
	return time.Time{}, false
}
