package maintenance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/slo"
	"burnline/storage/state"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// desk is a keeper on a real store and real silences, with a clock that tests move.
type desk struct {
	*Keeper
	t     *testing.T
	store *state.Store
	now   time.Time
	// told counts how often what changed was put in force.
	told int
}

func newDesk(t *testing.T, services ...string) *desk {
	t.Helper()
	store, err := state.Open(t.Context(), state.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	d := &desk{t: t, store: store, now: noon}
	clock := func() time.Time { return d.now }
	ids := 0
	id := func() string { ids++; return fmt.Sprintf("id-%d", ids) }
	var defs []*slo.Definition
	for _, s := range services {
		defs = append(defs, &slo.Definition{ID: s + "/availability", Service: s, Journey: "buy"})
	}
	quiet, err := silences.New(silences.Options{
		Store: store, Limits: silences.DefaultLimits, Now: clock, NewID: id, Changed: func([]alerting.Silence) {},
		World: func(context.Context, time.Time) (silences.World, error) {
			return silences.World{Definitions: defs}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Keeper, err = New(Options{Store: store, Silence: quiet.Prepare, Definitions: func() []*slo.Definition { return defs }, Now: clock, NewID: id, Changed: func(context.Context) error { d.told++; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// request is a sound one of two hours.
func request() Request {
	return Request{Title: "A new database", Reason: "CHG-1", By: "ada", Scope: alerting.Scope{Services: []string{"checkout"}}, To: noon.Add(2 * time.Hour)}
}

// start starts one that nothing is wrong with.
func (d *desk) start(r Request) alerting.Maintenance {
	d.t.Helper()
	m, err := d.Start(d.t.Context(), r)
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

// kept are the corrections in force, those that were removed, and the silences that are not over.
func (d *desk) kept() (inForce, removed []slo.Correction, quiet []alerting.Silence) {
	d.t.Helper()
	inForce, err := d.store.Corrections(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	if removed, err = d.store.RemovedCorrections(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	if quiet, err = d.store.Silences(d.t.Context(), d.now); err != nil {
		d.t.Fatal(err)
	}
	return inForce, removed, quiet
}

func TestAMaintenanceIsACorrectionASilenceAndAnEntry(t *testing.T) {
	d := newDesk(t, "checkout", "cart")
	r := request()
	r.Services, r.Journeys = []string{"checkout", "cart*"}, []string{"buy"}
	m := d.start(r)
	inForce, _, quiet := d.kept()
	if len(inForce) != 1 || inForce[0].ID != m.Correction || inForce[0].Kind != slo.Maintenance || !inForce[0].To.Equal(m.To) || inForce[0].Reason != "CHG-1" {
		t.Errorf("the corrections are %+v", inForce)
	}
	if len(quiet) != 1 || quiet[0].ID != m.Silence || quiet[0].Matchers.String() != `{service=~"checkout|cart[^/]*",journey="buy"}` || !quiet[0].EndsAt.Equal(m.To) {
		t.Errorf("the silences are %+v", quiet)
	}
	if d.told != 1 {
		t.Errorf("it was put in force %d times", d.told)
	}
	for _, c := range []struct {
		name, service, journey string
		concerned              bool
	}{
		{"all of it matches", "checkout", "buy", true}, {"a star", "cart-eu", "buy", true}, {"another journey", "checkout", "search", false}, {"another service", "payment", "buy", false},
	} {
		def := &slo.Definition{ID: c.service + "/x", Service: c.service, Journey: c.journey}
		muted := quiet[0].Matches(alerting.Labels(slo.Incident{SLO: def.ID, Severity: slo.Page}, def))
		if m.Concerns(def) != c.concerned || inForce[0].Applies(def) != c.concerned || muted != c.concerned {
			t.Errorf("%s: concerned %t, corrected %t, muted %t; want %t", c.name, m.Concerns(def), inForce[0].Applies(def), muted, c.concerned)
		}
	}
}

func TestStoppingEndsAllThree(t *testing.T) {
	d := newDesk(t, "checkout")
	m := d.start(request())
	d.now = noon.Add(30 * time.Minute)
	if m.State(d.now) != alerting.MaintenanceRunning {
		t.Errorf("half an hour later it is %s", m.State(d.now))
	}
	ended, err := d.Stop(t.Context(), m.ID, "grace")
	if err != nil || ended.State(d.now) != alerting.MaintenanceOver || !ended.To.Equal(d.now) || !ended.Planned.Equal(m.To) || ended.StoppedBy != "grace" {
		t.Errorf("stopped is %+v, %v", ended, err)
	}
	inForce, _, quiet := d.kept()
	if len(inForce) != 1 || !inForce[0].From.Equal(noon) || !inForce[0].To.Equal(d.now) {
		t.Errorf("what is over of it has to stay corrected: %+v", inForce)
	}
	if len(quiet) != 0 || d.told != 2 {
		t.Errorf("the silence is not over: %+v, told %d times", quiet, d.told)
	}
	if _, err := d.Stop(t.Context(), m.ID, "grace"); !errors.Is(err, ErrOver) {
		t.Errorf("stopping it again: %v", err)
	}
	if _, err := d.Stop(t.Context(), "never was", "grace"); !errors.Is(err, ErrUnknown) {
		t.Errorf("one that never was: %v", err)
	}
	var found slo.Problems
	if _, err := d.Stop(t.Context(), m.ID, " "); !errors.As(err, &found) {
		t.Errorf("by nobody: %v", err)
	}
}

func TestOneThatHasNotBegunIsCancelled(t *testing.T) {
	d := newDesk(t, "checkout")
	r := request()
	r.From, r.To = noon.Add(time.Hour), noon.Add(2*time.Hour)
	m := d.start(r)
	if m.State(noon) != alerting.MaintenancePlanned {
		t.Errorf("it is %s", m.State(noon))
	}
	ended, err := d.Stop(t.Context(), m.ID, "ada")
	if err != nil || ended.State(noon) != alerting.MaintenanceCancelled || ended.State(r.From.Add(time.Minute)) != alerting.MaintenanceCancelled {
		t.Errorf("it is %s, %v", ended.State(noon), err)
	}
	inForce, removed, quiet := d.kept()
	if len(inForce) != 0 || len(removed) != 1 || removed[0].RemovedBy != "ada" || len(quiet) != 0 {
		t.Errorf("in force %+v, removed %+v, quiet %+v", inForce, removed, quiet)
	}
	all, err := d.List(t.Context(), noon)
	if err != nil || len(all) != 1 || all[0].StoppedBy != "ada" {
		t.Errorf("the list is %+v, %v", all, err)
	}
}

// What people ended by hand before stays as they left it.
func TestStoppingLeavesWhatIsGoneAlready(t *testing.T) {
	d := newDesk(t, "checkout")
	m := d.start(request())
	if err := d.store.DeleteCorrection(t.Context(), m.Correction, "eve", noon); err != nil {
		t.Fatal(err)
	}
	d.now = noon.Add(time.Minute)
	if _, err := d.Stop(t.Context(), m.ID, "ada"); err != nil {
		t.Fatal(err)
	}
	if inForce, removed, _ := d.kept(); len(inForce) != 0 || len(removed) != 1 || removed[0].RemovedBy != "eve" {
		t.Errorf("in force %+v, removed %+v", inForce, removed)
	}
}

func TestARequestIsRefusedWithAllThatIsWrongAndLeavesNothing(t *testing.T) {
	for _, c := range []struct {
		name  string
		wrong func(r *Request)
		// want are the beginnings of the problems, one a line.
		want []string
	}{
		{"nothing at all", func(r *Request) { *r = Request{} }, []string{"title: it is missing", "reason: it is missing", "by: it is missing", "slos: it concerns nothing", "to: it is missing"}},
		{"a silence may not be so long", func(r *Request) { r.To = noon.Add(8 * 24 * time.Hour) }, []string{"to: it lasts longer than 7d; end it by 2026-03-08 12:00 UTC"}},
		{"an end before the start", func(r *Request) { r.From, r.To = noon.Add(3*time.Hour), noon.Add(time.Hour) }, []string{"to: it ends at"}},
		{"over", func(r *Request) { r.From, r.To = noon.Add(-2*time.Hour), noon.Add(-time.Hour) }, []string{"to: it is over already"}},
		{"long ago", func(r *Request) { r.From = noon.Add(-25 * time.Hour) }, []string{"from: it is more than a day ago"}},
		{"a pattern that is none", func(r *Request) { r.Services = []string{"check[out"} }, []string{`services: "check[out" is no name`}},
		{"a star alone", func(r *Request) { r.Services = []string{"*"} }, []string{`services: "*" picks nothing out`}},
		{"what can't be printed", func(r *Request) { r.Title = "a\u202eb" }, []string{"title: it holds what can't be printed"}},
	} {
		d := newDesk(t, "checkout")
		r := request()
		c.wrong(&r)
		var found slo.Problems
		if _, err := d.Start(t.Context(), r); !errors.As(err, &found) || len(found) != len(c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
			continue
		}
		for i, p := range found {
			if !strings.HasPrefix(p.String(), c.want[i]) || p.Instead == "" {
				t.Errorf("%s: %q, want %q", c.name, p, c.want[i])
			}
		}
		all, err := d.List(t.Context(), time.Time{})
		if inForce, _, quiet := d.kept(); len(inForce)+len(quiet)+len(all)+d.told != 0 || err != nil {
			t.Errorf("%s: there stay %+v, %+v, %+v, %v", c.name, inForce, quiet, all, err)
		}
	}
}

func TestOneThatKeepsMuchQuietHasToBeConfirmed(t *testing.T) {
	d := newDesk(t, "a", "b", "c", "d")
	r := request()
	r.Services, r.Journeys = nil, []string{"buy"}
	var wide *silences.TooWide
	if _, err := d.Start(t.Context(), r); !errors.As(err, &wide) || !strings.Contains(err.Error(), "4 of 4 SLOs") {
		t.Errorf("unconfirmed: %v", err)
	}
	if inForce, _, quiet := d.kept(); len(inForce)+len(quiet) != 0 {
		t.Errorf("there stay %+v, %+v", inForce, quiet)
	}
	r.Confirmed = true
	d.start(r)
}

// brokenStore fails when it is to write.
type brokenStore struct{ alerting.MaintenanceStore }

func (brokenStore) EditMaintenance(context.Context, string, func(*alerting.MaintenanceParts) (alerting.MaintenanceParts, error)) error {
	return errors.New("the disk is full")
}

func TestWhereTheStoreFailsNothingIsInForce(t *testing.T) {
	d := newDesk(t, "checkout")
	d.o.Store = brokenStore{d.store}
	if _, err := d.Start(t.Context(), request()); err == nil || d.told != 0 {
		t.Errorf("%v, told %d times", err, d.told)
	}
}
