package state

import (
	"context"
	"fmt"
	"time"

	"burnline/slo/impact"
)

var _ impact.Store = (*Store)(nil)

// SaveImpact implements impact.Store.
func (s *Store) SaveImpact(ctx context.Context, states []impact.State) error {
	err := s.write(ctx, time.Time{}, func(w writer) error {
		for _, one := range states {
			if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO impacts (dedup_key, at, body) VALUES ($1, $2, $3)
				ON CONFLICT (dedup_key) DO UPDATE SET at = excluded.at, body = excluded.body`, one.Key, nanos(one.At), one.Body); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep whom incidents hurt: %w", s.dialect.explain(err))
	}
	return nil
}

// LoadImpact implements impact.Store. What is left of incidents that closed is deleted.
func (s *Store) LoadImpact(ctx context.Context) ([]impact.State, error) {
	var all []impact.State
	err := s.write(ctx, time.Time{}, func(w writer) error {
		all = nil
		if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM impacts WHERE dedup_key NOT IN (SELECT dedup_key FROM incidents WHERE closed = 0)`); err != nil {
			return err
		}
		rows, err := w.tx.QueryContext(w.ctx, `SELECT dedup_key, at, body FROM impacts ORDER BY dedup_key`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // Err tells what went wrong
		for rows.Next() {
			var one impact.State
			var at int64
			if err := rows.Scan(&one.Key, &at, &one.Body); err != nil {
				return err
			}
			one.At = fromNanos(at)
			all = append(all, one)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read whom open incidents hurt: %w", s.dialect.explain(err))
	}
	return all, nil
}

// DropImpact implements impact.Store.
func (s *Store) DropImpact(ctx context.Context, keys []string) error {
	err := s.write(ctx, time.Time{}, func(w writer) error {
		for _, key := range keys {
			if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM impacts WHERE dedup_key = $1`, key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget whom incidents hurt: %w", s.dialect.explain(err))
	}
	return nil
}
