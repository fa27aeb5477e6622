package state_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"burnline/internal/harness/postgres"
	"burnline/storage/state"
)

var (
	// server is the PostgreSQL of this package's tests.
	server *postgres.Server
	// filled is the data folder of a node that PostgreSQL went away from.
	filled string
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(shipEnv); dir != "" {
		fmt.Fprintln(os.Stderr, "copy a state:", shipUntilKilled(context.Background(), dir, os.Stdout))
		os.Exit(1)
	}
	var err error
	if server, err = postgres.Start(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "start PostgreSQL for the tests:", err)
		os.Exit(1)
	}
	code := 1
	if filled, err = fill(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "fill a spool for the tests:", err)
	} else {
		code = m.Run()
	}
	if err := errors.Join(server.Stop(), os.RemoveAll(filled)); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		code = 1
	}
	os.Exit(code)
}

// engine is where a test keeps its state.
type engine func(t *testing.T) state.Options

func sqlite(t *testing.T) state.Options { return state.Options{Dir: t.TempDir()} }

func withPostgres(t *testing.T) state.Options {
	return state.Options{DSN: server.Database(t), Dir: t.TempDir(), CallersTime: true}
}

// cutOff is a state whose PostgreSQL can't be reached, but which has a spool.
func cutOff(t *testing.T) state.Options {
	return state.Options{DSN: server.DSN("nowhere"), Dir: copyFolder(t, filled), CallersTime: true}
}

// fill makes the folder of a node that reached its PostgreSQL once.
func fill(ctx context.Context) (dir string, _ error) {
	dir, err := os.MkdirTemp("", "spool-")
	if err != nil {
		return "", err
	}
	s, err := state.OpenSpooled(ctx, state.SpoolOptions{Options: state.Options{DSN: server.DSN("postgres"), Dir: dir}})
	if err != nil {
		return dir, err
	}
	return dir, s.Close()
}

// engines runs a test on both databases for real. The test gets an opener that
// opens the same state again each time.
func engines(t *testing.T, test func(t *testing.T, open func() *state.Spooled)) {
	t.Helper()
	on(t, map[string]engine{"sqlite": sqlite, "postgres": withPostgres}, test)
}

// everywhere runs a test of what has to work without PostgreSQL too.
func everywhere(t *testing.T, test func(t *testing.T, open func() *state.Spooled)) {
	t.Helper()
	on(t, map[string]engine{"sqlite": sqlite, "postgres": withPostgres, "postgres is away": cutOff}, test)
}

func on(t *testing.T, all map[string]engine, test func(t *testing.T, open func() *state.Spooled)) {
	t.Helper()
	for name, of := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := of(t)
			test(t, func() *state.Spooled {
				t.Helper()
				if name == "postgres" {
					o.Dir = t.TempDir() // each node has a spool of its own
				}
				s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o})
				if err != nil {
					t.Fatalf("open state: %v", err)
				}
				t.Cleanup(func() {
					if err := s.Close(); err != nil {
						t.Errorf("close state: %v", err)
					}
				})
				return s
			})
		})
	}
}
