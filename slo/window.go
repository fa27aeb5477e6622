package slo

import (
	"slices"
	"time"
)

const day = 24 * time.Hour

// Window is the time over which an objective holds: rolling, or one of the calendar.
type Window struct {
	// Rolling is the length of a window that ends now; 0 for one of the calendar.
	Rolling time.Duration `json:"rolling,omitempty"`
	// Calendar is nil for a rolling window.
	Calendar *Calendar `json:"calendar,omitempty"`
}

// Nominal returns the length by which policies get their windows and factors:
// that of a rolling window itself, 7, 30, 90 and 365 days for a week, month,
// quarter and year. (design, "Policies")
func (w Window) Nominal() time.Duration {
	if w.Calendar == nil {
		return w.Rolling
	}
	return w.Calendar.Unit.nominal() * time.Duration(w.Calendar.Count)
}

// Longest returns the most that the window ever covers, so for how long counts have to
// be kept.
func (w Window) Longest() time.Duration {
	if w.Calendar == nil {
		return w.Rolling
	}
	return w.Calendar.Unit.longest() * time.Duration(w.Calendar.Count)
}

// Bounds returns where the window that holds at begins and ends. A rolling
// window ends at at, and its beginning is rounded as Start does.
func (w Window) Bounds(at time.Time) (start, end time.Time) {
	if w.Calendar == nil {
		return Start(at, w.Rolling), at
	}
	return w.Calendar.Bounds(at)
}

// Length returns how long the window that holds at is in all.
func (w Window) Length(at time.Time) time.Duration {
	if w.Calendar == nil {
		return w.Rolling
	}
	start, end := w.Calendar.Bounds(at)
	return end.Sub(start)
}

// Step returns the resolution at which the window itself is counted: that of
// a rolling window of its length, and a quarter of an hour for a calendar
// window that doesn't begin at a full hour of UTC.
func (w Window) Step() time.Duration {
	if w.Calendar == nil {
		return Step(w.Rolling)
	}
	if w.Calendar.offHour() {
		return 15 * time.Minute
	}
	return time.Hour
}

// offHour reports whether windows may begin within an hour of UTC.
func (c *Calendar) offHour() bool {
	if c.Anchor.Minute() != 0 {
		return true
	}
	for k := -4; k <= 4; k++ { // zones change their distance to UTC with the seasons
		at := time.Date(2025, time.January+time.Month(3*k), 1, 0, 0, 0, 0, time.UTC)
		if _, offset := at.In(c.zone()).Zone(); offset%3600 != 0 {
			return true
		}
	}
	return false
}

// Name names the window in a word, as labels of recorded series and headings
// do: 30d, month, 2 weeks.
func (w Window) Name() string {
	if w.Calendar == nil {
		return FormatDuration(w.Rolling)
	}
	if w.Calendar.Count > 1 {
		return FormatDuration(w.Nominal()) + " calendar"
	}
	return string(w.Calendar.Unit)
}

// String writes the window in full, with time zone and start.
func (w Window) String() string {
	if w.Calendar == nil {
		return FormatDuration(w.Rolling)
	}
	return w.Calendar.String()
}

// Step returns the resolution at which a window is counted, and to which its
// start is rounded: 1 s up to 5m, 5 s up to 1h, 1 min up to 6h, 5 min up to 3d,
// 1 h beyond. (design, "Windows")
func Step(window time.Duration) time.Duration {
	switch {
	case window <= 5*time.Minute:
		return time.Second
	case window <= time.Hour:
		return 5 * time.Second
	case window <= 6*time.Hour:
		return time.Minute
	case window <= 3*day:
		return 5 * time.Minute
	default:
		return time.Hour
	}
}

// Start returns where a window that ends at at begins: at − window, rounded
// down to the window's step since the Unix epoch. (design, "Windows")
func Start(at time.Time, window time.Duration) time.Time {
	// Truncate counts from the year 1, which is a whole number of hours before
	// the Unix epoch, so for these steps the edges are the same.
	return at.Add(-window).Truncate(Step(window))
}

// PolicyWindows returns the distinct windows of the policies, shortest first.
func (d *Definition) PolicyWindows() []time.Duration {
	var windows []time.Duration
	for _, p := range d.Policies {
		windows = append(windows, p.Long, p.Short)
	}
	slices.Sort(windows)
	return slices.Compact(windows)
}

// Windows returns the length of every window that judging the SLO needs: the
// distinct windows of its policies and the longest that its own can be,
// shortest first.
func (d *Definition) Windows() []time.Duration {
	windows := append(d.PolicyWindows(), d.Window.Longest())
	slices.Sort(windows)
	return slices.Compact(windows)
}
