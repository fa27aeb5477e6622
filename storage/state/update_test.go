package state_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"burnline/slo"
	"burnline/storage/state"
)

// back turns a state database into one of schema 1, in which incidents named no cause.
const back = `
DROP INDEX incidents_open;
ALTER TABLE incidents DROP COLUMN cause;
CREATE UNIQUE INDEX incidents_open ON incidents (slo, first_group, severity) WHERE closed = 0;
DROP TABLE corrections;
DROP TABLE versions;
DROP TABLE totals;
DROP TABLE silences;
ALTER TABLE outbox DROP COLUMN receipt;
DROP TABLE decisions;
DELETE FROM goose_db_version WHERE version_id > 1;`

// A page that is open during an update goes on under its key, and ends.
func TestAnUpdateFromTheFirstSchemaKeepsOpenIncidents(t *testing.T) {
	dir, dsn := t.TempDir(), server.Database(t)
	for driver, o := range map[string]state.Options{"sqlite3": {Dir: dir}, "pgx": {DSN: dsn}} {
		open := func() *state.Store {
			s, err := state.Open(t.Context(), o)
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
		address := o.DSN
		if address == "" {
			address = filepath.Join(dir, state.FileName)
		}
		db, err := sql.Open(driver, address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), back); err != nil {
			t.Fatalf("%s: %v", driver, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
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
