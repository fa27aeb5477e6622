package state

import (
	"context"
	"fmt"
	"slices"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// The reasons for which a row waits that is due.
const (
	heldLimit = "limit"
	heldDown  = "down"
)

// mostTitles is how many incidents a deferral names.
const mostTitles = 20

// Defer implements alerting.Queue. Rows that wait for a limit are told when it will let them
// go by their place in the line; they are told anew when that is over.
func (s *Store) Defer(ctx context.Context, d alerting.Deferral, now time.Time) (alerting.Deferred, error) {
	var deferred alerting.Deferred
	err := s.deliver(ctx, now, func(w writer) error {
		deferred = alerting.Deferred{}
		at, err := s.clock(ctx, w.tx, now)
		if err != nil {
			return err
		}
		waiting, err := w.waiting(d.Targets, at)
		if err != nil {
			return err
		}
		for i, line := range lines(d, waiting) {
			ids := news(d, line, at)
			var until time.Time
			if d.PerMinute > 0 {
				until = at.Add(d.Wait).Add(time.Duration(i) * time.Minute)
			}
			if err := w.hold(d, ids, until); err != nil {
				return err
			}
			deferred.Rows += len(ids)
		}
		deferred.Incidents, deferred.Titles = untold(waiting)
		return nil
	})
	if err != nil {
		return alerting.Deferred{}, fmt.Errorf("note why rows wait: %w", err)
	}
	return deferred, nil
}

// waitingRow is a row that is due and waits.
type waitingRow struct {
	id         int64
	key, title string
	held       string
	until      time.Time
	// news is true where it would tell of an incident for the first time.
	news bool
}

// waiting returns the rows that are due at integrations, in the order in which they will go, but for those that wait for a page: that they wait
// for it must not be forgotten.
func (w writer) waiting(targets []alerting.Target, at time.Time) ([]waitingRow, error) {
	where, args := atTargets(targets, string(alerting.ActionTrigger), string(slo.CauseBacklog), nanos(at))
	rows, err := w.tx.QueryContext(w.ctx, `SELECT o.id, o.dedup_key, i.title, o.held, o.held_until, o.action = $1 AND o.attempts = 0 AND i.cause <> $2
		FROM outbox o JOIN incidents i ON i.dedup_key = o.dedup_key
		WHERE o.state = 'pending' AND o.next_at <= $3 AND o.leased_until <= $3 AND substr(o.held, 1, 6) <> '`+heldAfter+`'`+where+`
		ORDER BY o.priority, o.attempts > 0, o.next_at, o.id`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	var all []waitingRow
	for rows.Next() {
		var r waitingRow
		var until int64
		if err := rows.Scan(&r.id, &r.key, &r.title, &r.held, &until, &r.news); err != nil {
			return nil, err
		}
		r.until = fromNanos(until)
		all = append(all, r)
	}
	return all, rows.Err()
}

// lines are the rows of each minute; all at once where there is no limit.
func lines(d alerting.Deferral, waiting []waitingRow) [][]waitingRow {
	if d.PerMinute <= 0 {
		return [][]waitingRow{waiting}
	}
	return slices.Collect(slices.Chunk(waiting, d.PerMinute))
}

// news returns the rows that are not known to wait.
func news(d alerting.Deferral, line []waitingRow, at time.Time) (ids []any) {
	for _, r := range line {
		if d.PerMinute > 0 && (r.held != heldLimit || !r.until.After(at)) || d.PerMinute <= 0 && r.held != heldDown {
			ids = append(ids, r.id)
		}
	}
	return ids
}

// hold writes down why rows wait.
func (w writer) hold(d alerting.Deferral, ids []any, until time.Time) error {
	held, answer := heldDown, d.Why
	if d.PerMinute > 0 {
		held, answer = heldLimit, fmt.Sprintf("rate-limited until %s: %s", until.UTC().Format("15:04:05 MST"), d.Why)
	}
	for some := range slices.Chunk(ids, keysAtOnce) {
		args := append([]any{held, nanos(until), answer}, some...)
		_, err := w.tx.ExecContext(w.ctx, `UPDATE outbox SET held = $1, held_until = COALESCE(NULLIF(CAST($2 AS BIGINT), 0), held_until), answer = $3
			WHERE state = 'pending' AND id IN (`+list(4, len(some))+`)`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// untold counts the incidents of which nobody was told yet, and names the first.
func untold(waiting []waitingRow) (int, []string) {
	var titles []string
	seen := map[string]bool{}
	for _, r := range waiting {
		if !r.news || seen[r.key] {
			continue
		}
		seen[r.key] = true
		if len(titles) < mostTitles {
			titles = append(titles, r.title)
		}
	}
	return len(seen), titles
}
