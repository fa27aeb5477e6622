package state_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

// withoutAlerts turns a state database into one of schema 4, in which alerts had no groups.
const withoutAlerts = `
DROP TABLE alert_members;
DROP TABLE alert_groups;
DROP TABLE alerts;
DROP INDEX incidents_open;
ALTER TABLE incidents DROP COLUMN receiver;
CREATE UNIQUE INDEX incidents_open ON incidents (slo, cause, first_group, severity) WHERE closed = 0;
DROP TABLE silences;
ALTER TABLE outbox DROP COLUMN receipt;
ALTER TABLE outbox DROP COLUMN news;
DROP INDEX incidents_closed;
DROP INDEX aliases_incident;
DROP INDEX outbox_due;
ALTER TABLE outbox DROP COLUMN priority;
ALTER TABLE outbox DROP COLUMN held;
ALTER TABLE outbox DROP COLUMN held_until;
CREATE INDEX outbox_pending ON outbox (next_at, id) WHERE state = 'pending';
DROP TABLE destinations;
DROP TABLE sends;
DROP TABLE decisions;
DROP TABLE acknowledgements;
DROP TABLE taken;
DROP TABLE shadow_pages;
DROP TABLE identity;
DROP TABLE drills;
DROP TABLE changes;
DROP TABLE seen_versions;
DROP TABLE impacts;
DROP TABLE maintenances;
DROP TABLE status_posts;
DROP TABLE users;
DROP TABLE sessions;
DROP TABLE tokens;
DROP TABLE audit;
DROP TABLE reports;
DROP TABLE incident_notes;
DROP TABLE incident_verdicts;
DROP TABLE incident_actions;
DROP TABLE programs;
DELETE FROM goose_db_version WHERE version_id > 4;
`

// back turns a state database into one of schema 1, in which incidents named no cause.
const back = withoutAlerts + `
DROP INDEX incidents_open;
ALTER TABLE incidents DROP COLUMN cause;
CREATE UNIQUE INDEX incidents_open ON incidents (slo, first_group, severity) WHERE closed = 0;
DROP TABLE corrections;
DROP TABLE versions;
DROP TABLE totals;
DELETE FROM goose_db_version WHERE version_id > 1;`

// A page that is open during an update goes on under its key, and ends.
func TestAnUpdateFromTheFirstSchemaKeepsOpenIncidents(t *testing.T) {
	dir, dsn := t.TempDir(), server.Database(t)
	for driver, o := range map[string]state.Options{"sqlite3": {Dir: dir}, "pgx": {DSN: dsn, Dir: t.TempDir()}} {
		open := func() *state.Spooled {
			s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o})
			if err != nil {
				t.Fatalf("%s: %v", driver, err)
			}
			return s
		}
		s := open()
		commit(t, s, planned(transition(slo.IncidentOpened, "k1", time.Minute), [2]string{"oncall", "trigger"}))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		execute(t, driver, o, back)
		s = open()
		again := transition(slo.IncidentOpened, "k2", 2*time.Minute)
		again.Incident.Cause = slo.CauseBurn
		commit(t, s, planned(again, [2]string{"oncall", "trigger"}))
		if keys := openKeys(t, s); !slices.Equal(keys, []string{"k1"}) {
			t.Errorf("%s: open are %v, want the first alone", driver, keys)
		}
		dark := again
		dark.Incident.Key, dark.Incident.Cause = "k3", slo.CauseNoData
		commit(t, s, planned(dark))
		commit(t, s, planned(transition(slo.IncidentClosed, "k1", 3*time.Minute), [2]string{"oncall", "resolve"}))
		if keys := openKeys(t, s); !slices.Equal(keys, []string{"k3"}) {
			t.Errorf("%s: open are %v, want what lacks data alone", driver, keys)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// execute runs statements on a state database that nobody has open.
func execute(t *testing.T, driver string, o state.Options, statements string) {
	t.Helper()
	address := o.DSN
	if address == "" {
		address = filepath.Join(o.Dir, state.FileName)
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatalf("%s: %v", driver, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// An incident of an alert that is open during an update has its alert afterwards, so that
// its rule can end it.
func TestAnUpdateAdoptsTheAlertsOfOpenIncidents(t *testing.T) {
	for driver, o := range map[string]state.Options{"sqlite3": {Dir: t.TempDir()}, "pgx": {DSN: server.Database(t), Dir: t.TempDir()}} {
		s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o})
		if err != nil {
			t.Fatal(err)
		}
		tr := transition(slo.IncidentOpened, "k1", time.Minute)
		tr.Incident.SLO, tr.Incident.Cause, tr.Incident.Origin = "alert/DiskFull", slo.CauseAlert, alerting.OriginRules
		commit(t, s, planned(tr, [2]string{"oncall", "trigger"}))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		execute(t, driver, o, withoutAlerts)
		if s, err = state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o}); err != nil {
			t.Fatal(err)
		}
		views, err := s.ListAlerts(t.Context(), alerting.AlertFilter{})
		if err != nil || len(views) != 1 || views[0].Labels.String() != `{alertname="DiskFull", region="eu"}` || views[0].Places[0].Key != "k1" {
			t.Errorf("%s: the alerts are %+v, %v", driver, views, err)
		}
		router, err := alerting.NewRouter(alerting.Options{Store: s, Alerts: s, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if err := router.EndAbsent(t.Context(), alerting.OriginRules, func(slo.Labels) bool { return false }); err != nil {
			t.Fatal(err)
		}
		if keys := openKeys(t, s); len(keys) != 0 {
			t.Errorf("%s: %v are open", driver, keys)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
