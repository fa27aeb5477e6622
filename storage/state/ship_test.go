package state_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"burnline/internal/harness/patience"
	"burnline/slo"
	"burnline/storage/state"
)

// shipped opens a state in SQLite with what keeps a copy of it.
func shipped(t *testing.T) (*state.Spooled, *state.Shipper, string) {
	t.Helper()
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: sqlite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	to := t.TempDir()
	h, err := s.NewShipper(t.Context(), state.ShipOptions{To: to, Mine: mine})
	if err != nil {
		t.Fatal(err)
	}
	return s, h, to
}

// mine is said of every folder.
func mine(context.Context) error { return nil }

// rebuilt opens what is restored of a copy, and compares its rows with those of the state now.
func rebuilt(t *testing.T, to string) *state.Spooled {
	t.Helper()
	dir, at, err := state.Shipped(to)
	if err != nil || dir == "" || at.IsZero() {
		t.Fatalf("the copy is %q of %s: %v", dir, at, err)
	}
	o := sqlite(t)
	if err := state.Rebuild(t.Context(), dir, filepath.Join(o.Dir, state.FileName)); err != nil {
		t.Fatal(err)
	}
	if _, err := state.Inspect(t.Context(), filepath.Join(o.Dir, state.FileName)); err != nil {
		t.Fatal(err)
	}
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// committed commits an incident, of a size.
func committed(t *testing.T, s *state.Spooled, key string, size int) {
	t.Helper()
	tr := transition(slo.IncidentOpened, key, time.Minute)
	tr.Incident.SLO = "of/" + key
	c := planned(tr, [2]string{"oncall", "trigger"})
	tr.Reason = strings.Repeat("x", size)
	c.Transition = tr
	commit(t, s, c)
}

func TestACopyHasEveryCommitThatWasTaken(t *testing.T) {
	t.Parallel()
	s, h, to := shipped(t)
	var want []string
	for round := range 12 {
		for i := range 5 {
			want = append(want, fmt.Sprintf("k%02d-%d", round, i))
			committed(t, s, want[len(want)-1], 200_000) // so that logs begin anew
		}
		if err := h.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if round%4 != 3 {
			continue
		}
		if keys := openKeys(t, rebuilt(t, to)); !slices.Equal(keys, want) {
			t.Fatalf("after %d commits the copy has %d", len(want), len(keys))
		}
	}
	dir, _, err := state.Shipped(to)
	if err != nil {
		t.Fatal(err)
	}
	if logs, err := filepath.Glob(filepath.Join(dir, "*.wal")); err != nil || len(logs) < 2 {
		t.Errorf("the log never began anew: %v, %v", logs, err)
	}
	if h.Current().IsZero() {
		t.Error("it does not know how current the copy is")
	}
}

// Commits go on while the copy is taken, and the place of the copy is away for a while. Whatever is restored
// at any moment has the first so many commits, and no others.
func TestACopyIsAlwaysTheStateAsItWasOnce(t *testing.T) {
	t.Parallel()
	s, h, to := shipped(t)
	random := rand.New(rand.NewPCG(1, 2))
	var writing sync.WaitGroup
	const commits = 300
	writing.Go(func() {
		for i := range commits {
			committed(t, s, fmt.Sprintf("k%04d", i), random.IntN(100_000))
		}
	})
	ended := make(chan struct{})
	go func() { writing.Wait(); close(ended) }()
	away := filepath.Join(t.TempDir(), "away")
	for round, done := 0, false; !done; round++ {
		select {
		case <-ended:
			done = true
		default:
		}
		if round%7 == 3 {
			if err := os.Rename(to, away); err != nil {
				t.Fatal(err)
			}
			if err := h.Step(t.Context()); err == nil && !done {
				t.Log("nothing was to be taken while the place was away")
			}
			if err := os.Rename(away, to); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if round%5 != 0 && !done {
			continue
		}
		keys := openKeys(t, rebuilt(t, to))
		for i, key := range keys {
			if key != fmt.Sprintf("k%04d", i) {
				t.Fatalf("the copy has %s in the place of commit %d", key, i)
			}
		}
		if done && len(keys) != commits {
			t.Errorf("the copy has %d of %d commits", len(keys), commits)
		}
	}
	if entries, err := os.ReadDir(to); err != nil || len(entries) != 1 {
		t.Errorf("older copies stay: %v, %v", entries, err)
	}
}

// What a lost machine leaves of the last commit is half of it, and a copy whose making was broken off is none.
func TestACommitThatWasCopiedInPartIsLeftOut(t *testing.T) {
	t.Parallel()
	s, h, to := shipped(t)
	committed(t, s, "k1", 10)
	if err := h.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir, _, err := state.Shipped(to)
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "00000001.wal")
	before, err := os.Stat(log)
	if err != nil {
		t.Fatal(err)
	}
	committed(t, s, "k2", 50_000)
	if err := h.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(log)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(log, (before.Size()+after.Size())/2); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(to, "99990101T000000.000000000Z"), 0o700); err != nil {
		t.Fatal(err)
	}
	if keys := openKeys(t, rebuilt(t, to)); !slices.Equal(keys, []string{"k1"}) {
		t.Errorf("restored are %v", keys)
	}
}

// A state that is not the one of which the copy is leaves the copy as it is.
func TestACopyOfAnotherStateIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	s, h, to := shipped(t)
	a, err := s.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	committed(t, s, "before", 10)
	if err := h.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	empty, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: sqlite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = empty.Close() })
	if b, err := empty.Identity(t.Context()); err != nil || a == b {
		t.Errorf("two states are both %q: %v", b, err)
	}
	errOther := errors.New("it is another one's")
	other, err := empty.NewShipper(t.Context(), state.ShipOptions{To: to, Mine: func(context.Context) error { return errOther }})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Step(t.Context()); !errors.Is(err, errOther) {
		t.Errorf("it is copied: %v", err)
	}
	if c, err := rebuilt(t, to).Identity(t.Context()); err != nil || c != a {
		t.Errorf("what is restored is %q, want %q: %v", c, a, err)
	}
}

// Closing any descriptor of the database's file would end SQLite's own locks on it in this process, and a
// program that looks into the database could then remove its log.
func TestACopyLeavesTheLocksOfTheDatabase(t *testing.T) {
	t.Parallel()
	o := sqlite(t)
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	h, err := s.NewShipper(t.Context(), state.ShipOptions{To: t.TempDir(), Mine: mine})
	if err != nil {
		t.Fatal(err)
	}
	committed(t, s, "before", 10)
	// Locks that other processes take and leave meanwhile may hide some for one look.
	patience.Until(t, "SQLite has locks on its database", func() bool { return locksOn(t, filepath.Join(o.Dir, state.FileName)) > 0 })
	if err := h.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	patience.Until(t, "it still has them", func() bool { return locksOn(t, filepath.Join(o.Dir, state.FileName)) > 0 })
	runtime.KeepAlive(h) // as a server does, until its end: what nobody holds closes its file
}

// locksOn counts the locks that processes hold on a file.
func locksOn(t *testing.T, path string) (n int) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Fatal(err)
	}
	inode := fmt.Sprintf(":%d ", info.Sys().(*syscall.Stat_t).Ino)
	return strings.Count(string(all), inode)
}

// One start with a clock that is ahead leaves a copy whose name lies in the future; the next start's takes its place all the same.
func TestTheLastCopyIsTheNewestWhateverTheClockWas(t *testing.T) {
	t.Parallel()
	s, h, to := shipped(t)
	committed(t, s, "ahead", 1)
	if err := h.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir, _, err := state.Shipped(to)
	ahead := filepath.Join(to, "20360101T000000.000000000Z")
	if err = errors.Join(err, os.Rename(dir, ahead), os.Mkdir(filepath.Join(to, "mine"), 0o700)); err != nil {
		t.Fatal(err)
	}
	next, err := s.NewShipper(t.Context(), state.ShipOptions{To: to, Mine: mine})
	if err != nil {
		t.Fatal(err)
	}
	committed(t, s, "now", 1)
	if err := next.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if keys := openKeys(t, rebuilt(t, to)); !slices.Equal(keys, []string{"ahead", "now"}) {
		t.Errorf("the copy has %v", keys)
	}
	if dir, at, err := state.Shipped(to); err != nil || filepath.Base(dir) != "20360101T000000.000000001Z" || at.After(time.Now()) {
		t.Errorf("it is %s as of %s: %v", dir, at, err)
	}
	if left, err := filepath.Glob(filepath.Join(to, "*")); err != nil || len(left) != 2 { // the copy, and what is not the program's
		t.Errorf("there are %v: %v", left, err)
	}
}
