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

// TestABatchOfAlertsWaitsForRevisionsInNoCircle ends the alerts of four groups in one batch while another node holds the
// incident that opened first, as a revision does that goes on to the others, and then, while it holds the row that was written
// first, as one does that records answers. PostgreSQL ends one of two that wait for each other.
func TestABatchOfAlertsWaitsForRevisionsInNoCircle(t *testing.T) {
	t.Parallel()
	o := withPostgres(t)
	o.Wait = patience.Limit // what waits here isn't away
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // the database goes anyway
	var after time.Duration
	router := node(t, s, &after)
	var alerts []slo.Alert
	for _, name := range []string{"DiskFull", "HostDown", "TooSlow", "NoBackup"} { // by their hashes they come in another order
		after += time.Second
		a := slo.Alert{Origin: alerting.OriginAPI, Labels: slo.NewLabels("alertname", name), StartsAt: start, EndsAt: start.Add(24 * time.Hour)}
		if err := router.Alerts(t.Context(), []slo.Alert{a}); err != nil {
			t.Fatal(err)
		}
		a.EndsAt = start.Add(time.Minute)
		alerts = append(alerts, a)
	}
	revision, answers, look := connect(t, o.DSN), connect(t, o.DSN), connect(t, o.DSN)
	const incidents, rows = `SELECT 1 FROM incidents ORDER BY opened LIMIT $1 OFFSET $2 FOR UPDATE NOWAIT`, `SELECT 1 FROM outbox ORDER BY id LIMIT $1 OFFSET $2 FOR UPDATE NOWAIT`
	lock := func(conn *pgx.Conn, what string, n, from int) {
		t.Helper()
		if done, err := conn.Exec(t.Context(), what, n, from); err != nil || done.RowsAffected() != int64(n) {
			t.Fatalf("%s from %d: %s, %v", what, from, done, err)
		}
	}
	run := func(conn *pgx.Conn, statement string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	run(revision, `BEGIN`)
	lock(revision, incidents, 1, 0)
	run(answers, `BEGIN`)
	lock(answers, rows, 1, 0)

	after = time.Minute
	ended := make(chan error, 1)
	go func() { ended <- router.Alerts(t.Context(), alerts) }()
	waitsFor := func(conn *pgx.Conn, what string) {
		t.Helper()
		patience.Until(t, "the batch waits for "+what, func() bool {
			select {
			case err := <-ended:
				t.Fatalf("the batch waits for nothing: %v", err)
			default:
			}
			var waits bool
			err := look.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE $1::INT = ANY(pg_blocking_pids(pid)))`, int32(conn.PgConn().PID())).Scan(&waits)
			return err == nil && waits
		})
	}
	waitsFor(revision, "the revision")
	lock(revision, incidents, 3, 1) // a batch that has one of them already would wait in a circle
	run(revision, `COMMIT`)
	waitsFor(answers, "the answers")
	lock(answers, rows, 3, 1)
	run(answers, `COMMIT`)
	if err := patience.Receive(t, "the batch ends", ended); err != nil {
		t.Error(err)
	}
	if open, err := s.OpenIncidents(t.Context()); err != nil || len(open) > 0 {
		t.Errorf("%d incidents are open, %v; want none", len(open), err)
	}
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
