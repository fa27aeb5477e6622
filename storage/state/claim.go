package state

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"burnline/alerting"
)

// limitWindow is how long an attempt counts against a limit by the minute. A message
// arrives a moment after it was claimed, the one before it perhaps later than that.
const limitWindow = 61 * time.Second

// Due implements alerting.Queue.
func (s *Store) Due(ctx context.Context, now time.Time) (due []alerting.Target, _ error) {
	err := eachRow(ctx, s.reads, `SELECT DISTINCT receiver, integration FROM outbox
		WHERE state = 'pending' AND next_at <= `+cmp.Or(s.dialect.now, "$1")+` AND leased_until <= `+cmp.Or(s.dialect.now, "$1")+`
		ORDER BY receiver, integration`, s.callers(now), func(rows *sql.Rows) error {
		var t alerting.Target
		err := rows.Scan(&t.Receiver, &t.Integration)
		due = append(due, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for rows that are due: %w", s.dialect.explain(err))
	}
	return due, nil
}

// callers is the caller's time as the one argument of a statement, where it counts.
func (s *Store) callers(now time.Time) []any {
	if s.dialect.now != "" {
		return nil
	}
	return []any{nanos(now)}
}

// Claim implements alerting.Queue. A row is due when nothing before it in its
// chain is pending, its time has come, and nobody holds it; the end of a ticket that
// rose, when the page was told. Of rows that are equally
// important those that were never tried come first: a new page must not wait behind
// the retries of others.
func (s *Store) Claim(ctx context.Context, c alerting.Claim, now time.Time) (alerting.Claimed, error) {
	var claimed alerting.Claimed
	err := s.deliver(ctx, now, func(w writer) (err error) {
		claimed, err = w.claim(c)
		return err
	})
	if err == nil {
		err = s.alertsOf(ctx, claimed.Rows) // if it fails they are claimed again after the lease
	}
	if err != nil {
		return alerting.Claimed{}, fmt.Errorf("claim rows of the outbox: %w", err)
	}
	return claimed, nil
}

// claim is one claim.
func (w writer) claim(c alerting.Claim) (alerting.Claimed, error) {
	held, err := w.destination(c.Destination.Name)
	if err != nil {
		return alerting.Claimed{}, err
	}
	now, err := w.s.clock(w.ctx, w.tx, w.now) // after the wait for the lock
	if err != nil {
		return alerting.Claimed{}, err
	}
	if wait := held.Sub(now); wait > 0 {
		return alerting.Claimed{Wait: wait, Held: true}, nil
	}
	room, err := w.room(c.Destination, now)
	if err != nil {
		return alerting.Claimed{}, err
	}
	found, err := w.candidates(c, now)
	if err != nil {
		return alerting.Claimed{}, err
	}
	var claimed alerting.Claimed
	ids := room.admit(found)
	if len(ids) < len(found) {
		claimed.Wait = max(room.free.Sub(now), time.Millisecond)
	}
	if len(ids) == 0 {
		return claimed, nil
	}
	if c.Destination.PerMinute > 0 {
		if err := w.count(c.Destination.Name, len(ids), now); err != nil {
			return claimed, err
		}
	}
	claimed.Rows, err = w.lease(ids, now.Add(c.Lease))
	slices.SortFunc(claimed.Rows, func(a, b alerting.Row) int { return cmp.Compare(slices.Index(ids, a.ID), slices.Index(ids, b.ID)) })
	return claimed, err
}

// destination returns until when a destination asked to be left alone, and keeps other
// nodes from claiming for it at the same time: what they count would be wrong.
func (w writer) destination(name string) (time.Time, error) {
	var held int64
	for {
		err := w.tx.QueryRowContext(w.ctx, `SELECT held_until FROM destinations WHERE name = $1`+w.s.dialect.lock, name).Scan(&held)
		if err == nil {
			return fromNanos(held), nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return time.Time{}, fmt.Errorf("read destination: %w", err)
		}
		if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO destinations (name) VALUES ($1) ON CONFLICT DO NOTHING`, name); err != nil {
			return time.Time{}, fmt.Errorf("note destination: %w", err)
		}
	}
}

// room is what a destination's limit lets through now.
type room struct {
	limited bool
	// left is how many more messages it takes, kept how many of them a priority leaves to others.
	left int
	kept func(alerting.Priority) int
	// free is when the oldest attempt that counts ceases to.
	free time.Time
}

// room counts the attempts of the last minute.
func (w writer) room(d alerting.Destination, now time.Time) (room, error) {
	if d.PerMinute <= 0 {
		return room{}, nil
	}
	var sum, oldest int64
	err := w.tx.QueryRowContext(w.ctx, `SELECT CAST(COALESCE(SUM(attempts), 0) AS BIGINT), COALESCE(MIN(at), 0) FROM sends
		WHERE destination = $1 AND at > $2`, d.Name, nanos(now.Add(-limitWindow))).Scan(&sum, &oldest)
	if err != nil {
		return room{}, fmt.Errorf("count the attempts of the last minute: %w", err)
	}
	free := now.Add(limitWindow)
	if oldest > 0 {
		free = fromNanos(oldest).Add(limitWindow)
	}
	return room{limited: true, left: d.PerMinute - int(sum), kept: d.Kept, free: free}, nil
}

// candidate is a row that may be claimed.
type candidate struct {
	id       int64
	priority alerting.Priority
}

// admit returns the rows that the limit lets through.
func (r room) admit(found []candidate) []int64 {
	var ids []int64
	for _, c := range found {
		if r.limited && r.left <= r.kept(c.priority) {
			break // what follows is no more urgent
		}
		r.left--
		ids = append(ids, c.id)
	}
	return ids
}

// behind is whether a row o waits for another incident's, see afterPage: for two minutes from when it was written at most, since a page that can't be
// told must not keep the end of its ticket back for good.
const behind = `(substr(o.held, 1, 6) = '` + heldAfter + `' AND o.next_at > $1 - 120000000000 AND EXISTS (
			SELECT 1 FROM outbox page
			WHERE page.dedup_key = substr(o.held, 7) AND page.receiver = o.receiver
			AND page.integration = o.integration AND page.action = 'trigger' AND page.state = 'pending'))`

// candidates returns and locks the rows that are due.
func (w writer) candidates(c alerting.Claim, now time.Time) ([]candidate, error) {
	where, args := atTargets(c.Targets, nanos(now))
	args = append(args, c.Limit)
	rows, err := w.tx.QueryContext(w.ctx, `SELECT o.id, o.priority FROM outbox o
		WHERE o.state = 'pending' AND o.next_at <= $1 AND o.leased_until <= $1`+where+`
		AND NOT EXISTS (
			SELECT 1 FROM outbox before
			WHERE before.dedup_key = o.dedup_key AND before.receiver = o.receiver
			AND before.integration = o.integration AND before.seq < o.seq AND before.state = 'pending')
		AND NOT `+behind+`
		ORDER BY o.priority, o.attempts > 0, o.next_at, o.id LIMIT $`+strconv.Itoa(len(args))+w.s.dialect.skip, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	var found []candidate
	for rows.Next() {
		var c candidate
		if err := rows.Scan(&c.id, &c.priority); err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

// atTargets is the condition that keeps rows o of some integrations, nil keeping all,
// and the arguments of a statement of which the first are given. SQLite takes arguments in
// the order in which a statement first names them.
func atTargets(targets []alerting.Target, args ...any) (string, []any) {
	if targets == nil {
		return "", args
	}
	where := ""
	for _, t := range targets {
		if where != "" {
			where += " OR "
		}
		args = append(args, t.Receiver, t.Integration)
		where += fmt.Sprintf("o.receiver = $%d AND o.integration = $%d", len(args)-1, len(args))
	}
	return " AND (" + cmp.Or(where, "1 = 0") + ")", args
}

// count counts attempts against the limit, and forgets those that count no longer.
func (w writer) count(destination string, attempts int, now time.Time) error {
	if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO sends (destination, at, attempts) VALUES ($1, $2, $3)`, destination, nanos(now), attempts); err != nil {
		return fmt.Errorf("count attempts: %w", err)
	}
	if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM sends WHERE destination = $1 AND at <= $2`, destination, nanos(now.Add(-limitWindow))); err != nil {
		return fmt.Errorf("forget old attempts: %w", err)
	}
	return nil
}

// lease claims rows that the transaction holds.
func (w writer) lease(ids []int64, until time.Time) ([]alerting.Row, error) {
	args := []any{nanos(until)}
	for _, id := range ids {
		args = append(args, id)
	}
	rows, err := w.tx.QueryContext(w.ctx, `UPDATE outbox SET attempts = attempts + 1, leased_until = $1, held = ''
		WHERE id IN (`+list(2, len(ids))+`) RETURNING `+columns, args...)
	return scanRows(rows, err)
}
