package state

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"burnline/alerting"
)

var _ alerting.MaintenanceStore = (*Store)(nil)

// Maintenances implements alerting.MaintenanceStore.
func (s *Store) Maintenances(ctx context.Context, since time.Time) ([]alerting.Maintenance, error) {
	all, err := bodies[alerting.Maintenance](ctx, s, "maintenances", `SELECT body FROM maintenances WHERE ends_at > $1`, nanos(since))
	slices.SortFunc(all, func(a, b alerting.Maintenance) int {
		return cmp.Or(b.From.Compare(a.From), cmp.Compare(a.ID, b.ID))
	})
	return all, err
}

// EditMaintenance implements alerting.MaintenanceStore.
func (s *Store) EditMaintenance(ctx context.Context, id string, edit func(*alerting.MaintenanceParts) (alerting.MaintenanceParts, error)) error {
	return s.write(ctx, time.Time{}, func(w writer) error {
		old, err := w.maintenance(id)
		if err != nil {
			return err
		}
		next, err := edit(old)
		if err != nil {
			return err
		}
		return w.saveMaintenance(next, old == nil)
	})
}

// maintenance reads one with what was made for it; nil where there is none.
func (w writer) maintenance(id string) (*alerting.MaintenanceParts, error) {
	var body string
	err := w.tx.QueryRowContext(w.ctx, `SELECT body FROM maintenances WHERE id = $1`+w.s.dialect.lock, plain(id)).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	var m alerting.MaintenanceParts
	if err == nil {
		err = json.Unmarshal([]byte(body), &m.Maintenance)
	}
	if err != nil {
		return nil, fmt.Errorf("read maintenance %s: %w", id, err)
	}
	if m.Silence, err = silence(w.tx.QueryRowContext(w.ctx, `SELECT body FROM silences WHERE id = $1`+w.s.dialect.lock, plain(m.Maintenance.Silence))); err != nil {
		return nil, err
	}
	m.Correction, err = correction(w.tx.QueryRowContext(w.ctx, `SELECT body, removed, removed_by FROM corrections WHERE id = $1`+w.s.dialect.lock, plain(m.Maintenance.Correction)))
	return &m, err
}

// saveMaintenance writes a maintenance with what was made for it.
func (w writer) saveMaintenance(m alerting.MaintenanceParts, isNew bool) error {
	body, err := json.Marshal(m.Maintenance)
	if err != nil {
		return fmt.Errorf("save maintenance %s: %w", m.ID, err)
	}
	if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO maintenances (id, ends_at, body) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET ends_at = excluded.ends_at, body = excluded.body`, plain(m.ID), nanos(m.To), string(body)); err != nil {
		return fmt.Errorf("save maintenance %s: %w", m.ID, err)
	}
	if m.Correction != nil {
		if err := w.saveCorrection(*m.Correction, isNew); err != nil {
			return err
		}
	}
	if m.Silence == nil {
		return nil
	}
	return w.saveSilence(*m.Silence)
}
