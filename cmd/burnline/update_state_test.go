package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// oldState is where the state of an old program lies.
type oldState struct {
	driver, identity string
	dialect          goose.Dialect
	// dsn returns an address: for PostgreSQL that of a new database.
	dsn func() string
}

// open opens a database until the test ends.
func (o *oldState) open(s *story, dsn string) *oldDatabase {
	s.t.Helper()
	db, err := sql.Open(o.driver, dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	db.SetMaxIdleConns(0) // a file that was replaced is not read on
	s.t.Cleanup(func() { _ = db.Close() })
	return &oldDatabase{s, o, db}
}

// restored fills a new data folder, or a new PostgreSQL database, with a copy of the state, and returns its address.
func (o *oldState) restored(s *story, from string) string {
	s.t.Helper()
	if o.driver == "pgx" {
		dsn := o.dsn()
		s.write("empty.dsn", dsn)
		hasAll(s.t, command(s.t, 0, "restore", "--from", from, "--dsn-file", filepath.Join(s.dir, "empty.dsn")), "is restored to the database", "schema 1,")
		hasAll(s.t, command(s.t, 1, "restore", "--from", from, "--dsn-file", filepath.Join(s.dir, "empty.dsn")), "holds a state already")
		return dsn
	}
	data := filepath.Join(s.dir, "back")
	hasAll(s.t, command(s.t, 0, "restore", "--from", from, "--data", data), "is restored to "+data, "schema 1,")
	return "file:" + filepath.Join(data, "state.db")
}

// oldDatabase is an open database of the state.
type oldDatabase struct {
	*story
	of *oldState
	db *sql.DB
}

// tableOfThen is a table of the first schema: columns that never change in a row, and others.
type tableOfThen struct {
	name            string
	lasting, others []string
}

func tablesOfThen() []tableOfThen {
	return []tableOfThen{
		{"incidents", []string{"dedup_key", "slo", "severity", "first_group", "opened"}, []string{"closed", "title", "message", "incident"}},
		{"steps", []string{"dedup_key", "seq", "kind", "at", "reason"}, nil},
		{"outbox", []string{"dedup_key", "receiver", "integration", "seq", "action", "created_at"},
			[]string{"message", "state", "attempts", "next_at", "leased_until", "settled_at", "answer"}},
	}
}

func (t tableOfThen) columns() []string { return slices.Concat(t.lasting, t.others) }

// rows reads columns of a table, of one incident or of all.
func (o *oldDatabase) rows(table string, columns []string, key string) (all [][]any) {
	o.t.Helper()
	query, args := "SELECT "+strings.Join(columns, ", ")+" FROM "+table, []any(nil)
	if key != "" {
		query, args = query+" WHERE dedup_key = $1", []any{key}
	}
	rows, err := o.db.QueryContext(o.t.Context(), query, args...)
	if err != nil {
		o.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			o.t.Fatal(err)
		}
		all = append(all, values)
	}
	if err := rows.Err(); err != nil {
		o.t.Fatal(err)
	}
	return all
}

// lasting are all rows of the tables of the first schema, by what never changes of them.
func (o *oldDatabase) lasting() (all []string) {
	for _, t := range tablesOfThen() {
		for _, row := range o.rows(t.name, t.lasting, "") {
			all = append(all, fmt.Sprint(t.name, row))
		}
	}
	return all
}

// rowsOf reads what the database has of an incident, by table, as a program of the first schema would have written it.
func (o *oldDatabase) rowsOf(key string) map[string][][]any {
	o.t.Helper()
	known := map[string][]string{
		"message":  {"summary", "severity", "source", "component", "class", "time", "links", "details"},
		"incident": {"key", "slo", "severity", "group", "groups", "started", "opened", "closed", "episode", "episode_started", "number", "replaces"},
	}
	all := map[string][][]any{}
	for _, t := range tablesOfThen() {
		all[t.name] = o.rows(t.name, t.columns(), key)
		if len(all[t.name]) == 0 {
			o.t.Fatalf("the incident has no %s", t.name)
		}
		for _, row := range all[t.name] {
			for i, name := range t.columns() {
				if keys := known[name]; keys != nil {
					row[i] = o.onlyKeys(row[i], keys)
				}
			}
		}
	}
	return all
}

// onlyKeys leaves some keys of a JSON object.
func (o *oldDatabase) onlyKeys(text any, keys []string) string {
	o.t.Helper()
	var object map[string]any
	if err := json.Unmarshal(fmt.Appendf(nil, "%s", text), &object); err != nil {
		o.t.Fatalf("read %s: %v", text, err)
	}
	for k := range object {
		if !slices.Contains(keys, k) {
			delete(object, k)
		}
	}
	out, err := json.Marshal(object)
	if err != nil {
		o.t.Fatal(err)
	}
	return string(out)
}

// firstSchema makes the first schema by its migration, with the rows that a test of the state has for it and those given.
func (o *oldDatabase) firstSchema(more map[string][][]any) {
	o.t.Helper()
	text := o.file("migrations/00001_outbox.sql")
	provider, err := goose.NewProvider(o.of.dialect, o.db, nil, goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(
		goose.NewGoMigration(1, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, strings.ReplaceAll(text, "{{identity}}", o.of.identity))
			return err
		}}, nil)))
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := provider.Up(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	o.exec(o.file("testdata/schemas/00001.sql"))
	for _, t := range tablesOfThen() {
		columns := t.columns()
		marks := make([]string, len(columns))
		for i := range marks {
			marks[i] = fmt.Sprintf("$%d", i+1)
		}
		for _, row := range more[t.name] {
			o.exec("INSERT INTO "+t.name+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", row...)
		}
	}
}

func (o *oldDatabase) exec(statement string, args ...any) {
	o.t.Helper()
	if _, err := o.db.ExecContext(o.t.Context(), statement, args...); err != nil {
		o.t.Fatal(err)
	}
}

// file reads one of the package that keeps the state.
func (o *oldDatabase) file(name string) string {
	o.t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "storage", "state", name))
	if err != nil {
		o.t.Fatal(err)
	}
	return string(text)
}

// version is the schema that the database has now.
func (o *oldDatabase) version() (v int64) {
	o.t.Helper()
	if err := o.db.QueryRowContext(o.t.Context(), "SELECT max(version_id) FROM goose_db_version").Scan(&v); err != nil {
		o.t.Fatal(err)
	}
	return v
}
