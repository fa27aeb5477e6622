package state

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"burnline/alerting"
)

// Failing implements alerting.Store.
func (s *Store) Failing(ctx context.Context, fallbacks []alerting.Fallback, since time.Time) ([]string, error) {
	var keys []string
	for _, f := range fallbacks {
		// SQLite keeps the order of a cross join: few incidents are open.
		err := eachRow(ctx, s.reads, `SELECT DISTINCT i.dedup_key FROM incidents i CROSS JOIN outbox o
			WHERE i.closed = 0 AND o.dedup_key = i.dedup_key AND o.receiver = $1 AND o.action = 'trigger'
			AND (o.state = 'refused' OR o.state = 'pending' AND o.created_at <= $2 AND (o.attempts > 0 OR o.held = 'down'))
			AND NOT EXISTS (SELECT 1 FROM outbox later WHERE later.dedup_key = o.dedup_key AND later.receiver = o.receiver
				AND later.integration = o.integration AND later.seq > o.seq AND (later.state = 'delivered' OR later.action = 'resolve'))
			AND NOT EXISTS (SELECT 1 FROM outbox told WHERE told.dedup_key = o.dedup_key AND told.receiver = $3)
			ORDER BY i.dedup_key`, []any{f.From, nanos(since), f.To}, func(rows *sql.Rows) error {
			var key string
			err := rows.Scan(&key)
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look for receivers that fail: %w", s.dialect.explain(err))
		}
	}
	return keys, nil
}
