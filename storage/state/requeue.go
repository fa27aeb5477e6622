package state

import (
	"context"
	"fmt"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// Requeue implements alerting.Store.
func (s *Store) Requeue(ctx context.Context, now time.Time, untold func(slo.Incident, alerting.Message, []alerting.Row) []alerting.Row) (int, error) {
	var n int
	err := s.write(ctx, now, func(w writer) error {
		// The incidents are locked first, in the order in which a commit locks
		// them and their rows. Of two nodes that reload at once only one tells.
		open, err := w.openIncidents()
		if err != nil {
			return err
		}
		if n, err = w.requeue(); err != nil {
			return err
		}
		for _, o := range open {
			told, err := w.tell(o, untold)
			if err != nil {
				return err
			}
			n += told
		}
		_, err = w.tx.ExecContext(ctx, `UPDATE outbox SET next_at = $1 WHERE state = 'pending' AND next_at > $1`, nanos(now))
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

// told is an open incident and what there is to tell of it.
type told struct {
	incident slo.Incident
	newest   alerting.Message
}

// openIncidents reads and locks every open incident, oldest first.
func (w writer) openIncidents() ([]told, error) {
	found, err := w.tx.QueryContext(w.ctx, `SELECT incident, message FROM incidents WHERE closed = 0 ORDER BY opened, dedup_key`+w.s.dialect.lock)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }() // Err tells what went wrong
	var open []told
	for found.Next() {
		var body, message string
		var o told
		if err := found.Scan(&body, &message); err != nil {
			return nil, err
		}
		if o.incident, err = decodeIncident(body); err != nil {
			return nil, err
		}
		if o.newest, err = decodeMessage(message); err != nil {
			return nil, err
		}
		open = append(open, o)
	}
	return open, found.Err()
}

// tell writes the rows that untold plans for one incident and returns how many.
func (w writer) tell(o told, untold func(slo.Incident, alerting.Message, []alerting.Row) []alerting.Row) (int, error) {
	if untold == nil {
		return 0, nil
	}
	have, err := w.rows(o.incident.Key)
	if err != nil {
		return 0, err
	}
	rows := untold(o.incident, o.newest, have)
	return len(rows), w.outbox(alerting.Plan{Rows: rows}, alerting.Existing{Rows: have})
}
