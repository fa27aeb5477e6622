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
	start, ok := r.start(path+".start", in.Start)
	if !ok {
		return nil
	}
	if in.Count > 1000 {
		r.wrong(path+".count", "the window is longer than five years", "write a smaller number")
		return nil
	}
	// One thing after the other, so that each mistake is found where it stands.
	var c *slo.Calendar
	for _, step := range []struct {
		key    string
		count  int
		zone   string
		anchor time.Time
		write  string
	}{
		{"calendar", 1, "", time.Time{}, "write week, month, quarter or year"},
		{"count", in.Count, "", time.Time{}, "write 1, or remove the key"},
		{"timezone", in.Count, in.Timezone, time.Time{}, "write an IANA name such as Europe/Berlin"},
		{"start", in.Count, in.Timezone, start, `write one such as "2026-04-01 06:00"`},
	} {
		var err error
		if c, err = slo.NewCalendar(unit, step.count, step.zone, step.anchor); err != nil {
			message, _, _ := strings.Cut(err.Error(), ": ")
			r.wrong(path+"."+step.key, message, step.write)
			return nil
		}
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
