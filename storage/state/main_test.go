package state_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"burnline/internal/harness/postgres"
	"burnline/storage/state"
)

// server is the PostgreSQL of this package's tests.
var server *postgres.Server

func TestMain(m *testing.M) {
	var err error
	if server, err = postgres.Start(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "start PostgreSQL for the tests:", err)
		os.Exit(1)
	}
	code := m.Run()
	if err := server.Stop(); err != nil {
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

// cutOff is a state in PostgreSQL that can't be reached any more, but for its spool.
func cutOff(t *testing.T) state.Options {
	o := withPostgres(t)
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	shut(t, o.DSN, true)
	return o
}

// shut lets nobody connect to a database, or everybody again.
func shut(t *testing.T, dsn string, closed bool) {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), strings.Replace(dsn, config.Database, "postgres", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }() // what was executed is done
	if _, err := conn.Exec(t.Context(), fmt.Sprintf("ALTER DATABASE %s ALLOW_CONNECTIONS %t", config.Database, !closed)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", config.Database); err != nil {
		t.Fatal(err)
	}
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
