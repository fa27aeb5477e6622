package state_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"burnline/storage/state"
)

// TestEverySchemaThatThereWasIsBroughtUpToDateWithAllItsRows makes a database of each earlier schema by the
// real migrations, with rows as programs of that schema and those before wrote them (testdata/schemas), and
// opens it. Every row is there afterwards, and a copy from before has the old schema and the same rows.
func TestEverySchemaThatThereWasIsBroughtUpToDateWithAllItsRows(t *testing.T) {
	versions, err := state.Versions()
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]struct {
		engine engine
		branch func(t *testing.T, o state.Options) state.Options
	}{
		"sqlite": {sqlite, func(t *testing.T, o state.Options) state.Options { return state.Options{Dir: copyFolder(t, o.Dir)} }},
		"postgres": {withPostgres, func(t *testing.T, o state.Options) state.Options {
			return state.Options{DSN: server.Copy(t, o.DSN), Dir: t.TempDir()}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trunk := at.engine(t)
			newest := versions[len(versions)-1]
			for _, v := range versions {
				rows, err := os.ReadFile(filepath.Join("testdata", "schemas", fmt.Sprintf("%05d.sql", v)))
				if err != nil {
					t.Fatalf("write rows of this schema: %v", err)
				}
				if err := state.MigrateTo(t.Context(), trunk, v, string(rows)); err != nil {
					t.Fatalf("schema %d: %v", v, err)
				}
				if v < newest {
					upgraded(t, at.branch(t, trunk), v, newest)
				}
			}
			all, tables, err := state.Rows(t.Context(), trunk, nil)
			if err != nil || len(tables) < 30 {
				t.Fatalf("there are only %d tables: %v", len(tables), err)
			}
			for table := range tables {
				if len(all[table]) == 0 {
					t.Errorf("the table %s has no row: write some to testdata/schemas", table)
				}
			}
		})
	}
}

// upgraded opens a database of an earlier schema.
func upgraded(t *testing.T, o state.Options, from, to int64) {
	t.Helper()
	before, columns, err := state.Rows(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o})
	if err != nil {
		t.Fatalf("from schema %d: %v", from, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	after, _, err := state.Rows(t.Context(), o, columns)
	if err != nil {
		t.Fatal(err)
	}
	for table, rows := range before {
		for _, row := range rows {
			if !slices.Contains(after[table], row) {
				t.Errorf("from schema %d the table %s lost %s", from, table, row)
			}
		}
	}
	path := filepath.Join(o.Dir, state.CopiesDir, fmt.Sprintf("state.db.before-%05d.from-%05d", to, from))
	held, err := state.Inspect(t.Context(), path)
	if err != nil || held.Schema != from {
		t.Fatalf("the copy has schema %d, want %d: %v", held.Schema, from, err)
	}
	for table, n := range held.Rows {
		if int(n) != len(before[table]) {
			t.Errorf("the copy from before has %d rows of %s, want %d", n, table, len(before[table]))
		}
	}
	for table := range columns {
		if _, there := held.Rows[table]; !there {
			t.Errorf("the copy from before has no table %s", table)
		}
	}
}

// Of many updates the copies of the newest three stay. One that is broken off again and again leaves many, and all of them stay with
// the first, which alone the program from before it reads.
func TestCopiesFromBeforeUpdatesAreBounded(t *testing.T) {
	t.Parallel()
	versions, err := state.Versions()
	if err != nil {
		t.Fatal(err)
	}
	o := sqlite(t)
	dir := filepath.Join(o.Dir, state.CopiesDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	earlier := []string{"state.db.before-00002.from-00001", "state.db.before-00004.from-00001", "state.db.before-00004.from-00002", "state.db.before-00005.from-00004"}
	for i, name := range earlier {
		at := time.Now().Add(time.Duration(i-len(earlier)) * time.Hour)
		if err := errors.Join(os.WriteFile(filepath.Join(dir, name), nil, 0o600), os.Chtimes(filepath.Join(dir, name), at, at)); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range versions[:5] {
		one := sqlite(t)
		if err := state.MigrateTo(t.Context(), one, v, ""); err != nil {
			t.Fatal(err)
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.RemoveAll(filepath.Join(o.Dir, state.FileName+suffix)); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Rename(filepath.Join(one.Dir, state.FileName), filepath.Join(o.Dir, state.FileName)); err != nil {
			t.Fatal(err)
		}
		s, err := state.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	newest := versions[len(versions)-1]
	want := slices.Clone(earlier[1:])
	for _, v := range versions[:5] {
		want = append(want, fmt.Sprintf("state.db.before-%05d.from-%05d", newest, v))
	}
	entries, err := os.ReadDir(dir)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v: %v", got, want, err)
	}
}
