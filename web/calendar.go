package web

import (
	"fmt"
	"math"
	"time"

	"burnline/slo"
)

// period is the calendar window that holds a moment, in words.
type period struct {
	// Name is what people call it: November, Q4 2026, week of 16 Nov.
	Name string
	// Left is the time until its end.
	Left string
	// Reset is when the next one begins, by the window's own zone.
	Reset string
	// Start and End bound it.
	Start, End time.Time
}

// periodOf names the calendar window that holds at; nil for a rolling one.
func periodOf(w slo.Window, at time.Time) *period {
	if w.Calendar == nil || at.IsZero() {
		return nil
	}
	start, end := w.Bounds(at)
	zone := w.Calendar.Location()
	p := period{Name: periodName(w.Calendar, start.In(zone), end.In(zone)), Start: start, End: end}
	p.Left = span(end.Sub(at)) + " left"
	if days := int(math.Ceil(end.Sub(at).Hours() / 24)); days > 2 {
		p.Left = fmt.Sprintf("%d days left", days)
	}
	p.Reset = end.In(zone).Format("Mon 2 Jan 15:04 MST")
	if w.Calendar.Zone != "UTC" {
		p.Reset += " (" + w.Calendar.Zone + ")"
	}
	return &p
}

// periodName says what people call the time from start to end, which the window's zone has.
func periodName(c *slo.Calendar, start, end time.Time) string {
	natural := c.Count == 1 && start.Hour() == 0 && start.Minute() == 0
	switch {
	case natural && c.Unit == slo.Week:
		return "week of " + start.Format("2 Jan")
	case natural && c.Unit == slo.Month && start.Day() == 1:
		return start.Format("January")
	case natural && c.Unit == slo.Quarter && start.Day() == 1 && start.Month()%3 == 1:
		return fmt.Sprintf("Q%d %d", (start.Month()+2)/3, start.Year())
	case natural && c.Unit == slo.Year && start.YearDay() == 1:
		return start.Format("2006")
	}
	return start.Format("2 Jan") + " – " + end.Format("2 Jan")
}
