package state_test

import (
	"context"
	"fmt"
	"os"
	"testing"

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

// engines runs a test on both databases for real. The test gets an opener that
// opens the same state again each time.
func engines(t *testing.T, test func(t *testing.T, open func() *state.Store)) {
	t.Helper()
	options := map[string]func(t *testing.T) state.Options{
		"sqlite":   func(t *testing.T) state.Options { return state.Options{Dir: t.TempDir()} },
		"postgres": func(t *testing.T) state.Options { return state.Options{DSN: server.Database(t), CallersTime: true} },
	}
	for name, of := range options {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := of(t)
			test(t, func() *state.Store {
				t.Helper()
				s, err := state.Open(t.Context(), o)
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
