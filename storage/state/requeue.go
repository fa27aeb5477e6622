package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// Requeue implements alerting.Store.
func (s *Store) Requeue(ctx context.Context, now time.Time, untold func(slo.Incident, alerting.Message) []alerting.Row) (int, error) {
	var n int
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		w := writer{ctx: ctx, tx: tx, s: s, now: now}
		requeued, err := w.requeue()
		if err != nil {
			return err
		}
		told := 0
		if untold != nil {
			if told, err = w.tell(untold); err != nil {
				return err
			}
		}
		n = requeued + told
		_, err = tx.ExecContext(ctx, `UPDATE outbox SET next_at = $1 WHERE state = 'pending' AND next_at > $1`, nanos(now))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("queue rows of the outbox again: %w", err)
	}
	return n, nil
}

// requeue makes refused rows pending again where they are still needed.
func (w writer) requeue() (int, error) {
	result, err := w.tx.ExecContext(w.ctx, `UPDATE outbox SET state = 'pending', settled_at = 0, next_at = $1
		WHERE state = 'refused'
		AND EXISTS (SELECT 1 FROM incidents i WHERE i.dedup_key = outbox.dedup_key AND i.closed = 0)
		AND NOT EXISTS (
			SELECT 1 FROM outbox later
			WHERE later.dedup_key = outbox.dedup_key AND later.receiver = outbox.receiver
			AND later.integration = outbox.integration AND later.seq > outbox.seq AND later.state = 'delivered')`, nanos(w.now))
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// tell writes the first rows of open incidents that have none. The incidents
// are locked, so that of two nodes that reload at once only one tells.
func (w writer) tell(untold func(slo.Incident, alerting.Message) []alerting.Row) (int, error) {
	found, err := w.tx.QueryContext(w.ctx, `SELECT incident, message FROM incidents WHERE closed = 0 ORDER BY opened, dedup_key`+w.s.dialect.lock)
	if err != nil {
		return 0, err
	}
	var plan []alerting.Row
	defer func() { _ = found.Close() }() // Err tells what went wrong
	for found.Next() {
		var body, message string
		if err := found.Scan(&body, &message); err != nil {
			return 0, err
		}
		in, err := decodeIncident(body)
		if err != nil {
			return 0, err
		}
		newest, err := decodeMessage(message)
		if err != nil {
			return 0, err
		}
		plan = append(plan, untold(in, newest)...)
	}
	if err := found.Err(); err != nil {
		return 0, err
	}
	return w.addUntold(plan)
}

// addUntold writes the rows of those incidents that have no rows yet.
func (w writer) addUntold(plan []alerting.Row) (int, error) {
	rows := map[string]int{}
	for _, r := range plan {
		if _, asked := rows[r.Key]; asked {
			continue
		}
		have, err := w.rows(r.Key)
		if err != nil {
			return 0, err
		}
		rows[r.Key] = len(have)
	}
	told := 0
	for _, r := range plan {
		if rows[r.Key] > 0 {
			continue
		}
		r.Seq = 1
		if err := w.add(r); err != nil {
			return 0, err
		}
		told++
	}
	return told, nil
}
