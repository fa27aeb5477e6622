package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"burnline/slo/impact"
)

var _ impact.Store = (*Store)(nil)

// SaveImpact implements impact.Store.
func (s *Store) SaveImpact(ctx context.Context, states []impact.State) error {
	err := s.write(ctx, time.Time{}, func(w writer) error {
		for _, one := range states {
			if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO impacts (dedup_key, node, at, body) VALUES ($1, $2, $3, $4)
				ON CONFLICT (dedup_key, node) DO UPDATE SET at = excluded.at, body = excluded.body`, one.Key, plain(one.Node), nanos(one.At), one.Body); err != nil {
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
func (s *Store) LoadImpact(ctx context.Context, known func(impact.State) bool) ([]impact.State, error) {
	var all []impact.State
	err := s.write(ctx, time.Time{}, func(w writer) error {
		all = nil
		if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM impacts WHERE dedup_key NOT IN (SELECT dedup_key FROM incidents WHERE closed = 0)`); err != nil {
			return err
		}
		err := eachRow(w.ctx, w.tx, `SELECT dedup_key, node, at FROM impacts ORDER BY dedup_key, node`, nil, func(rows *sql.Rows) error {
			var one impact.State
			var at int64
			err := rows.Scan(&one.Key, &one.Node, &at)
			one.At = fromNanos(at)
			all = append(all, one)
			return err
		})
		for i := range all {
			if err != nil {
				return err
			}
			if known != nil && known(all[i]) {
				continue
			}
			var at int64
			err = w.tx.QueryRowContext(w.ctx, `SELECT at, body FROM impacts WHERE dedup_key = $1 AND node = $2`, all[i].Key, all[i].Node).Scan(&at, &all[i].Body)
			if errors.Is(err, sql.ErrNoRows) {
				err = nil // it was dropped in between, and its Body stays empty
				continue
			}
			all[i].At = fromNanos(at)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read whom open incidents hurt: %w", s.dialect.explain(err))
	}
	return all, nil
}

// DropImpact implements impact.Store.
func (s *Store) DropImpact(ctx context.Context, node string, keys []string) error {
	err := s.write(ctx, time.Time{}, func(w writer) error {
		for _, key := range keys {
			if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM impacts WHERE dedup_key = $1 AND node = $2`, key, plain(node)); err != nil {
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
