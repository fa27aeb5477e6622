package state

import (
	"cmp"
	"context"
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
	err := s.deliver(ctx, now, func(w writer) error {
		at, err := s.clock(ctx, w.tx, now)
		if err != nil {
			return err
		}
		return w.settle(all, func(one *settlement) time.Time { return at.Add(one.now.Sub(now)) })
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

// settle records answers, each of which came at a moment of the outbox's clock. Rows are locked first, in the order
// of the answers, then destinations in the order of their names; what recovered is hurried last, and waits for nobody.
func (w writer) settle(all []*settlement, at func(*settlement) time.Time) error {
	ids := make([]any, len(all))
	var says []*settlement // of the destination as a whole
	for i, one := range all {
		if err := w.settleRow(one, at(one)); err != nil {
			return fmt.Errorf("record answer of row %d: %w", one.row.ID, err)
		}
		ids[i] = one.row.ID
		if one.outcome.Hold > 0 || len(one.outcome.Recovered) > 0 {
			says = append(says, one)
		}
	}
	slices.SortStableFunc(says, func(a, b *settlement) int { return cmp.Compare(a.outcome.Destination, b.outcome.Destination) })
	for _, one := range says {
		if err := w.leaveAlone(one.outcome, at(one)); err != nil {
			return fmt.Errorf("note until when destination %s is left alone: %w", one.outcome.Destination, err)
		}
	}
	for _, one := range says {
		if err := w.hurryRecovered(one.outcome, at(one), ids); err != nil {
			return fmt.Errorf("hurry what waits for the destination: %w", err)
		}
	}
	return nil
}

// settleRow records the answer that a row got.
func (w writer) settleRow(one *settlement, at time.Time) error {
	row, o := one.row, one.outcome
	next, settled := time.Time{}, one.now
	if o.State == alerting.RowPending {
		next, settled = at.Add(o.NextAt.Sub(one.now)), time.Time{}
	}
	_, err := w.tx.ExecContext(w.ctx, `UPDATE outbox
		SET state = $1, next_at = $2, settled_at = $3, answer = $4, leased_until = 0, receipt = COALESCE(NULLIF($5, ''), receipt), news = $6
		WHERE id = $7 AND state = 'pending' AND (attempts = $8 OR $9 = 1)`,
		string(o.State), nanos(next), nanos(settled), o.Answer, o.Receipt, row.News, row.ID, row.Attempts,
		number(o.State == alerting.RowDelivered))
	return err
}

// leaveAlone keeps until when a destination asked to be left alone.
func (w writer) leaveAlone(o alerting.Outcome, at time.Time) error {
	if o.Hold <= 0 {
		return nil
	}
	_, err := w.tx.ExecContext(w.ctx, `INSERT INTO destinations (name, held_until) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET held_until = excluded.held_until WHERE destinations.held_until < excluded.held_until`,
		o.Destination, nanos(at.Add(o.Hold)))
	return err
}

// hurryRecovered makes what waits for a destination due, but for the rows that were just answered. A row that another
// transaction holds is being answered too.
func (w writer) hurryRecovered(o alerting.Outcome, at time.Time, answered []any) error {
	if len(o.Recovered) == 0 {
		return nil
	}
	where, args := atTargets(o.Recovered, nanos(at))
	args = append(args, answered...)
	_, err := w.tx.ExecContext(w.ctx, `UPDATE outbox SET next_at = $1 WHERE id IN (
		SELECT o.id FROM outbox AS o WHERE o.state = 'pending' AND o.attempts > 0 AND o.next_at > $1`+where+`
		AND o.id NOT IN (`+list(len(args)-len(answered)+1, len(answered))+`)`+w.s.dialect.skip+`)`, args...)
	return err
}
