package changes

import (
	"time"

	"burnline/slo"
)

// SeriesChange is the name of the series that tell of changes: each is when a change
// happened, in seconds since 1970.
const SeriesChange = "slo_change_timestamp_seconds"

// recordedFor is for how long after it happened a change is recorded: long enough that a
// chart of months, whose points lie minutes apart, meets it.
const recordedFor = 6 * time.Hour

// Recorded returns the changes of the last six hours as rows of a moment, so that dashboards can
// mark them. It answers from memory.
func (k *Keeper) Recorded(at time.Time) []slo.Recorded {
	var rows []slo.Recorded
	for _, c := range k.Recent() { // the newest first
		if c.At.Before(at.Add(-recordedFor)) {
			break
		}
		rows = append(rows, slo.Recorded{
			Labels: slo.NewLabels(slo.MetricName, SeriesChange, "change", c.ID, "kind", string(c.Kind),
				"service", c.Service, "title", c.Title, "version", c.Version),
			T: at.UnixMilli(), V: float64(c.At.UnixMilli()) / 1000,
		})
	}
	return rows
}
