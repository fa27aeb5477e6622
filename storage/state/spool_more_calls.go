package state

import (
	"context"
	"errors"
	"time"

	"burnline/alerting"
	"burnline/alerting/shadow"
	"burnline/slo"
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
func (s *Spooled) LoadImpact(ctx context.Context) ([]impact.State, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]impact.State, error) { return at.LoadImpact(ctx) })
}

// DropImpact implements impact.Store.
func (s *Spooled) DropImpact(ctx context.Context, keys []string) error {
	return s.on(ctx, func(ctx context.Context, at *Store) error { return at.DropImpact(ctx, keys) })
}

// What follows needs PostgreSQL and fails with ErrAway without it.

// EditSilence implements alerting.SilenceStore.
func (s *Spooled) EditSilence(ctx context.Context, id string, edit func(*alerting.Silence) ([]alerting.Silence, error)) error {
	return s.there(ctx, func(ctx context.Context, at *Store) error { return at.EditSilence(ctx, id, edit) })
}

// SaveCorrection keeps a new correction, see Store.
func (s *Spooled) SaveCorrection(ctx context.Context, c slo.Correction) error {
	return s.there(ctx, func(ctx context.Context, at *Store) error { return at.SaveCorrection(ctx, c) })
}

// DeleteCorrection puts a correction out of force, see Store.
func (s *Spooled) DeleteCorrection(ctx context.Context, id, by string, at time.Time) error {
	return s.there(ctx, func(ctx context.Context, store *Store) error { return store.DeleteCorrection(ctx, id, by, at) })
}

// Told returns what people could have been told of, see Store.
func (s *Spooled) Told(ctx context.Context, since time.Time) ([]alerting.Record, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) ([]alerting.Record, error) { return at.Told(ctx, since) })
}

// Forget deletes what is old, see Store.
func (s *Spooled) Forget(ctx context.Context, incidents, alerts time.Time) (Forgotten, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) (Forgotten, error) { return at.Forget(ctx, incidents, alerts) })
}

// SaveTotals keeps the events of days, see Store.
func (s *Spooled) SaveTotals(ctx context.Context, totals []slo.DayTotals) error {
	return s.there(ctx, func(ctx context.Context, at *Store) error { return at.SaveTotals(ctx, totals) })
}

// Totals yields what is kept of an SLO's days, see Store.
func (s *Spooled) Totals(ctx context.Context, id string, from, to time.Time, yield func(slo.DayTotals) error) error {
	return s.there(ctx, func(ctx context.Context, at *Store) error { return at.Totals(ctx, id, from, to, yield) })
}

// Versions returns all wordings of one SLO, see Store.
func (s *Spooled) Versions(ctx context.Context, id string) ([]slo.Version, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) ([]slo.Version, error) { return at.Versions(ctx, id) })
}

// AllVersions returns all wordings of all SLOs, see Store.
func (s *Spooled) AllVersions(ctx context.Context) ([]slo.Version, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) ([]slo.Version, error) { return at.AllVersions(ctx) })
}

// NewestVersions returns the newest wording of every SLO, see Store.
func (s *Spooled) NewestVersions(ctx context.Context) ([]slo.Version, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) ([]slo.Version, error) { return at.NewestVersions(ctx) })
}

// SaveVersions keeps wordings of definitions, see Store.
func (s *Spooled) SaveVersions(ctx context.Context, all ...slo.Version) error {
	return s.there(ctx, func(ctx context.Context, at *Store) error { return at.SaveVersions(ctx, all...) })
}

// TakePages implements shadow.Store.
func (s *Spooled) TakePages(ctx context.Context, pages []shadow.Page, forget time.Time) error {
	return s.there(ctx, func(ctx context.Context, at *Store) error { return at.TakePages(ctx, pages, forget) })
}

// Pages implements shadow.Store.
func (s *Spooled) Pages(ctx context.Context, since time.Time, limit int) ([]shadow.Page, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) ([]shadow.Page, error) { return at.Pages(ctx, since, limit) })
}

// PagesHeard implements shadow.Store.
func (s *Spooled) PagesHeard(ctx context.Context) (time.Time, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) (time.Time, error) { return at.PagesHeard(ctx) })
}
