package state_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/internal/harness/patience"
	"burnline/slo"
	"burnline/storage/state"
)

// spooled reads one number from a node's spool.
func (n *burning) spooled(query string, args ...any) (number int64) {
	n.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+n.dir+"/"+state.SpoolName)
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it was read
	if err := db.QueryRowContext(n.t.Context(), query, args...).Scan(&number); err != nil {
		n.t.Fatal(err)
	}
	return number
}

// A sender that says again that its alert fires moves the moment at which it would end by itself, and nothing else. The
// spool has to know, or it ends alerts at once that have fired for longer than that, and tells them anew.
func TestTheSpoolKnowsUntilWhenAlertsFire(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	n := o.run(t.TempDir(), &pagerOf{})
	fires := slo.Alert{Origin: alerting.OriginAPI, Labels: slo.NewLabels("alertname", "DiskFull"), StartsAt: time.Now()}
	for _, last := range []time.Duration{10 * time.Minute, time.Hour} {
		fires.EndsAt = time.Now().Add(last)
		if err := n.router.Alerts(t.Context(), []slo.Alert{fires}); err != nil {
			t.Fatal(err)
		}
		patience.Until(t, "the spool knows that it fires for "+last.String(), func() bool {
			return n.spooled(`SELECT COALESCE(MAX(expires), 0) FROM alerts`) == fires.EndsAt.UnixNano()
		})
	}
}

// idle is a node whose spool is neither copied to nor left unless the test says so.
func (o *outage) idle() *burning {
	o.t.Helper()
	s, err := state.OpenSpooled(o.t.Context(), state.SpoolOptions{Options: state.Options{DSN: o.dsn, Dir: o.t.TempDir()}})
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = s.Close() }) // what it holds is read before
	n := &burning{t: o.t, store: s, pager: &pagerOf{}}
	n.router = o.routerOn(s, func() {})
	return n
}

// hears tells a node of an alert of a host that fires, or of its end.
func (n *burning) hears(host string, ended bool, until time.Duration) {
	n.t.Helper()
	a := slo.Alert{Origin: alerting.OriginAPI, Labels: slo.NewLabels("alertname", "DiskFull", "host", host), StartsAt: time.Now(), EndsAt: time.Now().Add(until)}
	if ended {
		a.EndsAt = time.Now()
	}
	if err := n.router.Alerts(n.t.Context(), []slo.Alert{a}); err != nil {
		n.t.Fatal(err)
	}
}

// incidents returns how many incidents there are, and how many of them are open.
func (n *burning) incidents() (all, open int) {
	n.t.Helper()
	records, err := n.store.Incidents(n.t.Context(), alerting.Filter{})
	if err != nil {
		n.t.Fatal(err)
	}
	for _, r := range records {
		if r.Incident.Closed.IsZero() {
			open++
		}
	}
	return len(records), open
}

// The end of a group of alerts that PostgreSQL took a moment before its own end is known to the spool: what
// fires after it is news.
func TestAnEndThatWasCommittedLastIsNotMissing(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	n := o.idle()
	n.hears("a", false, time.Hour)
	n.hears("a", true, 0)
	o.halt()
	if all, open := n.incidents(); all != 1 || open != 0 {
		t.Errorf("the spool knows %d incidents of which %d are open, want one that is over", all, open)
	}
	n.hears("a", false, time.Hour)
	if all, open := n.incidents(); all != 2 || open != 1 {
		t.Errorf("after it fired again the spool knows %d incidents of which %d are open, want two and one", all, open)
	}
}

// One node ends a group of alerts in PostgreSQL while another one, which can't reach it, hears that its alert
// goes on. The group is over, and the alert begins anew when it is sent again, rather than being thought to be told.
func TestAnAlertWhoseGroupEndedElsewhereBeginsAnew(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	n := o.idle()
	n.hears("a", false, time.Hour)
	o.halt()
	n.incidents() // the spool is used from here on
	o.resume()
	o.idle().hears("a", true, 0)
	n.hears("a", false, 10*time.Hour)
	n.hears("b", false, 10*time.Hour)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.store.Run(ctx) }()
	n.isBack()
	n.hears("a", false, 30*time.Hour)
	if all, open := n.incidents(); all != 2 || open != 1 {
		t.Errorf("PostgreSQL knows %d incidents of which %d are open, want two and one", all, open)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// One node tells of an alert while it can't reach PostgreSQL, and is killed. Another one hears of the same alert there, and of its
// end. The sender has said all it has to say, so the first one's incident has to end by what the other one heard.
func TestAnAlertThatEndedElsewhereEndsWhereItWasToldToo(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	pager, dir := &pagerOf{}, t.TempDir()
	n := o.run(dir, pager)
	patience.Until(t, "the spool is filled", func() bool { return n.spooled(`SELECT COUNT(*) FROM spool WHERE filled > 0`) == 1 })
	o.halt()
	n.hears("a", false, 10*time.Hour)
	patience.Until(t, "an incident is open in the spool", func() bool { _, open := n.incidents(); return open == 1 })
	key := n.groupOf("DiskFull")
	n.tells("trigger "+key, key)
	n.stop()
	o.resume()
	other := o.idle()
	other.hears("a", false, 10*time.Hour)
	other.hears("a", true, 0)

	n = o.run(dir, pager)
	n.isBack()
	n.tells("trigger "+key+", resolve "+key, key)
	if _, open := n.incidents(); open != 0 {
		t.Errorf("%d incidents are open, want none", open)
	}
}
