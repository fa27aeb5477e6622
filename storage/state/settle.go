package state

import (
	"context"
	"fmt"
	"time"

	"burnline/alerting"
)

// Settle implements alerting.Queue. An acceptance counts whoever brings it; any
// other outcome only while the row is still held by this claim, so that a
// sender that wakes up late changes nothing.
func (s *Store) Settle(ctx context.Context, row alerting.Row, o alerting.Outcome, now time.Time) error {
	return s.write(ctx, now, func(w writer) error {
		at, err := s.clock(ctx, w.tx, now)
		if err != nil {
			return err
		}
		next, settled := time.Time{}, now
		if o.State == alerting.RowPending {
			next, settled = at.Add(o.NextAt.Sub(now)), time.Time{}
		}
		_, err = w.tx.ExecContext(ctx, `UPDATE outbox
			SET state = $1, next_at = $2, settled_at = $3, answer = $4, leased_until = 0, receipt = COALESCE(NULLIF($5, ''), receipt)
			WHERE id = $6 AND state = 'pending' AND (attempts = $7 OR $8 = 1)`,
			string(o.State), nanos(next), nanos(settled), o.Answer, o.Receipt, row.ID, row.Attempts,
			number(o.State == alerting.RowDelivered))
		if err == nil {
			err = w.settleDestination(o, at)
		}
		if err != nil {
			return fmt.Errorf("record answer of row %d: %w", row.ID, err)
		}
		return nil
	})
}

// settleDestination keeps what the answer says of the destination as a whole.
func (w writer) settleDestination(o alerting.Outcome, at time.Time) error {
	if o.Hold > 0 {
		_, err := w.tx.ExecContext(w.ctx, `INSERT INTO destinations (name, held_until) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET held_until = excluded.held_until WHERE destinations.held_until < excluded.held_until`,
			o.Destination, nanos(at.Add(o.Hold)))
		if err != nil {
			return fmt.Errorf("note until when the destination is left alone: %w", err)
		}
	}
	if len(o.Recovered) == 0 {
		return nil
	}
	where, args := atTargets(o.Recovered, nanos(at))
	_, err := w.tx.ExecContext(w.ctx, `UPDATE outbox AS o SET next_at = $1
		WHERE o.state = 'pending' AND o.attempts > 0 AND o.next_at > $1`+where, args...)
	if err != nil {
		return fmt.Errorf("hurry what waits for the destination: %w", err)
	}
	return nil
}
