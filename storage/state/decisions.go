package state

import (
	"database/sql"
	"fmt"

	"burnline/alerting"
)

// decisionColumns are those of a decision, in the order that scanDecision reads.
const decisionColumns = `dedup_key, receiver, fate, decider, until, reason, at`

// decide appends decisions to those of an incident, of which there are n.
func (w writer) decide(key string, n int, more []alerting.Decision) error {
	for i, d := range more {
		_, err := w.tx.ExecContext(w.ctx, `INSERT INTO decisions (dedup_key, seq, receiver, fate, decider, until, reason, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			key, n+i+1, plain(d.Receiver), string(d.Fate), plain(d.By), nanos(d.Until), plain(d.Reason), nanos(d.At))
		if err != nil {
			return fmt.Errorf("write decision: %w", err)
		}
	}
	return nil
}

// decisions reads what was decided of incidents, of each the oldest first.
func (w writer) decisions(keys []string, each func(string, alerting.Decision)) error {
	where, args := among("dedup_key", keys)
	rows, err := w.tx.QueryContext(w.ctx, `SELECT `+decisionColumns+` FROM decisions WHERE `+where+` ORDER BY dedup_key, seq`, args...)
	if err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	return scanDecisions(rows, each)
}

// scanDecisions reads decisions, each with the key of its incident.
func scanDecisions(rows *sql.Rows, each func(string, alerting.Decision)) error {
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		var key string
		var d alerting.Decision
		var until, at int64
		if err := rows.Scan(&key, &d.Receiver, &d.Fate, &d.By, &until, &d.Reason, &at); err != nil {
			return fmt.Errorf("read decisions: %w", err)
		}
		d.Until, d.At = fromNanos(until), fromNanos(at)
		each(key, d)
	}
	return rows.Err()
}
