package state_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"burnline/internal/harness/patience"
	"burnline/storage/state"
)

// steps steps beside the test, and returns once the step hangs in a call of the system while it writes.
func steps(t *testing.T, h *state.Shipper) <-chan error {
	t.Helper()
	ended, name := make(chan error, 1), make(chan string, 1)
	go func() {
		own := make([]byte, 64)
		first, _, _ := strings.Cut(string(own[:runtime.Stack(own, false)]), "[") // such as "goroutine 42 "
		name <- first
		ended <- h.Step(t.Context())
	}()
	hanging, all := patience.Receive(t, "it begins", name)+"[syscall", make([]byte, 8<<20)
	patience.Until(t, "a step hangs", func() bool {
		for one := range strings.SplitSeq(string(all[:runtime.Stack(all, true)]), "\n\n") {
			if strings.HasPrefix(one, hanging) && strings.Contains(one, "(*Shipper).write(") {
				return true
			}
		}
		return false
	})
	return ended
}

// hangingPlace is a state whose copy hangs from the second log on, until release.
func hangingPlace(t *testing.T, o state.ShipOptions) (s *state.Spooled, h *state.Shipper, wal string, release func()) {
	t.Helper()
	options := sqlite(t)
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: options})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if h, err = s.NewShipper(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	committed(t, s, "first", 10)
	if err := h.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir, _, err := state.Shipped(o.To)
	if err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(dir, "00000002.wal") // whoever opens a pipe to write waits for a reader
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	return s, h, filepath.Join(options.Dir, state.FileName+"-wal"), func() {
		t.Helper()
		reader, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err = errors.Join(err, os.Remove(pipe)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = reader.Close() })
	}
}

// A folder that hangs holds up nobody who commits, and the log stays within its bound: the copy is given up, the one that is there can
// be restored from, and a new one begins when the folder answers.
func TestACopyWhoseFolderHangsIsGivenUpAndBeginsAnew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		held int64
		room func() error
	}{
		"the log may not grow further":         {held: 8 << 20},
		"the disk of the state is almost full": {held: 1 << 40, room: func() error { return errors.New("full") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := t.TempDir()
			s, h, wal, release := hangingPlace(t, state.ShipOptions{To: to, Mine: mine, Room: c.room})
			h.HoldAtMost(c.held)
			size := func() int64 {
				info, err := os.Stat(wal)
				if err != nil {
					t.Fatal(err)
				}
				return info.Size()
			}
			// The first log is sealed, so that the second one begins.
			keys := []string{"first"}
			more := func() {
				keys = append(keys, fmt.Sprintf("k%03d", len(keys)))
				committed(t, s, keys[len(keys)-1], 500_000)
			}
			for range 10 {
				more()
			}
			if err := h.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			shipped := slices.Clone(keys)
			more()
			stepped := steps(t, h)
			largest := int64(0)
			for range 60 { // 30 MB, or more in pages
				more()
				if err := h.Hold(t.Context()); err != nil {
					t.Fatal(err)
				}
				largest = max(largest, size())
			}
			if largest > 24<<20 {
				t.Errorf("the log grew to %d bytes while the folder hung", largest)
			}
			over, cancel := context.WithCancel(t.Context())
			cancel()
			if err := h.Step(over); !errors.Is(err, context.Canceled) {
				t.Errorf("a second step: %v", err)
			}
			release()
			if err := patience.Receive(t, "the step ends", stepped); err == nil {
				t.Error("what could not be written is taken for copied")
			}
			if got := openKeys(t, rebuilt(t, to)); !slices.Equal(got, shipped) {
				t.Errorf("the copy that hung has %d incidents, want %d", len(got), len(shipped))
			}
			if err := h.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := openKeys(t, rebuilt(t, to)); !slices.Equal(got, keys) {
				t.Errorf("the new copy has %d incidents, want %d", len(got), len(keys))
			}
		})
	}
}

// The end waits for a folder that hangs as long as it is told to, and what hung changes nothing any more.
func TestTheLastStepIsAbandonedWhenTheFolderHangs(t *testing.T) {
	t.Parallel()
	hang, asked := make(chan struct{}), make(chan struct{})
	var once sync.Once
	to := t.TempDir()
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: sqlite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	h, err := s.NewShipper(t.Context(), state.ShipOptions{To: to, Mine: func(context.Context) error {
		once.Do(func() { close(asked) })
		<-hang
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- h.Run(ctx) }()
	patience.Receive(t, "the folder is asked whose it is", asked)
	cancel()
	if err := patience.Receive(t, "the run ends", ran); err != nil {
		t.Error(err)
	}
	if err := h.Last(ctx); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("the last step ends with %v", err)
	}
	close(hang)
	if err := h.Step(t.Context()); err == nil {
		t.Errorf("a step after the last: %v", err)
	}
	if dir, _, err := state.Shipped(to); err != nil || dir != "" {
		t.Errorf("there is a copy %q: %v", dir, err)
	}
}
