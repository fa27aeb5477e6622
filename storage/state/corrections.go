package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"burnline/slo"
	"burnline/slo/corrections"
)

// Corrections returns the corrections in force that came by the API, in order
// of ID. Their rules are not compiled.
func (s *Store) Corrections(ctx context.Context) ([]slo.Correction, error) {
	return s.corrections(ctx, "removed = 0")
}

// RemovedCorrections returns the corrections that were removed, in order of ID.
func (s *Store) RemovedCorrections(ctx context.Context) ([]slo.Correction, error) {
	return s.corrections(ctx, "removed <> 0")
}

func (s *Store) corrections(ctx context.Context, where string) ([]slo.Correction, error) {
	rows, err := s.reads.QueryContext(ctx, `SELECT body, removed, removed_by FROM corrections WHERE `+where+` ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read corrections: %w", s.dialect.explain(err))
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	var all []slo.Correction
	for rows.Next() {
		c, err := scanCorrection(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// SaveCorrection keeps a new correction. It fails with corrections.ErrTaken where one has
// the ID, or had it: what was removed is kept under its ID.
func (s *Store) SaveCorrection(ctx context.Context, c slo.Correction) error {
	return s.write(ctx, time.Time{}, func(w writer) error { return w.saveCorrection(c, true) })
}

// saveCorrection writes a correction anew, or over the one of its ID.
func (w writer) saveCorrection(c slo.Correction, isNew bool) error {
	removed, by := c.Removed, c.RemovedBy
	c.Removed, c.RemovedBy = time.Time{}, ""
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("save correction %s: %w", c.ID, err)
	}
	conflict := `UPDATE SET body = excluded.body, removed = excluded.removed, removed_by = excluded.removed_by`
	if isNew {
		conflict = `NOTHING`
	}
	done, err := w.tx.ExecContext(w.ctx, `INSERT INTO corrections (id, body, removed, removed_by) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO `+conflict,
		plain(c.ID), string(body), nanos(removed), plain(by))
	if err != nil {
		return fmt.Errorf("save correction %s: %w", c.ID, err)
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		err = corrections.ErrTaken
	}
	if err != nil {
		return fmt.Errorf("save correction %s: %w", c.ID, err)
	}
	return nil
}

// correction reads the one that a query found; nil when it found none.
func correction(row *sql.Row) (*slo.Correction, error) {
	c, err := scanCorrection(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &c, err
}

// scanCorrection reads the columns body, removed and removed_by.
func scanCorrection(scan func(...any) error) (c slo.Correction, _ error) {
	var body, by string
	var removed int64
	if err := scan(&body, &removed, &by); err != nil {
		return c, fmt.Errorf("read a correction: %w", err)
	}
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return c, fmt.Errorf("read a stored correction: %w", err)
	}
	c.Removed, c.RemovedBy = fromNanos(removed), by
	return c, nil
}

// DeleteCorrection puts a correction out of force, and keeps who did it and when. It fails
// with corrections.ErrUnknown where none in force has the ID.
func (s *Store) DeleteCorrection(ctx context.Context, id, by string, at time.Time) error {
	return s.write(ctx, time.Time{}, func(w writer) error {
		n, err := w.removeCorrection(id, by, at)
		if err == nil && n == 0 {
			err = fmt.Errorf("remove correction %s: %w", id, corrections.ErrUnknown)
		}
		return err
	})
}

// removeCorrection puts a correction out of force, and returns how many there were to put: one or none.
func (w writer) removeCorrection(id, by string, at time.Time) (int64, error) {
	done, err := w.tx.ExecContext(w.ctx, `UPDATE corrections SET removed = $1, removed_by = $2 WHERE id = $3 AND removed = 0`, nanos(at), plain(by), plain(id))
	if err != nil {
		return 0, fmt.Errorf("remove correction %s: %w", id, err)
	}
	return done.RowsAffected()
}
