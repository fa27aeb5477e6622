package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"burnline/internal/datadir"
	"burnline/internal/harness/patience"
	"burnline/web"
)

// What does not answer is said to, is asked once, and is asked again when it has answered.
func TestAPlaceThatDoesNotAnswerIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "routing.key")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	hang, looks := make(chan struct{}), atomic.Int64{}
	x := &examination{places: newPlaces(time.Millisecond), parts: &parts{disk: &disk{dir: "data", look: func(string) (datadir.Room, error) {
		looks.Add(1)
		<-hang
		return datadir.Room{Free: 90, Size: 100}, nil
	}}}}
	for range 2 {
		if err := x.canRead(t.Context(), fifo); err == nil || !strings.Contains(err.Error(), fifo+" does not answer") {
			t.Errorf("a file that nobody writes to: %v", err)
		}
		x.disk(t.Context(), "backups")
	}
	patience.Until(t, "the place is asked", func() bool { return looks.Load() > 0 })
	if looks.Load() != 1 || len(x.found) != 2 || x.found[1].Level != web.DiagnosisProblem || !strings.Contains(x.found[1].Message, "backups does not answer") {
		t.Errorf("asked %d times, a folder that hangs is told as %+v", looks.Load(), x.found)
	}
	close(hang)
	x.places.patience = time.Hour
	patience.Until(t, "the folder answers again", func() bool {
		x.disk(t.Context(), "backups")
		return x.found[len(x.found)-1].Level == web.DiagnosisOK
	})
	w, err := os.OpenFile(fifo, os.O_WRONLY, 0) // who waits for it goes on
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	patience.Until(t, "the file answers again", func() bool { return x.canRead(t.Context(), fifo) == nil })
	if err := x.canRead(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// Who asks while another look hangs waits no longer than it wants to.
func TestALookThatHangsKeepsNobodyElse(t *testing.T) {
	t.Parallel()
	d := newDoctor(nil)
	d.turn <- struct{}{} // somebody looks
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if found := d.look(ctx); len(found) != 1 || found[0].Level != web.DiagnosisProblem {
		t.Errorf("found is %+v", found)
	}
}
