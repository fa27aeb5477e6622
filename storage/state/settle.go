package state

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"

	"burnline/alerting"
)

// settling gathers answers that come while others are written: a commit is a wait for the
// disk, and one is enough for all of them.
type settling struct {
	// turn is held by whoever writes.
	turn sync.Mutex

	mu      sync.Mutex
	waiting []*settlement
}

// settlement is one answer on its way to the disk.
type settlement struct {
	row     alerting.Row
	outcome alerting.Outcome
	now     time.Time
	// done is true once it is on disk; whoever holds the turn may touch it.
	done bool
}

// add puts answers into the queue.
func (q *settling) add(all ...*settlement) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, all...)
}

// take empties the queue.
func (q *settling) take() []*settlement {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.waiting
	q.waiting = nil
	return all
}

// Settle implements alerting.Store. An acceptance counts whoever brings it; any
// other outcome only while the row is still held by this claim, so that a
// sender that wakes up late changes nothing.
func (s *Store) Settle(ctx context.Context, row alerting.Row, o alerting.Outcome, now time.Time) error {
	one := &settlement{row: row, outcome: o, now: now}
	s.settling.add(one)
	s.settling.turn.Lock()
	defer s.settling.turn.Unlock()
	if one.done {
		return nil // somebody wrote it along with theirs
	}
	all := s.settling.take()
	// In the order in which plans lock rows.
	slices.SortFunc(all, func(a, b *settlement) int { return cmp.Compare(a.row.ID, b.row.ID) })
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for _, w := range all {
			if err := w.write(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	for _, w := range all {
		switch {
		case err == nil:
			w.done = true
		case w != one:
			s.settling.add(w) // they wait for the turn, and try themselves
		}
	}
	return err
}

// write records one answer.
func (w *settlement) write(ctx context.Context, tx *sql.Tx) error {
	settled := w.now
	if w.outcome.State == alerting.RowPending {
		settled = time.Time{}
	}
	_, err := tx.ExecContext(ctx, `UPDATE outbox
		SET state = $1, next_at = $2, settled_at = $3, answer = $4, leased_until = 0, receipt = COALESCE(NULLIF($5, ''), receipt)
		WHERE id = $6 AND state = 'pending' AND (attempts = $7 OR $8 = 1)`,
		string(w.outcome.State), nanos(w.outcome.NextAt), nanos(settled), w.outcome.Answer, w.outcome.Receipt, w.row.ID, w.row.Attempts,
		number(w.outcome.State == alerting.RowDelivered))
	if err != nil {
		return fmt.Errorf("record answer of row %d: %w", w.row.ID, err)
	}
	return nil
}
