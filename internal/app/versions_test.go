package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"burnline/slo"
	"burnline/slo/spec"
	"burnline/storage/state"
)

const versionedSLO = `
apiVersion: burnline/v1
kind: SLO
metadata: {name: availability}
spec:
  service: shop
  team: shop
  objective: 99.9
  sli: {events: {bad: 'hits_total{code="500"}', total: hits_total}}
`

// reworded returns the SLO after some text of it was replaced.
func reworded(t *testing.T, old, with string) slo.Definition {
	t.Helper()
	set, findings := spec.Parse("shop.yaml", []byte(strings.Replace(versionedSLO, old, with, 1)))
	if len(set.Definitions) != 1 {
		t.Fatal(findings)
	}
	return set.Definitions[0]
}

func TestEveryWordingOfAPromiseIsKept(t *testing.T) {
	store, err := state.Open(t.Context(), state.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	var defs []slo.Definition
	h := newHistorian(store, func() []slo.Definition { return defs }, slog.New(slog.DiscardHandler))
	h.now = func() time.Time { return now }
	for i, step := range []struct {
		what     string
		def      slo.Definition
		versions int
		changes  []string
		lowered  bool
	}{
		{"the first wording", reworded(t, "99.9", "99.9"), 1, nil, false},
		{"the same again", reworded(t, "99.9", "99.9"), 1, nil, false},
		{"the same in other words", reworded(t, "objective: 99.9", "objective: 99.90 # as promised"), 1, nil, false},
		{"a weaker promise", reworded(t, "99.9", "99.5"), 2, []string{"the objective was lowered from 99.9% to 99.5%"}, true},
		{"back again", reworded(t, "99.9", "99.9"), 3, []string{"the objective was raised from 99.5% to 99.9%"}, false},
	} {
		now = now.Add(time.Duration(i) * time.Hour)
		defs = []slo.Definition{step.def}
		if err := h.note(t.Context()); err != nil {
			t.Fatal(err)
		}
		all, err := store.Versions(t.Context(), "shop/availability")
		if err != nil || len(all) != step.versions {
			t.Fatalf("%s: %d versions, %v; want %d", step.what, len(all), err, step.versions)
		}
		newest := all[len(all)-1]
		if newest.Number != step.versions || len(step.changes) > 0 && (!slices.Equal(newest.Changes, step.changes) || newest.Lowered != step.lowered || !newest.Since.Equal(now)) {
			t.Errorf("%s: got %+v", step.what, newest)
		}
	}
}

func TestAnSLOThatIsRemovedAndComesBackIsNoted(t *testing.T) {
	store, err := state.Open(t.Context(), state.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	var defs []slo.Definition
	h := newHistorian(store, func() []slo.Definition { return defs }, slog.New(slog.DiscardHandler))
	h.now = func() time.Time { return now }
	for _, step := range []struct {
		what     string
		defs     []slo.Definition
		versions int
		ended    bool
		changes  string
	}{
		{"it comes", []slo.Definition{reworded(t, "99.9", "99.9")}, 1, false, ""},
		{"it goes", nil, 2, true, "the SLO was removed"},
		{"it is gone", nil, 2, true, "the SLO was removed"},
		{"it comes back as it was", []slo.Definition{reworded(t, "99.9", "99.9")}, 3, false, "the SLO is back"},
		{"it goes again", nil, 4, true, "the SLO was removed"},
		{"it comes back weaker", []slo.Definition{reworded(t, "99.9", "99.5")}, 5, false, "the SLO is back; the objective was lowered from 99.9% to 99.5%"},
	} {
		now = now.Add(time.Hour)
		defs = step.defs
		if err := h.note(t.Context()); err != nil {
			t.Fatal(err)
		}
		all, err := store.Versions(t.Context(), "shop/availability")
		if err != nil || len(all) != step.versions {
			t.Fatalf("%s: %d versions, %v; want %d", step.what, len(all), err, step.versions)
		}
		newest := all[len(all)-1]
		if newest.Ended != step.ended || strings.Join(newest.Changes, "; ") != step.changes {
			t.Errorf("%s: got %+v", step.what, newest)
		}
	}
}

func TestAnotherObjectiveAmongSeveralSucceedsTheOneThatIsGone(t *testing.T) {
	store, err := state.Open(t.Context(), state.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	var defs []slo.Definition
	h := newHistorian(store, func() []slo.Definition { return defs }, slog.New(slog.DiscardHandler))
	for _, step := range []struct {
		objectives string
		id         string
		changes    []string
		lowered    bool
		succeeds   string
	}{
		{"[99, 99.9]", "shop/availability/99.9", nil, false, ""},
		{"[99, 99.5]", "shop/availability/99.5", []string{"the objective was lowered from 99.9% to 99.5%"}, true, "shop/availability/99.9"},
		{"[90, 99, 99.5]", "shop/availability/90", nil, false, ""},
	} {
		set, findings := spec.Parse("shop.yaml", []byte(strings.Replace(versionedSLO, "objective: 99.9", "objectives: "+step.objectives, 1)))
		if defs = set.Definitions; len(findings.Errors()) > 0 {
			t.Fatal(findings)
		}
		if err := h.note(t.Context()); err != nil {
			t.Fatal(err)
		}
		all, err := store.Versions(t.Context(), step.id)
		if err != nil || len(all) != 1 {
			t.Fatalf("%s: %d versions of %s, %v", step.objectives, len(all), step.id, err)
		}
		if v := all[0]; !slices.Equal(v.Changes, step.changes) || v.Lowered != step.lowered || v.Succeeds != step.succeeds {
			t.Errorf("%s: got %+v", step.objectives, v)
		}
	}
}

// failing is a store that fails at first.
type failing struct {
	left  int
	saved []slo.Version
}

func (f *failing) NewestVersions(context.Context) ([]slo.Version, error) {
	if f.left > 0 {
		f.left--
		return nil, errors.New("the disk is full")
	}
	return nil, nil
}

func (f *failing) SaveVersions(_ context.Context, all ...slo.Version) error {
	f.saved = append(f.saved, all...)
	return nil
}

func TestAWordingThatCannotBeKeptNowIsKeptLater(t *testing.T) {
	def := reworded(t, "99.9", "99.9")
	synctest.Test(t, func(t *testing.T) {
		store := &failing{left: 3}
		h := newHistorian(store, func() []slo.Definition { return []slo.Definition{def} }, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithTimeout(t.Context(), 10*retryVersions)
		defer stop()
		if err := h.Run(ctx); err != nil || len(store.saved) != 1 {
			t.Errorf("%d versions saved, %v", len(store.saved), err)
		}
	})
}
