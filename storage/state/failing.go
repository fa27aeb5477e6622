package state

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"burnline/alerting"
)

// untaken are the open incidents with a row that tells of them as they are open now, and that was refused or has
// failed since $1. SQLite keeps the order of a cross join: few incidents are open.
const untaken = `SELECT DISTINCT i.dedup_key FROM incidents i CROSS JOIN outbox o
	WHERE i.closed = 0 AND o.dedup_key = i.dedup_key AND o.action = 'trigger'
	AND (o.state = 'refused' OR o.state = 'pending' AND o.created_at <= $1 AND (o.attempts > 0 OR o.held = 'down'))
	AND NOT EXISTS (SELECT 1 FROM outbox later WHERE later.dedup_key = o.dedup_key AND later.receiver = o.receiver
		AND later.integration = o.integration AND later.seq > o.seq AND (later.state = 'delivered' OR later.action = 'resolve'))`

// Failing implements alerting.Store.
func (s *Store) Failing(ctx context.Context, look alerting.FailingLook) (found alerting.Failing, err error) {
	for _, f := range look.Fallbacks {
		keys, err := s.keys(ctx, untaken+` AND o.receiver = $2
			AND NOT EXISTS (SELECT 1 FROM outbox told WHERE told.dedup_key = o.dedup_key AND told.receiver = $3)
			ORDER BY i.dedup_key`, nanos(look.Since), f.From, f.To)
		if err != nil {
			return found, err
		}
		for _, key := range keys {
			if !slices.Contains(found.Stranded, key) {
				found.Stranded = append(found.Stranded, key)
			}
		}
	}
	found.Untold, err = s.keys(ctx, untaken+` AND NOT EXISTS (SELECT 1 FROM outbox t
			WHERE t.dedup_key = o.dedup_key AND t.action <> 'resolve'
			AND (t.state = 'delivered' OR t.state = 'pending' AND t.created_at > $2)
			AND NOT EXISTS (SELECT 1 FROM outbox ended WHERE ended.dedup_key = t.dedup_key AND ended.receiver = t.receiver
				AND ended.integration = t.integration AND ended.seq > t.seq AND ended.action = 'resolve' AND ended.state <> 'superseded'))
		ORDER BY i.dedup_key`, nanos(look.Since), nanos(look.Fresh))
	return found, err
}

// keys reads keys of incidents.
func (s *Store) keys(ctx context.Context, query string, args ...any) (all []string, _ error) {
	err := eachRow(ctx, s.reads, query, args, func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		all = append(all, key)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for receivers that fail: %w", s.dialect.explain(err))
	}
	return all, nil
}
