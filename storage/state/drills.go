package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"burnline/alerting/drills"
)

var _ drills.Store = (*Store)(nil)

// PlanDrill implements drills.Store.
func (s *Store) PlanDrill(ctx context.Context, d drills.Drill, now time.Time) error {
	err := s.write(ctx, now, func(w writer) error {
		at, err := s.clock(w.ctx, w.tx, now)
		if err != nil {
			return err
		}
		if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM drills WHERE kind = $1 AND schedule <> $2 AND schedule <> '' AND ended = 0 AND held_until <= $3`,
			string(d.Kind), plain(d.Schedule), nanos(at)); err != nil {
			return err
		}
		if d.ID == "" {
			return nil
		}
		body, err := json.Marshal(d)
		if err != nil {
			return err
		}
		_, err = w.tx.ExecContext(w.ctx, `INSERT INTO drills (id, kind, schedule, due, body) SELECT $1, $2, $3, $4, $5
			WHERE NOT EXISTS (SELECT 1 FROM drills WHERE kind = $6 AND schedule = $7 AND ended = 0) ON CONFLICT (id) DO NOTHING`,
			plain(d.ID), string(d.Kind), plain(d.Schedule), nanos(d.Due), string(body), string(d.Kind), plain(d.Schedule))
		return err
	})
	if err != nil {
		return fmt.Errorf("plan drill: %w", err)
	}
	return nil
}

// ClaimDrill implements drills.Store.
func (s *Store) ClaimDrill(ctx context.Context, kind drills.Kind, schedule string, hold time.Duration, now time.Time) (d drills.Drill, is bool, _ error) {
	err := s.write(ctx, now, func(w writer) error {
		d, is = drills.Drill{}, false
		at, err := s.clock(w.ctx, w.tx, now)
		if err != nil {
			return err
		}
		var body string
		var claims int64
		err = w.tx.QueryRowContext(w.ctx, `SELECT body, claims FROM drills WHERE kind = $1 AND schedule = $2 AND ended = 0 AND due <= $3 AND held_until <= $3
			ORDER BY due, id LIMIT 1`+s.dialect.skip, string(kind), plain(schedule), nanos(at)).Scan(&body, &claims)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if d, err = decoded[drills.Drill]("drill", body); err != nil {
			return err
		}
		d.Claim, is = claims+1, true
		_, err = w.tx.ExecContext(w.ctx, `UPDATE drills SET claims = $1, held_until = $2 WHERE id = $3`, d.Claim, nanos(at.Add(hold)), plain(d.ID))
		return err
	})
	if err != nil {
		return drills.Drill{}, false, fmt.Errorf("claim drill: %w", err)
	}
	return d, is, nil
}

// SaveDrill implements drills.Store.
func (s *Store) SaveDrill(ctx context.Context, d drills.Drill, hold time.Duration, now time.Time) error {
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write a drill as JSON: %w", err)
	}
	return s.write(ctx, now, func(w writer) error {
		at, err := s.clock(w.ctx, w.tx, now)
		if err != nil {
			return err
		}
		done, err := w.tx.ExecContext(w.ctx, `INSERT INTO drills (id, kind, schedule, due, held_until, claims, ended, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (id) DO UPDATE SET held_until = excluded.held_until, ended = excluded.ended, body = excluded.body WHERE drills.claims = excluded.claims`,
			plain(d.ID), string(d.Kind), plain(d.Schedule), nanos(d.Due), nanos(at.Add(hold)), d.Claim, nanos(d.Ended), string(body))
		if err != nil {
			return fmt.Errorf("save drill: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, drills.ErrLost)
		}
		return nil
	})
}

// Drills implements drills.Store.
func (s *Store) Drills(ctx context.Context, kind drills.Kind, limit int) ([]drills.Drill, error) {
	return bodies[drills.Drill](ctx, s, "drills", `SELECT body FROM drills WHERE kind = $1 ORDER BY due DESC, id LIMIT $2`, string(kind), limit)
}

// forgetDrills deletes some drills that ended before a moment.
func (w writer) forgetDrills(before time.Time) (int, error) {
	ids, err := picked[string](w, `SELECT d.id FROM drills d WHERE d.ended > 0 AND d.ended < $1 ORDER BY d.ended, d.id LIMIT $2`, before)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return len(ids), w.deleteAll(ids, `DELETE FROM drills WHERE id IN (`+list(1, len(ids))+`)`)
}
