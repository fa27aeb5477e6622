package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"burnline/slo"
	"burnline/slo/changes"
)

var _ changes.Store = (*Store)(nil)

// SaveChange implements changes.Store.
func (s *Store) SaveChange(ctx context.Context, c slo.ChangeEvent, now time.Time) (kept slo.ChangeEvent, is bool, _ error) {
	body, err := json.Marshal(c)
	if err != nil {
		return slo.ChangeEvent{}, false, fmt.Errorf("write a change as JSON: %w", err)
	}
	err = s.write(ctx, now, func(w writer) error {
		done, err := w.tx.ExecContext(w.ctx, `INSERT INTO changes (id, at, noted, service, kind, version, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (id) DO NOTHING`, plain(c.ID), nanos(c.At), nanos(now), plain(c.Service), string(c.Kind), plain(c.Version), plain(string(body)))
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if is = n > 0; is || err != nil {
			kept = c
			return err
		}
		var have string
		if err := w.tx.QueryRowContext(w.ctx, `SELECT body FROM changes WHERE id = $1`, plain(c.ID)).Scan(&have); err != nil {
			return err
		}
		kept, err = decoded[slo.ChangeEvent]("change", have)
		return err
	})
	if err != nil {
		return slo.ChangeEvent{}, false, fmt.Errorf("save change: %w", err)
	}
	return kept, is, nil
}

// Changes implements changes.Store.
func (s *Store) Changes(ctx context.Context, f changes.Filter) ([]slo.ChangeEvent, error) {
	if f.Limit <= 0 {
		return nil, errors.New("read changes: there is no limit")
	}
	where, args := `1 = 1`, []any{}
	narrow := func(condition string, value any) {
		args = append(args, value)
		where += fmt.Sprintf(" AND "+condition, len(args))
	}
	switch {
	case f.Service != "" && f.Everybody:
		narrow("service IN ($%d, '')", plain(f.Service))
	case f.Service != "":
		narrow("service = $%d", plain(f.Service))
	}
	if f.Version != "" {
		narrow("version = $%d", plain(f.Version))
	}
	if f.Kind != "" {
		narrow("kind = $%d", string(f.Kind))
	}
	if !f.From.IsZero() {
		narrow("at >= $%d", nanos(f.From))
	}
	if !f.To.IsZero() {
		narrow("at < $%d", nanos(f.To))
	}
	args = append(args, f.Limit)
	return bodies[slo.ChangeEvent](ctx, s, "changes", `SELECT body FROM changes WHERE `+where+fmt.Sprintf(` ORDER BY at DESC, id LIMIT $%d`, len(args)), args...)
}

// ChangeMark implements changes.Store.
func (s *Store) ChangeMark(ctx context.Context) (string, error) {
	var n, noted int64
	if err := s.reads.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MAX(noted), 0) FROM changes`).Scan(&n, &noted); err != nil {
		return "", fmt.Errorf("look for new changes: %w", s.dialect.explain(err))
	}
	return fmt.Sprint(n, " ", noted), nil
}

// SaveSeen implements changes.Store.
func (s *Store) SaveSeen(ctx context.Context, seen []changes.Seen) error {
	err := s.write(ctx, time.Time{}, func(w writer) error {
		for _, v := range seen {
			if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO seen_versions (service, version, at, quiet) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
				plain(v.Service), plain(v.Version), nanos(v.At), number(v.Quiet)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save versions: %w", err)
	}
	return nil
}

// SeenVersions implements changes.Store.
func (s *Store) SeenVersions(ctx context.Context) (all []changes.Seen, _ error) {
	err := eachRow(ctx, s.reads, `SELECT service, version, at, quiet FROM seen_versions ORDER BY at, service, version`, nil, func(rows *sql.Rows) error {
		var v changes.Seen
		var at, quiet int64
		err := rows.Scan(&v.Service, &v.Version, &at, &quiet)
		v.At, v.Quiet = fromNanos(at), quiet != 0
		all = append(all, v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read versions of services: %w", s.dialect.explain(err))
	}
	return all, nil
}

// forgetChanges deletes some changes that happened before a moment. Versions that were seen stay,
// or each would be new again.
func (w writer) forgetChanges(before time.Time) (int, error) {
	ids, err := picked[string](w, `SELECT c.id FROM changes c WHERE c.at < $1 ORDER BY c.at, c.id LIMIT $2`, before)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return len(ids), w.deleteAll(ids, `DELETE FROM changes WHERE id IN (`+list(1, len(ids))+`)`)
}
