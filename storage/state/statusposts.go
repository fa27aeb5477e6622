package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"burnline/alerting"
)

var _ alerting.StatusPostStore = (*Store)(nil)

// StatusPosts implements alerting.StatusPostStore.
func (s *Store) StatusPosts(ctx context.Context, since time.Time) ([]alerting.StatusPost, error) {
	return bodies[alerting.StatusPost](ctx, s, "posts of the status page", `SELECT body FROM status_posts WHERE at > $1 ORDER BY at DESC, id`, nanos(since))
}

// EditStatusPost implements alerting.StatusPostStore.
func (s *Store) EditStatusPost(ctx context.Context, id string, edit func(*alerting.StatusPost) (alerting.StatusPost, error)) error {
	return s.write(ctx, time.Time{}, func(w writer) error {
		var old *alerting.StatusPost
		var body string
		err := w.tx.QueryRowContext(w.ctx, `SELECT body FROM status_posts WHERE id = $1`+s.dialect.lock, plain(id)).Scan(&body)
		switch {
		case err == nil:
			old = &alerting.StatusPost{}
			if err := json.Unmarshal([]byte(body), old); err != nil {
				return fmt.Errorf("read a stored post: %w", err)
			}
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("read post %s: %w", id, err)
		}
		next, err := edit(old)
		if err != nil {
			return err
		}
		return w.saveStatusPost(next)
	})
}

// saveStatusPost writes a post anew, or over the one of its ID.
func (w writer) saveStatusPost(next alerting.StatusPost) error {
	data, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("save post %s: %w", next.ID, err)
	}
	if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO status_posts (id, at, removed, body) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET removed = excluded.removed, body = excluded.body`, plain(next.ID), nanos(next.At), nanos(next.Removed), string(data)); err != nil {
		return fmt.Errorf("save post %s: %w", next.ID, err)
	}
	return nil
}
