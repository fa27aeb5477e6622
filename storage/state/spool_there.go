package state

import (
	"context"
	"time"

	"burnline/alerting"
	"burnline/alerting/drills"
	"burnline/alerting/reviews"
	"burnline/alerting/shadow"
	"burnline/slo"
	"burnline/slo/changes"
	"burnline/slo/report"
)

// What this file holds needs PostgreSQL and fails with ErrAway while that is away.

// EditSilence implements alerting.SilenceStore.
func (s *Spooled) EditSilence(ctx context.Context, id string, edit func(*alerting.Silence) ([]alerting.Silence, error)) error {
	var left []alerting.Silence
	err := s.there(ctx, func(ctx context.Context, at *Store) error {
		return at.EditSilence(ctx, id, func(old *alerting.Silence) (_ []alerting.Silence, err error) {
			left, err = edit(old)
			return left, err
		})
	})
	return s.alsoHere(ctx, err, func(w writer) error {
		for _, one := range left {
			if err := w.saveSilence(one); err != nil {
				return err
			}
		}
		return nil
	})
}

// EditMaintenance implements alerting.MaintenanceStore.
func (s *Spooled) EditMaintenance(ctx context.Context, id string, edit func(*alerting.MaintenanceParts) (alerting.MaintenanceParts, error)) error {
	var left alerting.MaintenanceParts
	err := s.there(ctx, func(ctx context.Context, at *Store) error {
		return at.EditMaintenance(ctx, id, func(old *alerting.MaintenanceParts) (_ alerting.MaintenanceParts, err error) {
			left, err = edit(old)
			return left, err
		})
	})
	return s.alsoHere(ctx, err, func(w writer) error { return w.saveMaintenance(left, false) })
}

// EditStatusPost implements alerting.StatusPostStore.
func (s *Spooled) EditStatusPost(ctx context.Context, id string, edit func(*alerting.StatusPost) (alerting.StatusPost, error)) error {
	var left alerting.StatusPost
	err := s.there(ctx, func(ctx context.Context, at *Store) error {
		return at.EditStatusPost(ctx, id, func(old *alerting.StatusPost) (_ alerting.StatusPost, err error) {
			left, err = edit(old)
			return left, err
		})
	})
	return s.alsoHere(ctx, err, func(w writer) error { return w.saveStatusPost(left) })
}

// SaveCorrection keeps a new correction, see Store.
func (s *Spooled) SaveCorrection(ctx context.Context, c slo.Correction) error {
	err := s.there(ctx, func(ctx context.Context, at *Store) error { return at.SaveCorrection(ctx, c) })
	return s.alsoHere(ctx, err, func(w writer) error { return w.saveCorrection(c, false) })
}

// DeleteCorrection puts a correction out of force, see Store.
func (s *Spooled) DeleteCorrection(ctx context.Context, id, by string, at time.Time) error {
	err := s.there(ctx, func(ctx context.Context, store *Store) error { return store.DeleteCorrection(ctx, id, by, at) })
	return s.alsoHere(ctx, err, func(w writer) error {
		_, err := w.removeCorrection(id, by, at)
		return err
	})
}

// alsoHere takes note of what people decided at PostgreSQL, unless that failed, so that it holds here too when PostgreSQL ends a moment
// later. The entry can be written any number of times, also over what the copy has already. Nobody is told of an error
// here: it was kept, and the next copy has it.
func (s *Spooled) alsoHere(ctx context.Context, err error, entry func(writer) error) error {
	if err != nil {
		return err
	}
	if err := s.wrote(ctx, entry); err != nil {
		s.logger.Warn("what was entered as PostgreSQL ended holds again when it is back", "error", err)
	}
	return nil
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

// SaveChange implements changes.Store.
func (s *Spooled) SaveChange(ctx context.Context, c slo.ChangeEvent, now time.Time) (kept slo.ChangeEvent, is bool, err error) {
	err = s.there(ctx, func(ctx context.Context, at *Store) (err error) {
		kept, is, err = at.SaveChange(ctx, c, now)
		return err
	})
	return kept, is, err
}

// TellChange implements alerting.ChangeStore.
func (s *Spooled) TellChange(ctx context.Context, targets []alerting.Target, m alerting.Message, now time.Time) error {
	return s.there(ctx, func(ctx context.Context, at *Store) error { return at.TellChange(ctx, targets, m, now) })
}

// SaveSeen implements changes.Store.
func (s *Spooled) SaveSeen(ctx context.Context, seen []changes.Seen) error {
	return s.there(ctx, func(ctx context.Context, at *Store) error { return at.SaveSeen(ctx, seen) })
}

// PlanDrill implements drills.Store.
func (s *Spooled) PlanDrill(ctx context.Context, d drills.Drill, now time.Time) error {
	return s.there(ctx, func(ctx context.Context, at *Store) error { return at.PlanDrill(ctx, d, now) })
}

// ClaimDrill implements drills.Store.
func (s *Spooled) ClaimDrill(ctx context.Context, kind drills.Kind, schedule string, hold time.Duration, now time.Time) (d drills.Drill, is bool, err error) {
	err = s.there(ctx, func(ctx context.Context, at *Store) (err error) {
		d, is, err = at.ClaimDrill(ctx, kind, schedule, hold, now)
		return err
	})
	return d, is, err
}

// SaveDrill implements drills.Store.
func (s *Spooled) SaveDrill(ctx context.Context, d drills.Drill, hold time.Duration, now time.Time) error {
	return s.there(ctx, func(ctx context.Context, at *Store) error { return at.SaveDrill(ctx, d, hold, now) })
}

// Drills implements drills.Store.
func (s *Spooled) Drills(ctx context.Context, kind drills.Kind, limit int) ([]drills.Drill, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) ([]drills.Drill, error) { return at.Drills(ctx, kind, limit) })
}

// AddReview implements reviews.Store.
func (s *Spooled) AddReview(ctx context.Context, more reviews.Review) error {
	return s.there(ctx, func(ctx context.Context, at *Store) error { return at.AddReview(ctx, more) })
}

// EndAction implements reviews.Store.
func (s *Spooled) EndAction(ctx context.Context, incident, id string, done time.Time, by string) (reviews.Action, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) (reviews.Action, error) {
		return at.EndAction(ctx, incident, id, done, by)
	})
}

// Reviews implements reviews.Store.
func (s *Spooled) Reviews(ctx context.Context, incidents []string) ([]reviews.Review, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) ([]reviews.Review, error) { return at.Reviews(ctx, incidents) })
}

// OpenActions implements reviews.Store.
func (s *Spooled) OpenActions(ctx context.Context, limit int) ([]reviews.Action, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) ([]reviews.Action, error) { return at.OpenActions(ctx, limit) })
}

// SaveReport keeps a closed report, see Store.
func (s *Spooled) SaveReport(ctx context.Context, r report.Report, basis string) (saved bool, err error) {
	err = s.there(ctx, func(ctx context.Context, at *Store) (err error) {
		saved, err = at.SaveReport(ctx, r, basis)
		return err
	})
	return saved, err
}

// Report returns a closed report, see Store.
func (s *Spooled) Report(ctx context.Context, period, team string, revision int) (r report.Report, found bool, err error) {
	err = s.there(ctx, func(ctx context.Context, at *Store) (err error) {
		r, found, err = at.Report(ctx, period, team, revision)
		return err
	})
	return r, found, err
}

// ReportHeads lists closed reports, see Store.
func (s *Spooled) ReportHeads(ctx context.Context, period string, limit int) ([]report.Head, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) ([]report.Head, error) { return at.ReportHeads(ctx, period, limit) })
}

// TellReport writes rows of a report, see Store.
func (s *Spooled) TellReport(ctx context.Context, name string, targets []alerting.Target, m alerting.Message, now time.Time) (told bool, err error) {
	err = s.there(ctx, func(ctx context.Context, at *Store) (err error) {
		told, err = at.TellReport(ctx, name, targets, m, now)
		return err
	})
	return told, err
}
