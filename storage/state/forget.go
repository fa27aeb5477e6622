package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// forgottenAtOnce is how many incidents or alerts one transaction deletes. Transactions that
// deliver go before each.
const forgottenAtOnce = 100

// Forgotten counts what was deleted.
type Forgotten struct{ Incidents, Alerts int }

// Forget deletes what is old, some at a time: incidents that closed before a moment, with
// their rows, steps, decisions, acknowledgements and groups, drills that ended and changes that happened before it, and outside alerts that ended before
// another one, once all their groups have closed before it as well. The zero time deletes
// nothing. What is open, or waits to be told, is never touched.
func (s *Store) Forget(ctx context.Context, incidents, alerts time.Time) (gone Forgotten, err error) {
	if gone.Alerts, err = s.forgetAll(ctx, alerts, writer.forgetAlerts); err != nil {
		return gone, fmt.Errorf("delete old alerts: %w", err)
	}
	if gone.Incidents, err = s.forgetAll(ctx, incidents, writer.forgetIncidents); err != nil {
		return gone, fmt.Errorf("delete old incidents: %w", err)
	}
	if _, err := s.forgetAll(ctx, incidents, writer.forgetDrills); err != nil {
		return gone, fmt.Errorf("delete old drills: %w", err)
	}
	if _, err := s.forgetAll(ctx, incidents, writer.forgetChanges); err != nil {
		return gone, fmt.Errorf("delete old changes: %w", err)
	}
	return gone, nil
}

// forgetAll deletes what is older, one transaction after the other, and counts it.
func (s *Store) forgetAll(ctx context.Context, before time.Time, some func(writer, time.Time) (int, error)) (all int, _ error) {
	if before.IsZero() {
		return 0, nil
	}
	for {
		n := 0
		err := s.write(ctx, before, func(w writer) (err error) {
			n, err = some(w, before)
			return err
		})
		if err != nil {
			return all, err
		}
		if all += n; n < forgottenAtOnce {
			return all, nil
		}
	}
}

// forgetIncidents deletes some incidents with all that is theirs. A row that waits to be sent
// and an action that is open keep their incident, also where they came in between: the database refuses then.
func (w writer) forgetIncidents(before time.Time) (int, error) {
	keys, err := picked[string](w, `SELECT i.dedup_key FROM incidents i WHERE i.closed > 0 AND i.closed < $1
		AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.dedup_key = i.dedup_key AND o.state = 'pending')
		AND NOT EXISTS (SELECT 1 FROM alert_groups g WHERE g.dedup_key = i.dedup_key AND g.closed = 0)
		AND NOT EXISTS (SELECT 1 FROM incident_actions a WHERE a.dedup_key = i.dedup_key AND a.done = 0)
		ORDER BY i.closed, i.dedup_key LIMIT $2`, before)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	these := `dedup_key IN (` + list(1, len(keys)) + `)`
	return len(keys), w.deleteAll(keys,
		`DELETE FROM alert_members WHERE group_id IN (SELECT id FROM alert_groups WHERE `+these+`)`,
		`DELETE FROM alert_groups WHERE `+these,
		`DELETE FROM outbox WHERE state <> 'pending' AND `+these,
		`DELETE FROM steps WHERE `+these,
		`DELETE FROM decisions WHERE `+these,
		`DELETE FROM acknowledgements WHERE `+these,
		`DELETE FROM incident_notes WHERE `+these,
		`DELETE FROM incident_verdicts WHERE `+these,
		`DELETE FROM incident_actions WHERE done <> 0 AND `+these,
		`DELETE FROM aliases WHERE `+these,
		`DELETE FROM incidents WHERE `+these)
}

// forgetAlerts deletes some alerts with their places in groups.
func (w writer) forgetAlerts(before time.Time) (int, error) {
	ids, err := picked[int64](w, `SELECT a.id FROM alerts a WHERE a.ended > 0 AND a.ended < $1
		AND NOT EXISTS (SELECT 1 FROM alert_members m JOIN alert_groups g ON g.id = m.group_id
			WHERE m.alert_id = a.id AND (g.closed = 0 OR g.closed >= $1
			OR EXISTS (SELECT 1 FROM outbox o WHERE o.dedup_key = g.dedup_key AND o.state = 'pending')))
		ORDER BY a.ended, a.id LIMIT $2`, before)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return len(ids), w.deleteAll(ids,
		`DELETE FROM alert_members WHERE alert_id IN (`+list(1, len(ids))+`)`,
		`DELETE FROM alerts WHERE id IN (`+list(1, len(ids))+`)`)
}

// picked returns and locks what is to be deleted; what another transaction holds is left for
// the next time.
func picked[T any](w writer, query string, before time.Time) (all []any, _ error) {
	err := w.each(query+w.s.dialect.skip, []any{nanos(before), forgottenAtOnce}, func(rows *sql.Rows) error {
		var one T
		err := rows.Scan(&one)
		all = append(all, one)
		return err
	})
	return all, err
}

// deleteAll runs statements on what was picked.
func (w writer) deleteAll(picked []any, statements ...string) error {
	for _, statement := range statements {
		if _, err := w.tx.ExecContext(w.ctx, statement, picked...); err != nil {
			return err
		}
	}
	return nil
}
