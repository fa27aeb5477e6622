package state_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"burnline/alerting"
	"burnline/internal/harness/patience"
	"burnline/slo"
	"burnline/storage/state"
)

// TestARevisionWaitsForAnswersInNoCircle lets another node hold rows as it does while it records answers, in the order
// of their ids, and begins a revision of all incidents, as a start is one. PostgreSQL ends one of two that wait for
// each other, and a server whose first revision is ended does not start.
func TestARevisionWaitsForAnswersInNoCircle(t *testing.T) {
	t.Parallel()
	s, o := patient(t)
	// The rows 1 and 3 are of the incident that opened first, row 2 is of the other.
	commit(t, s, planned(transition(slo.IncidentOpened, "first", 0), [2]string{"oncall", "trigger"}))
	other := transition(slo.IncidentOpened, "other", time.Second)
	other.Incident.Group = slo.NewLabels("region", "asia")
	commit(t, s, planned(other, [2]string{"oncall", "trigger"}))
	commit(t, s, planned(transition(slo.IncidentUpdated, "first", 2*time.Second), [2]string{"oncall", "trigger"}))
	gone := transition(slo.IncidentOpened, "gone", time.Second)
	gone.Incident.Group = slo.NewLabels("region", "us")
	commit(t, s, planned(gone, [2]string{"oncall", "trigger"}))
	gone.Kind, gone.At = slo.IncidentClosed, start.Add(3*time.Second)
	commit(t, s, planned(gone))

	answers, watch := connect(t, o.DSN), connect(t, o.DSN)
	hold := func(statement string, args ...any) (rows int64) {
		t.Helper()
		done, err := answers.Exec(t.Context(), statement, args...)
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		return done.RowsAffected()
	}
	row := func(key string, seq int) {
		t.Helper()
		if n := hold(`SELECT id FROM outbox WHERE dedup_key = $1 AND seq = $2 FOR UPDATE NOWAIT`, key, seq); n != 1 {
			t.Fatalf("%d rows are held of %s, message %d; want one", n, key, seq)
		}
	}
	hold(`UPDATE outbox SET attempts = 1, next_at = 9000000000000000000`)
	hold(`INSERT INTO destinations (name, held_until) VALUES ('far', 1)`)
	hold(`BEGIN`)

	row("other", 1)
	revised := make(chan error, 1)
	go func() {
		_, err := s.Revise(t.Context(), alerting.Revision{Requeue: true, Plan: func(open []alerting.Standing) []alerting.Plan {
			return make([]alerting.Plan, len(open))
		}}, start.Add(time.Minute))
		revised <- err
	}()
	waitsFor(t, watch, answers, revised)
	row("first", 2) // later than what it holds: a revision that has it already would wait in a circle
	row("gone", 1)  // no revision waits for the rows of closed incidents, nor holds them while it waits
	hold(`SELECT 1 FROM destinations FOR UPDATE NOWAIT`)
	hold(`COMMIT`)
	if err := patience.Receive(t, "the revision ends", revised); err != nil {
		t.Error(err)
	}
}

// patient is a node on PostgreSQL that takes nothing that waits for being away.
func patient(t *testing.T) (*state.Spooled, state.Options) {
	t.Helper()
	o := withPostgres(t)
	o.Wait = patience.Limit
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // the database goes anyway
	return s, o
}

// connect is a connection of the test's own to a database.
func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // the database goes anyway
	return conn
}

// waitsFor waits until somebody waits for what a connection holds, and requires that the node's work has not ended.
func waitsFor(t *testing.T, look, holder *pgx.Conn, ended <-chan error) {
	t.Helper()
	patience.Until(t, "the node waits for the holder of locks", func() bool {
		select {
		case err := <-ended:
			t.Fatalf("it waits for nothing: %v", err)
		default:
		}
		var waits bool
		err := look.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE $1::INT = ANY(pg_blocking_pids(pid)))`, int32(holder.PgConn().PID())).Scan(&waits)
		return err == nil && waits
	})
}
