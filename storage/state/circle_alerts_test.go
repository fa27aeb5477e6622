package state_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"burnline/alerting"
	"burnline/internal/harness/patience"
	"burnline/slo"
)

// TestABatchOfAlertsWaitsForRevisionsInNoCircle ends the alerts of four groups in one batch while another node holds the
// incident that opened first, as a revision does that goes on to the others, and then, while it holds the row that was written
// first, as one does that records answers. PostgreSQL ends one of two that wait for each other.
func TestABatchOfAlertsWaitsForRevisionsInNoCircle(t *testing.T) {
	t.Parallel()
	s, o := patient(t)
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
	waitsFor(t, look, revision, ended)
	lock(revision, incidents, 3, 1) // a batch that has one of them already would wait in a circle
	run(revision, `COMMIT`)
	waitsFor(t, look, answers, ended)
	lock(answers, rows, 3, 1)
	run(answers, `COMMIT`)
	if err := patience.Receive(t, "the batch ends", ended); err != nil {
		t.Error(err)
	}
	if open, err := s.OpenIncidents(t.Context()); err != nil || len(open) > 0 {
		t.Errorf("%d incidents are open, %v; want none", len(open), err)
	}
}
