package app

import (
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/corrections"
	"burnline/storage/state"
)

// told remembers what the engine was told last.
type told struct{ ids []string }

func (e *told) Correct(all []slo.Correction) {
	e.ids = nil
	for _, c := range all {
		if c.Rule != "" && c.Schedule == nil {
			c.ID += " without its schedule"
		}
		e.ids = append(e.ids, c.ID)
	}
}

func (e *told) Corrections(string, time.Time, time.Time) []slo.Applied { return nil }

func TestCorrectionsOfFilesAndEnteredOnesAreInForceTogether(t *testing.T) {
	store, err := state.Open(t.Context(), state.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	weekly := func(id, file string) slo.Correction {
		from := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
		c := slo.Correction{ID: id, Kind: slo.Maintenance, Services: []string{"shop"}, From: from, To: from.Add(time.Hour),
			Rule: "FREQ=WEEKLY", Reason: "patching", Author: "ada", Source: slo.Source{File: file, Line: 3}}
		if err := corrections.Compile(&c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	engine := &told{}
	open := func() *book {
		b := &book{store: store, engine: engine, now: time.Now, logger: slog.New(slog.DiscardHandler)}
		if err := b.open(t.Context(), []slo.Correction{weekly("nightly", "slos/nightly.yaml")}); err != nil {
			t.Fatal(err)
		}
		return b
	}
	inForce := func(when string, want ...string) {
		t.Helper()
		if !slices.Equal(engine.ids, want) {
			t.Errorf("%s the engine has %q, want %q", when, engine.ids, want)
		}
	}
	b := open()
	inForce("at the start", "nightly")
	if err := b.Add(t.Context(), weekly("deploy", "")); err != nil {
		t.Fatal(err)
	}
	inForce("after one was entered", "nightly", "deploy")
	for _, id := range []string{"nightly", "deploy"} {
		if err := b.Add(t.Context(), weekly(id, "")); !errors.Is(err, corrections.ErrTaken) {
			t.Errorf("the ID %s again: %v", id, err)
		}
	}
	b = open()
	inForce("after a restart", "nightly", "deploy")
	b.replace([]slo.Correction{weekly("other", "slos/other.yaml")})
	inForce("after a reload", "other", "deploy")

	// Another node on the same state enters one and removes one.
	if err := store.SaveCorrection(t.Context(), weekly("elsewhere", "")); err != nil {
		t.Fatal(err)
	}
	if err := store.DeleteCorrection(t.Context(), "deploy", "grace", time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		if changed, err := b.reread(t.Context()); err != nil || changed != want {
			t.Errorf("reading again: changed %v, %v, want %v", changed, err, want)
		}
	}
	b.tell()
	inForce("after reading again", "other", "elsewhere")

	if err := b.Remove(t.Context(), "other", "ada"); !errors.Is(err, corrections.ErrFile) {
		t.Errorf("removing one of a file: %v", err)
	}
	if err := b.Remove(t.Context(), "elsewhere", "ada"); err != nil {
		t.Fatal(err)
	}
	inForce("after it was removed", "other")
	if err := b.Remove(t.Context(), "elsewhere", "ada"); !errors.Is(err, corrections.ErrUnknown) {
		t.Errorf("removing it again: %v", err)
	}
	_, removed, err := b.List(t.Context())
	if err != nil || len(removed) != 2 || removed[0].RemovedBy != "grace" || removed[1].RemovedBy != "ada" {
		t.Errorf("removed are %+v, %v", removed, err)
	}
}

// A correction whose time zone the system has lost must not be news at every look.
func TestACorrectionThatCanNotBeAppliedIsSaidOnce(t *testing.T) {
	store, err := state.Open(t.Context(), state.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	from := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	sound := slo.Correction{ID: "b", Kind: slo.Exclusion, Services: []string{"shop"}, From: from, To: from.Add(time.Hour), Reason: "r", Author: "ada"}
	lost := sound
	lost.ID, lost.Zone = "a", "Mars/Olympus"
	if err := store.SaveCorrection(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	b := &book{store: store, engine: &told{}, now: time.Now, logger: slog.New(slog.DiscardHandler)}
	if err := b.open(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	look := func(when string) {
		t.Helper()
		if changed, err := b.reread(t.Context()); changed || err != nil {
			t.Errorf("%s they changed: %v, %v", when, changed, err)
		}
	}
	look("at once")
	if err := b.Add(t.Context(), sound); err != nil {
		t.Fatal(err)
	}
	look("after an entry")
	if err := b.Remove(t.Context(), "b", "grace"); err != nil {
		t.Fatal(err)
	}
	look("after a removal")
	other := sound
	other.ID = "c"
	if err := store.SaveCorrection(t.Context(), other); err != nil { // another node
		t.Fatal(err)
	}
	if all, _, err := b.List(t.Context()); err != nil || indexOf(all, "c") < 0 {
		t.Errorf("the list lacks what another node has just entered: %v, %v", all, err)
	}
}
