package state_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"burnline/storage/state"
)

// TestACopyOfEitherDatabaseFillsTheOther takes rows of every table from one database to a file, and from there
// to a PostgreSQL, which goes on counting where the first one was.
func TestACopyOfEitherDatabaseFillsTheOther(t *testing.T) {
	for name, of := range map[string]engine{"sqlite": sqlite, "postgres": withPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := of(t)
			versions, err := state.Versions()
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range versions {
				rows, err := os.ReadFile(filepath.Join("testdata", "schemas", fmt.Sprintf("%05d.sql", v)))
				if err != nil {
					t.Fatal(err)
				}
				if err := state.MigrateTo(t.Context(), from, v, string(rows)); err != nil {
					t.Fatal(err)
				}
			}
			s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: from})
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "copy.db")
			if err := s.CopyTo(t.Context(), path); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			held, err := state.Inspect(t.Context(), path)
			if err != nil || len(held.Open) < 3 {
				t.Fatalf("the copy holds %+v: %v", held, err)
			}
			to := withPostgres(t)
			fails := errors.New("the folder can't be written")
			if err := state.Load(t.Context(), to, path, func() error { return fails }); !errors.Is(err, fails) {
				t.Errorf("what fails at the end: %v", err)
			}
			if _, columns, err := state.Rows(t.Context(), to, nil); err != nil || len(columns) != 0 {
				t.Errorf("it left the tables %v: %v", columns, err)
			}
			if err := errors.Join(state.Loadable(t.Context(), to), state.Load(t.Context(), to, path, nil)); err != nil {
				t.Fatal(err)
			}
			if err := state.Loadable(t.Context(), to); err == nil || !strings.Contains(err.Error(), "holds a state already") {
				t.Errorf("it may be filled once more: %v", err)
			}
			if err := state.Load(t.Context(), to, path, nil); err == nil || !strings.Contains(err.Error(), "holds a state already; name an empty one") {
				t.Errorf("a database that is not empty: %v", err)
			}
			want, columns, err := state.Rows(t.Context(), from, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := state.Rows(t.Context(), to, columns)
			if err != nil {
				t.Fatal(err)
			}
			for table, rows := range want {
				if table != "identity" && !sameRows(rows, got[table]) {
					t.Errorf("the table %s has\n%s\nwant\n%s", table, strings.Join(got[table], "\n"), strings.Join(rows, "\n"))
				}
			}
			again, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: to})
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			committed(t, again, "new", 10) // its rows get numbers that nobody has
			if keys := openKeys(t, again); len(keys) != len(held.Open)+1 {
				t.Errorf("open are %d incidents, want %d and a new one", len(keys), len(held.Open))
			}
		})
	}
}

// sameRows compares rows in whatever order.
func sameRows(a, b []string) bool {
	seen := map[string]int{}
	for _, row := range a {
		seen[row]++
	}
	for _, row := range b {
		seen[row]--
	}
	for _, n := range seen {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestADamagedCopyIsNoBackup(t *testing.T) {
	t.Parallel()
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: sqlite(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range 50 {
		committed(t, s, fmt.Sprintf("k%d", i), 5000)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := s.CopyTo(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(body) / 3; i < len(body)/2; i++ {
		body[i] ^= 0x5a
	}
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := state.Inspect(t.Context(), path); err == nil {
		t.Error("it is taken for sound")
	}
	if _, err := state.Inspect(t.Context(), filepath.Join(t.TempDir(), "none.db")); err == nil {
		t.Error("a file that is not there is taken for a copy")
	}
}
