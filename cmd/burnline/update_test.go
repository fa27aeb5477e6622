package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pressly/goose/v3"

	"burnline/internal/harness/pagerduty"
	"burnline/internal/harness/postgres"
	"burnline/storage/state"
)

// TestAnUpdateFromTheOldestSchemaLosesNothing puts the state as a program of the first schema left it, with an incident that is
// open and messages that wait, below this program, kills that in the middle of its migrations, and starts it again, while
// customers go on and their service sends again what nobody takes.
func TestAnUpdateFromTheOldestSchemaLosesNothing(t *testing.T) {
	t.Parallel()
	database := postgres.Run(t)
	for name, place := range map[string]func(s *story) *oldState{
		"SQLite": func(s *story) *oldState {
			return &oldState{driver: "sqlite3", dialect: goose.DialectSQLite3, identity: "INTEGER PRIMARY KEY AUTOINCREMENT",
				dsn: func() string {
					return "file:" + filepath.Join(s.dir, "data", state.FileName) + "?_journal_mode=WAL&_busy_timeout=10000"
				}}
		},
		"PostgreSQL": func(s *story) *oldState {
			return &oldState{driver: "pgx", dialect: goose.DialectPostgres, identity: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
				dsn: func() string { return database.Database(s.t) }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newPlace(t, pagerduty.Options{Keys: []string{routingKey}})
			updated(s, place(s))
		})
	}
}

// updated tells the story of one update.
func updated(s *story, old *oldState) {
	s.write("slos/shop.yaml", shortSLO)
	url := listen(s.t, s.stand) + pagerduty.Path
	keep := func(dsn string) {
		more := "state: {retention: 0s}"
		if old.driver == "pgx" {
			more = fmt.Sprintf("state: {retention: 0s, dsn: %q}", dsn)
		}
		s.configure(fmt.Sprintf("alerting:\n  global: {pagerduty_url: %q}\n  receivers: [{name: oncall, pagerduty_configs: [{routing_key: %s}]}]\n  route: {receiver: oncall}\n",
			url, routingKey), more)
	}
	dsn := old.dsn()
	keep(dsn)
	s.start()
	s.serveCustomers()
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	s.customers.Fail(true)
	s.eventually("the page", func() bool { return len(s.stand.Events()) > 0 })
	key := s.stand.Events()[0].Event.DedupKey
	db := old.open(s, dsn)
	s.eventually("that it is noted as told", func() bool { return fmt.Sprint(db.rows("outbox", []string{"state"}, key)) == "[[delivered]]" })
	if err := s.server.End(); err != nil {
		s.t.Fatal(err)
	}
	story := db.rowsOf(key)

	newest, err := state.Newest()
	if err != nil {
		s.t.Fatal(err)
	}
	var at int64
	var then []string
	s.eventually("that it is killed in the middle of its migrations", func() bool {
		s.forget()
		dsn = old.dsn()
		keep(dsn)
		db = old.open(s, dsn)
		db.firstSchema(story)
		then = db.lasting()
		if err := s.server.Start(); err != nil {
			s.t.Fatal(err)
		}
		s.eventually("that migrations began", func() bool { return db.version() > 1 })
		s.server.Kill()
		at = db.version()
		return at < newest
	})
	before := filepath.Join(s.dir, "data", state.CopiesDir, fmt.Sprintf("state.db.before-%05d.from-00001", newest))
	if held, err := state.Inspect(s.t.Context(), before); err != nil || held.Schema != 1 {
		s.t.Errorf("killed at schema %d the copy from before has schema %d: %v", at, held.Schema, err)
	}
	s.t.Logf("killed at schema %d", at)
	accepted := s.customers.Acknowledged()
	s.start()

	waiting := []string{"one-k1", "one-n0", "one-n1", "one-n2", "one-n3", "two-k1", "two-k2", "two-over"}
	s.eventually("messages that waited before the update are sent", func() bool {
		return !slices.ContainsFunc(waiting, func(k string) bool { return s.sent(k, "trigger") == 0 })
	})
	counted := s.counted().Total
	s.eventually("requests are counted after it", func() bool { return s.counted().Total > counted })
	s.customers.Fail(false)
	s.eventually("the incident of before the update resolves", func() bool { return s.sent(key, "resolve") == 1 })
	if n := s.sent(key, "trigger"); n != 1 {
		s.t.Errorf("the incident that was open is told %d times", n)
	}
	for _, e := range s.stand.Events() {
		if k := e.Event.DedupKey; k != key && !slices.Contains(waiting, k) {
			s.t.Errorf("PagerDuty has a second incident: %+v", e.Event)
		}
	}
	s.kept(accepted)
	s.everyRequestCounts()
	if err := s.server.End(); err != nil {
		s.t.Fatal(err)
	}
	now := db.lasting()
	for _, row := range then {
		if !slices.Contains(now, row) {
			s.t.Errorf("a row of before the update is gone: %s", row)
		}
	}
	if len(then) < 20 {
		s.t.Errorf("before the update there were only %q", then)
	}
	back := old.open(s, old.restored(s, before))
	if rows := back.lasting(); back.version() != 1 || !slices.Equal(sorted(rows), sorted(then)) {
		s.t.Errorf("the way back leads to schema %d with %q, want 1 with %q", back.version(), rows, then)
	}
}

// sorted sorts a copy.
func sorted(all []string) []string { return slices.Sorted(slices.Values(all)) }

// sent is how often PagerDuty took an action for an incident.
func (s *story) sent(key, action string) (n int) {
	for _, e := range s.stand.Events() {
		if e.Event.DedupKey == key && e.Event.EventAction == action {
			n++
		}
	}
	return n
}

// forget removes what programs of the first schema had not: everything but samples.
func (s *story) forget() {
	s.t.Helper()
	entries, err := os.ReadDir(filepath.Join(s.dir, "data"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == "metrics" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.dir, "data", e.Name())); err != nil {
			s.t.Fatal(err)
		}
	}
}
