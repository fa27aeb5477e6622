package state

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"burnline/alerting"
)

// columns are those of a row of the outbox, in the order that scanRow reads.
const columns = `id, dedup_key, receiver, integration, seq, action, message, state, attempts, created_at, next_at, settled_at, answer, held_until, news, held = 'down', ` + receipt + `, ` + follows

// receipt is the newest receipt of a row's chain up to the row itself.
const receipt = `COALESCE((SELECT told.receipt FROM outbox told
	WHERE told.dedup_key = outbox.dedup_key AND told.receiver = outbox.receiver AND told.integration = outbox.integration
	AND told.seq <= outbox.seq AND told.receipt <> '' ORDER BY told.seq DESC LIMIT 1), '')`

// follows is whether the row before it in its chain leaves the incident open.
const follows = `COALESCE((SELECT told.action FROM outbox told
	WHERE told.dedup_key = outbox.dedup_key AND told.receiver = outbox.receiver AND told.integration = outbox.integration
	AND told.seq < outbox.seq AND told.state <> 'superseded' ORDER BY told.seq DESC LIMIT 1), 'resolve') <> 'resolve'`

// outbox writes the planned rows and ends the superseded ones. A superseded row
// that was attempted after all makes the transaction fail: the rows were locked
// when the plan was made, so it would be a mistake of the plan.
func (w writer) outbox(p alerting.Plan, have alerting.Existing) error {
	for _, id := range p.Supersede {
		result, err := w.tx.ExecContext(w.ctx, `UPDATE outbox SET state = $1, settled_at = $2, answer = $3
			WHERE id = $4 AND state = 'pending' AND attempts = 0`,
			string(alerting.RowSuperseded), nanos(w.now), string(p.Reason), id)
		if err != nil {
			return fmt.Errorf("supersede row: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("supersede row %d: it is not pending and unattempted (%w)", id, cmp.Or(err, sql.ErrNoRows))
		}
	}
	type chain struct{ key, receiver, integration string }
	last := map[chain]int{}
	for _, r := range slices.Concat(have.Rows, have.Replaced) {
		c := chain{r.Key, r.Receiver, r.Integration}
		last[c] = max(last[c], r.Seq)
	}
	for _, r := range p.Rows {
		c := chain{r.Key, r.Receiver, r.Integration}
		last[c]++
		r.Seq = last[c]
		if err := w.addHeld(r, afterPage(r, p.Rows)); err != nil {
			return err
		}
	}
	return nil
}

// heldAfter stands before the key of the page whose first message a row waits for.
const heldAfter = "after "

// afterPage has the end of a ticket wait for the first message of the page that it rose to, where both go to one place: else the end may arrive
// first, and who reads it takes the matter for over. It is "" for what waits for nothing.
func afterPage(end alerting.Row, with []alerting.Row) string {
	i := slices.IndexFunc(with, func(r alerting.Row) bool {
		return r.Key != end.Key && r.Action == alerting.ActionTrigger && r.Receiver == end.Receiver && r.Integration == end.Integration
	})
	if end.Action != alerting.ActionResolve || i < 0 {
		return ""
	}
	return heldAfter + with[i].Key
}

// add writes one pending row that is due when it says, or at once. What stands before it
// in its chain becomes as urgent as it is, or it would wait behind that.
func (w writer) add(r alerting.Row) error { return w.addHeld(r, "") }

// addHeld is add for a row that waits for something else, by the reason that is kept with it.
func (w writer) addHeld(r alerting.Row, held string) error {
	message, err := json.Marshal(r.Message)
	if err != nil {
		return fmt.Errorf("write message as JSON: %w", err)
	}
	now, err := w.s.clock(w.ctx, w.tx, w.now)
	if err != nil {
		return err
	}
	next := now.Add(max(0, r.NextAt.Sub(w.now)))
	_, err = w.tx.ExecContext(w.ctx, `INSERT INTO outbox
		(dedup_key, receiver, integration, seq, action, message, created_at, next_at, priority, held)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		r.Key, r.Receiver, r.Integration, r.Seq, string(r.Action), string(message), nanos(w.now), nanos(next), int64(r.Priority()), held)
	if err != nil {
		return fmt.Errorf("write row of the outbox: %w", err)
	}
	return w.urge(r.Key, alerting.Target{Receiver: r.Receiver, Integration: r.Integration}, int64(r.Seq), int64(r.Priority()))
}

// urge makes what stands before a row in its chain as urgent as it is.
func (w writer) urge(key string, at alerting.Target, seq, priority int64) error {
	if seq <= 1 {
		return nil
	}
	_, err := w.tx.ExecContext(w.ctx, `UPDATE outbox SET priority = $1 WHERE dedup_key = $2 AND receiver = $3 AND integration = $4
		AND seq < $5 AND state = 'pending' AND priority > $1`, priority, key, at.Receiver, at.Integration, seq)
	if err != nil {
		return fmt.Errorf("hurry rows of the outbox: %w", err)
	}
	return nil
}

// rows reads and locks all rows of incidents, oldest first.
func (w writer) rows(keys ...string) ([]alerting.Row, error) {
	where, args := among("dedup_key", keys)
	rows, err := w.tx.QueryContext(w.ctx, `SELECT `+columns+` FROM outbox WHERE `+where+` ORDER BY id`+w.s.dialect.lock, args...)
	return scanRows(rows, err)
}

// releaseClaims ends all claims, so that what was being sent when the process
// died is due again now and not when its lease has passed.
func (s *Store) releaseClaims(ctx context.Context) error {
	return s.inTx(ctx, false, func(tx *sql.Tx) error {
		for _, release := range []string{
			`UPDATE outbox SET leased_until = 0 WHERE state = 'pending' AND leased_until > 0`,
			`UPDATE drills SET held_until = 0 WHERE ended = 0 AND held_until > 0 AND claims > 0`,
		} {
			if _, err := tx.ExecContext(ctx, release); err != nil {
				return fmt.Errorf("release the claims of the process before: %w", err)
			}
		}
		return nil
	})
}

// number writes a truth that every engine compares alike.
func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// scanRows reads rows of the outbox.
func scanRows(rows *sql.Rows, err error) (all []alerting.Row, _ error) {
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, fmt.Errorf("read row of the outbox: %w", err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// scanRow reads one row.
func scanRow(rows *sql.Rows) (alerting.Row, error) {
	var r alerting.Row
	var message string
	var created, next, settled, held int64
	err := rows.Scan(&r.ID, &r.Key, &r.Receiver, &r.Integration, &r.Seq, &r.Action, &message, &r.State,
		&r.Attempts, &created, &next, &settled, &r.Answer, &held, &r.News, &r.Down, &r.Receipt, &r.Follows)
	if err != nil {
		return r, err
	}
	r.CreatedAt, r.NextAt, r.SettledAt = fromNanos(created), fromNanos(next), fromNanos(settled)
	r.HeldUntil = fromNanos(held)
	return r, json.Unmarshal([]byte(message), &r.Message)
}
