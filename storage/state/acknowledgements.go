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

// acknowledgements reads what people did about one incident.
func (w writer) acknowledgements(key string) ([]alerting.Acknowledgement, error) {
	rows, err := w.tx.QueryContext(w.ctx, `SELECT `+ackColumns+` FROM acknowledgements WHERE dedup_key = $1 ORDER BY seq`, key)
	if err != nil {
		return nil, fmt.Errorf("read acknowledgements: %w", err)
	}
	var all []alerting.Acknowledgement
	err = scanAcks(rows, func(_ string, a alerting.Acknowledgement) { all = append(all, a) })
	return all, err
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

// loud reads the labels of an outside alert of an incident that fires and that nothing keeps
// quiet.
func (w writer) loud(key string) (slo.Labels, error) {
	var labels labelText
	err := w.each(`SELECT a.labels FROM alert_groups g JOIN alert_members m ON m.group_id = g.id JOIN alerts a ON a.id = m.alert_id
		WHERE g.dedup_key = $1 AND m.ended = 0 AND m.fate = $2 ORDER BY a.id LIMIT 1`, []any{key, string(alerting.FateSend)},
		func(rows *sql.Rows) error { return rows.Scan(&labels) })
	if err != nil {
		return nil, fmt.Errorf("read an alert of an incident: %w", err)
	}
	return slo.Labels(labels), nil
}
