package slo

import (
	"slices"
	"time"
)

const day = 24 * time.Hour

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

// Windows returns every window that judging the SLO needs: the distinct
// windows of its policies and the SLO's own, shortest first.
func (d *Definition) Windows() []time.Duration {
	windows := []time.Duration{d.Window.Rolling}
	for _, p := range d.Policies {
		windows = append(windows, p.Long, p.Short)
	}
	slices.Sort(windows)
	return slices.Compact(windows)
}
