package state

import (
	"context"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// mostTold bounds how many incidents Told returns.
const mostTold = 20_000

// Told returns the incidents that people could have been told of, and that are open or
// closed after since, newest first and at most 20,000; without rows and steps.
func (s *Store) Told(ctx context.Context, since time.Time) ([]alerting.Record, error) {
	return s.incidents(ctx, `SELECT incident, title, message FROM incidents
		WHERE `+notHeartbeat+` AND (closed = 0 OR closed > $1) AND NOT EXISTS
			(SELECT 1 FROM steps WHERE steps.dedup_key = incidents.dedup_key AND steps.kind = $2)
		ORDER BY opened DESC, dedup_key DESC LIMIT $3`, nanos(since), string(slo.IncidentRecorded), mostTold)
}
