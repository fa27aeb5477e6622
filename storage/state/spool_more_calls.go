package state

import (
	"context"
	"errors"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/slo/changes"
	"burnline/slo/impact"
)

// StoredAlerts implements alerting.AlertStore.
func (s *Spooled) StoredAlerts(ctx context.Context, prints []string) (map[string]*alerting.OutsideAlert, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) (map[string]*alerting.OutsideAlert, error) {
		return at.StoredAlerts(ctx, prints)
	})
}

// errTurned means that the numbers of a list are those of the spool, and PostgreSQL is back.
var errTurned = errors.New("PostgreSQL came back while alerts were read; read them again")

// FiringAlerts implements alerting.AlertStore.
func (s *Spooled) FiringAlerts(ctx context.Context, origin string, after int64, limit int) ([]*alerting.OutsideAlert, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]*alerting.OutsideAlert, error) {
		if at == s.Store && after >= firstLocal {
			return nil, errTurned
		}
		return at.FiringAlerts(ctx, origin, after, limit)
	})
}

// DueAlerts implements alerting.AlertStore.
func (s *Spooled) DueAlerts(ctx context.Context, now time.Time, limit int) (expired []string, flush []int64, err error) {
	err = s.on(ctx, func(ctx context.Context, at *Store) (err error) {
		expired, flush, err = at.DueAlerts(ctx, now, limit)
		return err
	})
	return expired, flush, err
}

// ListAlerts implements alerting.AlertReader.
func (s *Spooled) ListAlerts(ctx context.Context, f alerting.AlertFilter) ([]alerting.AlertView, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]alerting.AlertView, error) { return at.ListAlerts(ctx, f) })
}

// ListAlertGroups implements alerting.AlertReader.
func (s *Spooled) ListAlertGroups(ctx context.Context, f alerting.AlertFilter) ([]alerting.AlertGroupView, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]alerting.AlertGroupView, error) {
		return at.ListAlertGroups(ctx, f)
	})
}

// Beat implements alerting.HeartbeatStore: while pages leave by the spool, so do heartbeats.
func (s *Spooled) Beat(ctx context.Context, h alerting.Heartbeat, m alerting.Message, now time.Time) error {
	return s.on(ctx, func(ctx context.Context, at *Store) error { return at.Beat(ctx, h, m, now) })
}

// LastBeat implements alerting.HeartbeatStore.
func (s *Spooled) LastBeat(ctx context.Context) (time.Time, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) (time.Time, error) { return at.LastBeat(ctx) })
}

// Silences implements alerting.SilenceStore. The spool has those of the last days and all that are in force.
func (s *Spooled) Silences(ctx context.Context, since time.Time) ([]alerting.Silence, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]alerting.Silence, error) { return at.Silences(ctx, since) })
}

// Silence implements alerting.SilenceStore.
func (s *Spooled) Silence(ctx context.Context, id string) (found alerting.Silence, ok bool, err error) {
	err = s.on(ctx, func(ctx context.Context, at *Store) (err error) {
		found, ok, err = at.Silence(ctx, id)
		return err
	})
	return found, ok, err
}

// Corrections returns the corrections in force that came by the API, in order of ID.
func (s *Spooled) Corrections(ctx context.Context) ([]slo.Correction, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]slo.Correction, error) { return at.Corrections(ctx) })
}

// RemovedCorrections returns the corrections that were removed, in order of ID.
func (s *Spooled) RemovedCorrections(ctx context.Context) ([]slo.Correction, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]slo.Correction, error) { return at.RemovedCorrections(ctx) })
}

// SaveImpact implements impact.Store. What is saved at the spool is not reconciled: the next saving at PostgreSQL has it all.
func (s *Spooled) SaveImpact(ctx context.Context, states []impact.State) error {
	return s.on(ctx, func(ctx context.Context, at *Store) error { return at.SaveImpact(ctx, states) })
}

// LoadImpact implements impact.Store.
func (s *Spooled) LoadImpact(ctx context.Context, known func(impact.State) bool) ([]impact.State, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]impact.State, error) { return at.LoadImpact(ctx, known) })
}

// DropImpact implements impact.Store.
func (s *Spooled) DropImpact(ctx context.Context, node string, keys []string) error {
	return s.on(ctx, func(ctx context.Context, at *Store) error { return at.DropImpact(ctx, node, keys) })
}

// Changes implements changes.Store.
func (s *Spooled) Changes(ctx context.Context, f changes.Filter) ([]slo.ChangeEvent, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]slo.ChangeEvent, error) { return at.Changes(ctx, f) })
}

// ChangeMark implements changes.Store.
func (s *Spooled) ChangeMark(ctx context.Context) (string, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) (string, error) { return at.ChangeMark(ctx) })
}

// SeenVersions implements changes.Store.
func (s *Spooled) SeenVersions(ctx context.Context) ([]changes.Seen, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]changes.Seen, error) { return at.SeenVersions(ctx) })
}

// Maintenances implements alerting.MaintenanceStore.
func (s *Spooled) Maintenances(ctx context.Context, since time.Time) ([]alerting.Maintenance, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]alerting.Maintenance, error) {
		return at.Maintenances(ctx, since)
	})
}

// StatusPosts implements alerting.StatusPostStore.
func (s *Spooled) StatusPosts(ctx context.Context, since time.Time) ([]alerting.StatusPost, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]alerting.StatusPost, error) { return at.StatusPosts(ctx, since) })
}
