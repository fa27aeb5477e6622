package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"burnline/alerting/shadow"
)

var _ shadow.Store = (*Store)(nil)

// TakePages implements shadow.Store.
func (s *Store) TakePages(ctx context.Context, pages []shadow.Page, forget time.Time) error {
	return s.write(ctx, time.Time{}, func(w writer) error {
		if _, err := w.tx.ExecContext(ctx, `DELETE FROM shadow_pages WHERE told < $1`, nanos(forget)); err != nil {
			return fmt.Errorf("forget old pages: %w", err)
		}
		for i := range pages {
			if err := w.takePage(&pages[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// takePage keeps one page: its first notification, and its end.
func (w writer) takePage(p *shadow.Page) error {
	if p.Ended() {
		if _, err := w.tx.ExecContext(w.ctx, `UPDATE shadow_pages SET ended = $1 WHERE id = $2 AND ended = 0`, nanos(p.EndedAt), p.ID); err != nil {
			return fmt.Errorf("keep the end of a page: %w", err)
		}
		return nil
	}
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write a page as JSON: %w", err)
	}
	if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO shadow_pages (id, told, body) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
		p.ID, nanos(p.ToldAt), string(body)); err != nil {
		return fmt.Errorf("keep a page: %w", err)
	}
	return nil
}

// Pages implements shadow.Store.
func (s *Store) Pages(ctx context.Context, since time.Time, limit int) (all []shadow.Page, _ error) {
	err := eachRow(ctx, s.reads, `SELECT ended, body FROM shadow_pages WHERE told >= $1 ORDER BY told DESC, id LIMIT $2`,
		[]any{nanos(since), limit}, func(rows *sql.Rows) error {
			var ended int64
			var body string
			var p shadow.Page
			if err := rows.Scan(&ended, &body); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(body), &p); err != nil {
				return fmt.Errorf("read a stored page: %w", err)
			}
			p.EndedAt = fromNanos(ended)
			all = append(all, p)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read what the old Alertmanager told: %w", s.dialect.explain(err))
	}
	return all, nil
}

// PagesHeard implements shadow.Store.
func (s *Store) PagesHeard(ctx context.Context) (time.Time, error) {
	var told int64
	if err := s.reads.QueryRowContext(ctx, `SELECT COALESCE(MIN(told), 0) FROM shadow_pages`).Scan(&told); err != nil {
		return time.Time{}, fmt.Errorf("read when the old Alertmanager was heard: %w", s.dialect.explain(err))
	}
	return fromNanos(told), nil
}
