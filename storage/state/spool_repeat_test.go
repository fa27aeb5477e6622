package state_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

// contents writes what the database holds of incidents, but for numbers and the times of leases and tries.
func (o *outage) contents() string {
	o.t.Helper()
	conn, err := pgx.Connect(o.t.Context(), o.dsn)
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(o.t.Context())) }() // it was read
	var all []string
	for _, query := range []string{
		`SELECT dedup_key, closed, title, message, incident FROM incidents`, `SELECT alias, dedup_key FROM aliases`, `SELECT dedup_key, seq, kind, at, reason FROM steps`,
		`SELECT dedup_key, receiver, integration, seq, action, state, attempts, created_at, settled_at, answer FROM outbox`,
		`SELECT dedup_key, seq, receiver, fate, reason FROM decisions`, `SELECT dedup_key, seq, kind, person, at FROM acknowledgements`,
		`SELECT print, starts, ended FROM alerts`, `SELECT dedup_key, closed, firing, resolved, news FROM alert_groups`,
	} {
		rows, err := conn.Query(o.t.Context(), query)
		if err != nil {
			o.t.Fatal(err)
		}
		for rows.Next() {
			values, err := rows.Values()
			if err != nil {
				o.t.Fatal(err)
			}
			all = append(all, fmt.Sprint(strings.Fields(query)[1], values))
		}
		if err := rows.Err(); err != nil {
			o.t.Fatal(err)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// copyFolder copies the files of a folder.
func copyFolder(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	files, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		body, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, f.Name()), body, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// A node that is killed after PostgreSQL was told and before it noted that tells it again. Nothing changes by that, and
// nothing is sent.
func TestAReconciliationThatIsRepeatedChangesNothing(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	dir, pager := t.TempDir(), &pagerOf{}
	n := o.run(dir, pager)
	n.step(slo.IncidentOpened, "before")
	n.step(slo.IncidentOpened, "over")
	n.tells("trigger before", "before")
	n.tells("trigger over", "over")
	began := time.Now()
	o.halt()
	n.step(slo.IncidentOpened, "during")
	n.tells("trigger during", "during")
	n.step(slo.IncidentClosed, "over")
	n.tells("trigger over, resolve over", "over")
	for _, host := range []string{"a", "b"} {
		if err := n.router.Alerts(t.Context(), []slo.Alert{{Origin: alerting.OriginAPI, Labels: slo.NewLabels("alertname", "DiskFull", "host", host), StartsAt: began}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.router.Acknowledge(t.Context(), "during", "bo", alerting.ViaWeb, time.Now()); err != nil {
		t.Fatal(err)
	}
	n.tells("trigger during, acknowledge during", "during")
	disk := n.groupOf("DiskFull")
	n.tells("trigger "+disk, disk)
	n.stop()
	again := copyFolder(t, dir)
	sent := len(pager.got)

	o.resume()
	for i, dir := range []string{dir, again} {
		s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: state.Options{DSN: o.dsn, Dir: dir}})
		if err != nil {
			t.Fatal(err)
		}
		if since, waiting, _ := s.Absence(); since.IsZero() || waiting != 3 {
			t.Errorf("%d incidents wait, since %s", waiting, since)
		}
		first := o.contents()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		(&burning{t: t, store: s, pager: pager}).isBack()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if now := o.contents(); i == 1 && now != first {
			t.Errorf("told again, PostgreSQL has\n%s\nwant\n%s", now, first)
		} else if i == 0 && now == first {
			t.Error("nothing was reconciled")
		}
	}
	n = o.run(again, pager)
	n.step(slo.IncidentClosed, "during")
	n.tells("trigger during, acknowledge during, resolve during", "during")
	if got := len(pager.got); got != sent+1 {
		t.Errorf("%d messages were sent afterwards, want the end of what went on: %v", got-sent, pager.got)
	}
}

// An answer may come after calls went elsewhere, whichever way.
func TestAnAnswerFindsItsRowInTheOtherDatabase(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: state.Options{DSN: o.dsn, Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	n := &burning{t: t, store: s, pager: &pagerOf{}}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	open := func(key string) alerting.Row {
		t.Helper()
		tr := transition(slo.IncidentOpened, key, 0)
		tr.Incident.SLO = "slo/" + key
		if err := s.Commit(t.Context(), planned(tr, [2]string{"oncall", "trigger"}), time.Now()); err != nil {
			t.Fatal(err)
		}
		claimed, err := s.Claim(t.Context(), alerting.Claim{Lease: time.Minute, Limit: 10}, time.Now())
		if err != nil || len(claimed.Rows) != 1 {
			t.Fatalf("claimed are %v, %v", claimed.Rows, err)
		}
		return claimed.Rows[0]
	}
	answer := func(row alerting.Row) {
		t.Helper()
		if err := s.Settle(t.Context(), row, alerting.Outcome{State: alerting.RowDelivered, Answer: "202"}, time.Now()); err != nil {
			t.Fatal(err)
		}
		if got := rowsOf(record(t, s, row.Key)); got != "trigger delivered 1" {
			t.Errorf("of %s it is known %s", row.Key, got)
		}
	}
	before := open("before")
	o.halt()
	during := open("during")
	answer(before)
	o.resume()
	n.isBack()
	answer(during)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for _, key := range []string{"before", "during"} {
		if got := rowsOf(o.kept(key)); got != "trigger delivered 1" {
			t.Errorf("of %s PostgreSQL has %s", key, got)
		}
	}
}

// Of two nodes that opened the same while they were cut off, only one came to tell it.
func TestWhatAnotherNodeToldIsNotToldAgain(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	var nodes []*state.Spooled
	for range 2 {
		s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: state.Options{DSN: o.dsn, Dir: t.TempDir()}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		nodes = append(nodes, s)
	}
	o.halt()
	for i, s := range nodes {
		if err := s.Commit(t.Context(), planned(transition(slo.IncidentOpened, "k1", 0), [2]string{"oncall", "trigger"}), start.Add(time.Duration(i))); err != nil {
			t.Fatal(err)
		}
	}
	claimed, err := nodes[0].Claim(t.Context(), alerting.Claim{Lease: time.Minute, Limit: 10}, time.Now())
	if err != nil || len(claimed.Rows) != 1 {
		t.Fatalf("claimed are %v, %v", claimed.Rows, err)
	}
	if err := nodes[0].Settle(t.Context(), claimed.Rows[0], alerting.Outcome{State: alerting.RowDelivered, Answer: "202"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	o.resume()
	for _, s := range nodes {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		(&burning{t: t, store: s, pager: &pagerOf{}}).isBack()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if got := rowsOf(o.kept("k1")); got != "trigger delivered 1, trigger superseded 0" {
		t.Errorf("PostgreSQL has %s", got)
	}
}

// What is being sent while PostgreSQL comes back is nobody else's until its answer can be recorded.
func TestWhatIsBeingSentStaysHeldOverAReturn(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	n := o.idle()
	o.halt()
	tr := transition(slo.IncidentOpened, "k1", 0)
	if err := n.store.Commit(t.Context(), planned(tr, [2]string{"oncall", "trigger"}), time.Now()); err != nil {
		t.Fatal(err)
	}
	o.resume()
	const lease = 15 * time.Second // shorter than what is held over a return
	at := time.Now()
	claimed, err := n.store.Claim(t.Context(), alerting.Claim{Lease: lease, Limit: 10}, at)
	if err != nil || len(claimed.Rows) != 1 {
		t.Fatalf("claimed are %v, %v", claimed.Rows, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.store.Run(ctx) }()
	n.isBack()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	conn, err := pgx.Connect(t.Context(), o.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }() // it was read
	var until int64
	if err := conn.QueryRow(t.Context(), `SELECT leased_until FROM outbox WHERE dedup_key = 'k1'`).Scan(&until); err != nil {
		t.Fatal(err)
	}
	if held := time.Unix(0, until).Sub(at); held <= lease {
		t.Errorf("it is held for %s from the claim on, want longer than its lease of %s", held, lease)
	}
}
