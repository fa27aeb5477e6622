package web

import "time"

// axisParts is into how many equal parts the line below a picture cuts its time.
const axisParts = 4

// axisOf are the moments that are written below a picture of (from, to]: its ends and those that cut it
// into equal parts.
func axisOf(from, to time.Time) []time.Time {
	at := make([]time.Time, axisParts+1)
	for i := range at {
		at[i] = from.Add(to.Sub(from) * time.Duration(i) / axisParts)
	}
	return at
}
