package state_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"burnline/internal/harness/patience"
	"burnline/storage/state"
)

// logged is a log that may be read while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) says(what string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), what)
}

// A PostgreSQL that answers whether it is there, and hangs with what comes next, is tried again.
func TestAReturnThatHangsIsGivenUpAndTriedAgain(t *testing.T) {
	for what, table := range map[string]string{"while the schema is looked at": "goose_db_version", "while an incident is told": "incidents"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newOutage(t)
			log := &logged{}
			// Whoever waits for so short a time may not get there at first.
			var s *state.Spooled
			patience.Until(t, "the state opens", func() (open bool) {
				var err error
				s, err = state.OpenSpooled(t.Context(), state.SpoolOptions{Options: state.Options{DSN: o.dsn, Dir: t.TempDir(), Wait: 500 * time.Millisecond,
					Logger: slog.New(slog.NewTextHandler(log, nil))}})
				return err == nil
			})
			defer func() { _ = s.Close() }() // it is read before
			o.halt()
			commit(t, s, planned(transition("opened", "k", 0)))
			o.resume()
			conn, err := pgx.Connect(t.Context(), o.dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close(context.Background()) }() // it ends with the server at the latest
			tx, err := conn.Begin(t.Context())
			if err == nil {
				_, err = tx.Exec(t.Context(), "LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE")
			}
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			go func() { ended <- s.Run(ctx) }()
			patience.Until(t, "the return is given up", func() bool { return log.says("PostgreSQL is still away") })
			if err := tx.Rollback(t.Context()); err != nil {
				t.Error(err)
			}
			patience.Until(t, "PostgreSQL is back", func() bool { since, _, _ := s.Absence(); return since.IsZero() })
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}
