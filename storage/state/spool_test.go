package state_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/internal/harness/patience"
	"burnline/slo"
	"burnline/storage/state"
)

const once = "trigger delivered 1, resolve delivered 1"

// One outage with everything that may happen in it.
func TestPagingGoesOnWithoutPostgreSQLAndIsReconciled(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	n := o.run(t.TempDir(), &pagerOf{})
	opened := func(keys ...string) {
		for _, key := range keys {
			n.step(slo.IncidentOpened, key)
			n.tells("trigger "+key, key)
		}
	}
	opened("before", "over", "taken")
	n.step(slo.IncidentOpened, "ticket", func(tr *slo.Transition) { tr.Incident.Severity, tr.Incident.SLO = slo.Ticket, "checkout/rises" })
	n.tells("trigger ticket", "ticket")
	if err := n.router.Acknowledge(t.Context(), "taken", "ana", alerting.ViaWeb, time.Now()); err != nil {
		t.Fatal(err)
	}
	n.tells("trigger taken, acknowledge taken", "taken")

	o.halt()
	opened("during", "short")
	n.step(slo.IncidentClosed, "over")
	n.tells("trigger over, resolve over", "over")
	n.step(slo.IncidentClosed, "short")
	n.tells("trigger short, resolve short", "short")
	n.step(slo.IncidentOpened, "page", func(tr *slo.Transition) { tr.Incident.Replaces, tr.Incident.SLO = "ticket", "checkout/rises" })
	n.tells("trigger page", "page")
	n.tells("trigger ticket, resolve ticket", "ticket")
	if holder, has := held(t, n.store, "taken"); !has || holder != "ana" {
		t.Errorf("without PostgreSQL %q has the incident", holder)
	}
	if err := n.router.Acknowledge(t.Context(), "during", "bo", alerting.ViaWeb, time.Now()); err != nil {
		t.Fatal(err)
	}
	n.tells("trigger during, acknowledge during", "during")
	if err := n.store.SaveTotals(t.Context(), nil); !errors.Is(err, state.ErrAway) {
		t.Errorf("totals can't be kept, and are answered with %v", err)
	}
	if _, waiting, why := n.store.Absence(); why == nil || !strings.HasPrefix(why.Error(), "PostgreSQL at ") || waiting > 5 {
		t.Errorf("%d incidents wait because of %v", waiting, why)
	}

	o.resume()
	n.isBack()
	n.step(slo.IncidentClosed, "before")
	n.tells("trigger before, resolve before", "before")
	n.step(slo.IncidentClosed, "during")
	n.tells("trigger during, acknowledge during, resolve during", "during")
	n.stop()
	for key, want := range map[string]string{
		"before": once, "over": once, "short": once, "ticket": once, "page": "trigger delivered 1",
		"taken": "trigger delivered 1, acknowledge delivered 1", "during": "trigger delivered 1, acknowledge delivered 1, resolve delivered 1",
	} {
		if got := rowsOf(o.kept(key)); got != want {
			t.Errorf("of %s PostgreSQL has %s, want %s", key, got, want)
		}
	}
	for key, want := range map[string]string{"over": "opened, closed", "short": "opened, closed", "page": "opened", "ticket": "opened, closed"} {
		if got := stepsOf(o.kept(key)); got != want {
			t.Errorf("the story of %s is %s, want %s", key, got, want)
		}
	}
	if acks := o.kept("during").Acks; len(acks) != 1 || acks[0].By != "bo" {
		t.Errorf("who has what was acknowledged meanwhile: %+v", acks)
	}
}

// held returns who has an incident.
func held(t *testing.T, s *state.Spooled, key string) (string, bool) {
	t.Helper()
	r := record(t, s, key)
	a, has := r.Holder()
	return a.By, has
}

// A node that is killed while PostgreSQL is away goes on by what its spool holds.
func TestANodeThatIsKilledGoesOnByItsSpool(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	dir, pager := t.TempDir(), &pagerOf{}
	n := o.run(dir, pager)
	n.step(slo.IncidentOpened, "before")
	n.tells("trigger before", "before")
	o.halt()
	pager.setDown(true)
	n.step(slo.IncidentOpened, "during")
	patience.Until(t, "it is tried", func() bool { return record(t, n.store, "during").Rows[0].Attempts > 0 })
	n.stop() // nothing is written at the end that a kill would not have left
	pager.setDown(false)

	n = o.run(dir, pager)
	n.tells("trigger during", "during")
	n.step(slo.IncidentClosed, "before")
	n.tells("trigger before, resolve before", "before")
	n.stop()

	o.resume()
	n = o.run(dir, pager)
	n.isBack()
	n.step(slo.IncidentClosed, "during")
	n.tells("trigger during, resolve during", "during")
	n.stop()
	if got := rowsOf(o.kept("before")); got != once {
		t.Errorf("PostgreSQL has %s", got)
	}
	if rows := o.kept("during").Rows; len(rows) != 2 || rows[0].State != alerting.RowDelivered || rows[0].Attempts < 2 || rows[1].State != alerting.RowDelivered {
		t.Errorf("PostgreSQL has %s", rowsOf(o.kept("during")))
	}
}

// What PostgreSQL took a moment before its end is known to the spool: its page leaves, and nothing that
// was sent is sent again.
func TestWhatWasCommittedLastIsNotMissing(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	pager := &pagerOf{}
	n := o.run(t.TempDir(), pager)
	for range 3 {
		pager.setDown(true)
		key := "last" + time.Now().Format("050000.000000")
		n.step(slo.IncidentOpened, key)
		o.halt()
		pager.setDown(false)
		n.tells("trigger "+key, key)
		o.resume()
		n.isBack()
		n.step(slo.IncidentClosed, key)
		n.tells("trigger "+key+", resolve "+key, key)
	}
}

// What people decided a moment before PostgreSQL's end holds while it is away, and afterwards.
func TestWhatPeopleDecidedLastIsNotMissing(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	n := o.run(t.TempDir(), &pagerOf{})
	ctx, now := t.Context(), time.Now()
	decide := func(id string) error {
		planned, quiet := maintained(t, "work-"+id), silenced(t, id, time.Hour)
		quiet.EndsAt, planned.Silence.EndsAt, planned.To = now.Add(time.Hour), now.Add(time.Hour), now.Add(time.Hour)
		return errors.Join(
			n.store.EditSilence(ctx, id, func(*alerting.Silence) ([]alerting.Silence, error) {
				return []alerting.Silence{quiet}, nil
			}),
			n.store.EditMaintenance(ctx, planned.ID, func(*alerting.MaintenanceParts) (alerting.MaintenanceParts, error) { return planned, nil }),
			n.store.EditStatusPost(ctx, id, func(*alerting.StatusPost) (alerting.StatusPost, error) {
				return alerting.StatusPost{ID: id, At: now, Title: "Cards", Text: "We know it.", By: "ada"}, nil
			}),
			n.store.SaveCorrection(ctx, slo.Correction{ID: "entered-" + id, Kind: slo.Exclusion, SLOs: []string{"shop/*"}, From: now.Add(-time.Hour), To: now, Reason: "a test", Author: "ada"}),
		)
	}
	has := func(when string) {
		t.Helper()
		_, first, errA := n.store.Silence(ctx, "first")
		_, second, errB := n.store.Silence(ctx, "second")
		works, errC := n.store.Maintenances(ctx, time.Time{})
		posts, errD := n.store.StatusPosts(ctx, time.Time{})
		entered, errE := n.store.Corrections(ctx)
		removed, errF := n.store.RemovedCorrections(ctx)
		if err := errors.Join(errA, errB, errC, errD, errE, errF); err != nil {
			t.Fatal(err)
		}
		// Each work has a correction too; the first one that was entered is removed.
		if !first || !second || len(works) != 2 || len(posts) != 2 || len(entered) != 3 || len(removed) != 1 {
			t.Errorf("%s there are silences %t and %t, %d works, %d posts, %d corrections and %d removed ones", when, first, second, len(works), len(posts), len(entered), len(removed))
		}
	}
	if err := decide("first"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(decide("second"), n.store.DeleteCorrection(ctx, "entered-first", "ada", now)); err != nil {
		t.Fatal(err)
	}
	o.halt()
	has("while PostgreSQL is away")
	if err := decide("third"); !errors.Is(err, state.ErrAway) {
		t.Errorf("what is decided meanwhile: %v", err)
	}
	o.resume()
	n.isBack()
	has("afterwards")
}

// A server that takes commits and answers nothing is away as well.
func TestAPostgreSQLThatHangsIsAway(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	n := o.run(t.TempDir(), &pagerOf{})
	n.step(slo.IncidentOpened, "before")
	n.tells("trigger before", "before")
	if err := o.pg.Freeze(); err != nil {
		t.Fatal(err)
	}
	n.step(slo.IncidentOpened, "during")
	n.tells("trigger during", "during") // while the server hangs
	if err := o.pg.Thaw(); err != nil {
		t.Fatal(err)
	}
	n.isBack()
	n.step(slo.IncidentClosed, "before")
	n.step(slo.IncidentClosed, "during")
	n.tells("trigger before, resolve before", "before")
	n.tells("trigger during, resolve during", "during")
	n.stop()
	for _, key := range []string{"before", "during"} {
		if got := rowsOf(o.kept(key)); got != once {
			t.Errorf("of %s PostgreSQL has %s", key, got)
		}
	}
}

// Prometheus goes on sending its alerts, and they are taken.
func TestOutsideAlertsAreTakenWithoutPostgreSQL(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	n := o.run(t.TempDir(), &pagerOf{})
	began := time.Now()
	alert := func(name, host string, ended bool) slo.Alert {
		a := slo.Alert{Origin: alerting.OriginAPI, Labels: slo.NewLabels("alertname", name, "host", host), StartsAt: began}
		if ended {
			a.EndsAt = time.Now()
		}
		return a
	}
	send := func(all ...slo.Alert) {
		t.Helper()
		if err := n.router.Alerts(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
	send(alert("DiskFull", "a", false))
	disk := n.groupOf("DiskFull")
	n.tells("trigger "+disk, disk)
	o.halt()
	send(alert("DiskFull", "a", false), alert("DiskFull", "b", false), alert("HostDown", "c", false), alert("Brief", "d", false))
	host, brief := n.groupOf("HostDown"), n.groupOf("Brief")
	if disk != n.groupOf("DiskFull") {
		t.Error("an alert that is known opened another incident")
	}
	n.tells("trigger "+host, host)
	send(alert("Brief", "d", true))
	n.tells("trigger "+brief+", resolve "+brief, brief)
	o.resume()
	n.isBack()
	send(alert("DiskFull", "a", true), alert("DiskFull", "b", false), alert("HostDown", "c", false))
	if disk != n.groupOf("DiskFull") || host != n.groupOf("HostDown") || n.groupOf("Brief") != "" {
		t.Error("PostgreSQL knows other incidents than the spool did")
	}
	send(alert("DiskFull", "b", true), alert("HostDown", "c", true))
	n.tells("trigger "+host+", resolve "+host, host)
	patience.Until(t, "the disk is told to be fine", func() bool { return n.pager.told(disk) == "trigger "+disk+", resolve "+disk })
	n.stop()
	for _, key := range []string{disk, host, brief} {
		if got := rowsOf(o.kept(key)); got != once {
			t.Errorf("of %s PostgreSQL has %s", key, got)
		}
	}
}

// Two nodes that are both cut off tell the same incident, by the same key; afterwards it is one.
func TestTwoNodesThatAreCutOffMakeOneIncident(t *testing.T) {
	t.Parallel()
	o, pager := newOutage(t), &pagerOf{}
	one, two := o.run(t.TempDir(), pager), o.run(t.TempDir(), pager)
	one.step(slo.IncidentOpened, "before")
	one.tells("trigger before", "before")
	// Either may have claimed the row: who sent it is known to the other by the next copy.
	for _, n := range []*burning{one, two} {
		patience.Until(t, "each node's spool knows that it was sent", func() bool { return inSpool(t, n, "before") })
	}
	o.halt()
	one.step(slo.IncidentOpened, "same")
	two.step(slo.IncidentOpened, "same")
	// Two that saw it begin at another moment have keys of their own.
	twice := func(tr *slo.Transition) { tr.Incident.SLO = "checkout/twice" }
	one.step(slo.IncidentOpened, "early", twice)
	two.step(slo.IncidentOpened, "late", twice)
	one.tells("trigger same, trigger same", "same")
	one.tells("trigger early", "early")
	two.tells("trigger late", "late")
	two.step(slo.IncidentClosed, "before") // known there by the copy alone
	two.tells("trigger before, resolve before", "before")
	o.resume()
	one.isBack()
	two.isBack()
	ended := func(key string) bool { return pager.told(key) == "trigger "+key+", resolve "+key }
	patience.Until(t, "one of the two keys ends", func() bool { return ended("early") != ended("late") })
	one.step(slo.IncidentClosed, "same")
	one.step(slo.IncidentClosed, "early", twice)
	patience.Until(t, "both keys have ended", func() bool { return ended("early") && ended("late") })
	one.tells("trigger same, trigger same, resolve same", "same")
	open, err := one.store.OpenIncidents(t.Context())
	if err != nil || len(open) != 0 {
		t.Errorf("open are %+v, %v", open, err)
	}
	one.stop()
	two.stop()
	if got := stepsOf(o.kept("before")); got != "opened, closed" {
		t.Errorf("the story of what was open before is %s", got)
	}
	for _, key := range []string{"before", "same", "early", "late"} {
		for _, row := range o.kept(key).Rows {
			if row.State != alerting.RowDelivered {
				t.Errorf("of %s PostgreSQL has a row that is %s", key, row.State)
			}
		}
	}
}

// inSpool reports whether a node's spool has a delivered row of an incident.
func inSpool(t *testing.T, n *burning, key string) bool {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+n.dir+"/"+state.SpoolName)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var count int
	if err := db.QueryRowContext(context.WithoutCancel(t.Context()), `SELECT COUNT(*) FROM outbox WHERE dedup_key = $1 AND state = 'delivered'`, key).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count > 0
}
