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

var _ alerting.SilenceStore = (*Store)(nil)

// Silences implements alerting.SilenceStore.
func (s *Store) Silences(ctx context.Context, since time.Time) ([]alerting.Silence, error) {
	return bodies[alerting.Silence](ctx, s, "silences", `SELECT body FROM silences WHERE ends_at > $1 ORDER BY ends_at, id`, nanos(since))
}

// Silence implements alerting.SilenceStore.
func (s *Store) Silence(ctx context.Context, id string) (alerting.Silence, bool, error) {
	found, err := silence(s.reads.QueryRowContext(ctx, `SELECT body FROM silences WHERE id = $1`, plain(id)))
	if err != nil {
		return alerting.Silence{}, false, s.dialect.explain(err)
	}
	if found == nil {
		return alerting.Silence{}, false, nil
	}
	return *found, true, nil
}

// EditSilence implements alerting.SilenceStore.
func (s *Store) EditSilence(ctx context.Context, id string, edit func(*alerting.Silence) ([]alerting.Silence, error)) error {
	return s.write(ctx, time.Time{}, func(w writer) error {
		have, err := silence(w.tx.QueryRowContext(w.ctx, `SELECT body FROM silences WHERE id = $1`+s.dialect.lock, plain(id)))
		if err != nil {
			return err
		}
		changed, err := edit(have)
		if err != nil {
			return err
		}
		for _, one := range changed {
			if err := w.saveSilence(one); err != nil {
				return err
			}
		}
		return nil
	})
}

// saveSilence writes a record anew, or over the one of its ID.
func (w writer) saveSilence(one alerting.Silence) error {
	if one.ID == "" || one.EndsAt.IsZero() {
		return errors.New("save a silence: it has no ID or no end")
	}
	body, err := json.Marshal(one)
	if err != nil {
		return fmt.Errorf("save silence %s: %w", one.ID, err)
	}
	if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO silences (id, ends_at, body) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET ends_at = excluded.ends_at, body = excluded.body`, plain(one.ID), nanos(one.EndsAt), string(body)); err != nil {
		return fmt.Errorf("save silence %s: %w", one.ID, err)
	}
	return nil
}

// silence reads the one that a query found; nil when it found none.
func silence(row *sql.Row) (*alerting.Silence, error) {
	var body string
	err := row.Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a silence: %w", err)
	}
	one, err := decoded[alerting.Silence]("silence", body)
	return &one, err
}
