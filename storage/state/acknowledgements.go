package state

import (
	"database/sql"
	"fmt"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// ackColumns are those of an acknowledgement, in the order that scanAcks reads.
const ackColumns = `dedup_key, kind, person, via, at`

// acknowledge appends to what people did about an incident, which are n deeds.
func (w writer) acknowledge(key string, n int, more []alerting.Acknowledgement) error {
	for i, a := range more {
		_, err := w.tx.ExecContext(w.ctx, `INSERT INTO acknowledgements (dedup_key, seq, kind, person, via, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			key, n+i+1, string(a.Kind), plain(a.By), plain(a.Via), nanos(a.At))
		if err != nil {
			return fmt.Errorf("write acknowledgement: %w", err)
		}
	}
	return nil
}

// acknowledgements reads what people did about incidents, of each the oldest first.
func (w writer) acknowledgements(keys []string, each func(string, alerting.Acknowledgement)) error {
	where, args := among("dedup_key", keys)
	rows, err := w.tx.QueryContext(w.ctx, `SELECT `+ackColumns+` FROM acknowledgements WHERE `+where+` ORDER BY dedup_key, seq`, args...)
	if err != nil {
		return fmt.Errorf("read acknowledgements: %w", err)
	}
	return scanAcks(rows, each)
}

// scanAcks reads acknowledgements, each with the key of its incident.
func scanAcks(rows *sql.Rows, each func(string, alerting.Acknowledgement)) error {
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		var key string
		var a alerting.Acknowledgement
		var at int64
		if err := rows.Scan(&key, &a.Kind, &a.By, &a.Via, &at); err != nil {
			return fmt.Errorf("read acknowledgements: %w", err)
		}
		a.At = fromNanos(at)
		each(key, a)
	}
	return rows.Err()
}

// takenFor is how long the ID of what another system told is remembered. PagerDuty sends a webhook
// again for two days.
const takenFor = 7 * 24 * time.Hour

// take notes the ID of what another system told; false when it was noted before.
func (w writer) take(id string) (bool, error) {
	if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM taken WHERE at < $1`, nanos(w.now.Add(-takenFor))); err != nil {
		return false, fmt.Errorf("forget old webhooks: %w", err)
	}
	result, err := w.tx.ExecContext(w.ctx, `INSERT INTO taken (id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, plain(id), nanos(w.now))
	if err != nil {
		return false, fmt.Errorf("note a webhook: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// loud reads, of each of these incidents that has any, the labels of an outside alert that fires and that nothing keeps quiet.
func (w writer) loud(keys []string, each func(string, slo.Labels)) error {
	where, args := among("g.dedup_key", keys, string(alerting.FateSend))
	err := w.each(`SELECT first.dedup_key, a.labels FROM alerts a JOIN (
			SELECT g.dedup_key AS dedup_key, MIN(m.alert_id) AS id FROM alert_groups g JOIN alert_members m ON m.group_id = g.id
			WHERE m.fate = $1 AND m.ended = 0 AND `+where+` GROUP BY g.dedup_key) first ON first.id = a.id`, args,
		func(rows *sql.Rows) error {
			var key string
			var labels labelText
			if err := rows.Scan(&key, &labels); err != nil {
				return err
			}
			each(key, slo.Labels(labels))
			return nil
		})
	if err != nil {
		return fmt.Errorf("read alerts of incidents: %w", err)
	}
	return nil
}
