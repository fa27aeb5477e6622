package state_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"burnline/storage/state"
)

// A disk that was swapped, mounted empty or cleaned has no copy: it must not pass for current because nothing was committed since, and a new
// copy begins without anybody doing anything.
func TestACopyThatIsGoneBeginsAnew(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(to, dir string) error{
		"somebody cleaned up":            func(_, dir string) error { return os.RemoveAll(dir) },
		"another disk is in its place":   func(to, _ string) error { return errors.Join(os.RemoveAll(to), os.Mkdir(to, 0o700)) },
		"the folder is not there":        func(to, _ string) error { return os.RemoveAll(to) },
		"its database is gone":           func(_, dir string) error { return os.Remove(filepath.Join(dir, "base.db")) },
		"its log is gone":                func(_, dir string) error { return os.Remove(filepath.Join(dir, "00000001.wal")) },
		"its log was cut":                func(_, dir string) error { return os.Truncate(filepath.Join(dir, "00000001.wal"), 100) },
		"a file is where its folder was": func(_, dir string) error { return errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)) },
	} {
		for _, then := range []string{"nothing happens", "an incident opens"} {
			t.Run(name+", and "+then, func(t *testing.T) {
				t.Parallel()
				s, h, to := shipped(t)
				want := []string{"k1"}
				committed(t, s, "k1", 10)
				if err := h.Step(t.Context()); err != nil {
					t.Fatal(err)
				}
				dir, _, err := state.Shipped(to)
				if err != nil {
					t.Fatal(err)
				}
				if err := lose(to, dir); err != nil {
					t.Fatal(err)
				}
				if then == "an incident opens" {
					want = append(want, "k2")
					committed(t, s, "k2", 10)
				}
				before := h.Current()
				if err := h.Step(t.Context()); err == nil || !h.Current().Equal(before) {
					t.Errorf("a copy that is not there is current as of %s: %v", h.Current(), err)
				}
				if err := h.Step(t.Context()); err != nil || !h.Current().After(before) {
					t.Fatalf("it does not begin anew: %v", err)
				}
				if keys := openKeys(t, rebuilt(t, to)); !slices.Equal(keys, want) {
					t.Errorf("restored are %v, want %v", keys, want)
				}
			})
		}
	}
}

// A copy that got its name and then could not be written to the disk is made anew, since it can't get its name twice.
func TestACopyThatFailsAtItsEndIsMadeAnew(t *testing.T) {
	t.Parallel()
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: sqlite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	to, stop := t.TempDir(), func() {}
	h, err := s.NewShipper(t.Context(), state.ShipOptions{To: to, Mine: func(context.Context) error { stop(); return nil }})
	if err != nil {
		t.Fatal(err)
	}
	committed(t, s, "k1", 6<<20) // more than a log has before it is written to the database, which takes the context
	ctx, cancel := context.WithCancel(t.Context())
	stop = cancel
	if err := h.Step(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("the first step: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(to, "*", "base.db.unfinished"))
	if err != nil || len(left) != 1 {
		t.Fatalf("there are %v: %v", left, err)
	}
	if err := os.Rename(left[0], filepath.Join(filepath.Dir(left[0]), "base.db")); err != nil {
		t.Fatal(err)
	}
	if err := h.Step(t.Context()); err == nil {
		t.Fatal("it was renamed twice")
	}
	if err := h.Step(t.Context()); err != nil {
		t.Fatalf("it is tried again and again: %v", err)
	}
	if keys := openKeys(t, rebuilt(t, to)); !slices.Equal(keys, []string{"k1"}) {
		t.Errorf("restored are %v", keys)
	}
	if entries, err := os.ReadDir(to); err != nil || len(entries) != 1 {
		t.Errorf("what failed stays: %v, %v", entries, err)
	}
}
