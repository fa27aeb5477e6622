package backup_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"burnline/internal/backup"
)

// claimed is a folder of backups that a server of another machine claimed, which is what change makes of its claim.
func claimed(t *testing.T, data string, change map[string]any) (folder string, by *backup.Claimant) {
	t.Helper()
	folder = t.TempDir()
	by = claimant(t, data)
	if err := by.Renew(folder, began); err != nil {
		t.Fatal(err)
	}
	altered(t, folder, change)
	return folder, by
}

// elsewhere has the claim of a folder be of another machine.
func elsewhere(t *testing.T, folder string) {
	t.Helper()
	altered(t, folder, map[string]any{"boot": "of another machine"})
}

// altered changes the claim on a folder.
func altered(t *testing.T, folder string, change map[string]any) {
	t.Helper()
	path := filepath.Join(folder, "claim")
	text, err := os.ReadFile(path)
	var all map[string]any
	if err = errors.Join(err, json.Unmarshal(text, &all)); err != nil {
		t.Fatal(err)
	}
	for key, value := range change {
		all[key] = value
	}
	if text, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func claimant(t *testing.T, data string) *backup.Claimant {
	t.Helper()
	c, err := backup.NewClaimant("shop-1", data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A rehearsal with the restored configuration must not replace what the server keeps that lives; a server that is started again, or restored
// after its machine was lost, goes on.
func TestAFolderOfBackupsHasOneServerAtATime(t *testing.T) {
	t.Parallel()
	elsewhere := map[string]any{"boot": "of another machine"}
	for name, c := range map[string]struct {
		change map[string]any
		copied bool // the data folder is another one
		after  time.Duration
		free   bool
	}{
		"the server lives on another machine":           {elsewhere, true, time.Minute, false},
		"it lives on this machine":                      {map[string]any{"pid": os.Getppid()}, true, time.Minute, false},
		"its clock is ahead":                            {elsewhere, true, -time.Hour, false},
		"its clock is behind":                           {elsewhere, true, 4 * time.Minute, false},
		"it was killed on this machine":                 {map[string]any{"pid": 1 << 30}, true, time.Second, true},
		"it was killed and is started again":            {elsewhere, false, time.Second, true},
		"it was killed and has another name, container": {map[string]any{"host": "f00d", "space": "pid:[1]"}, false, time.Second, true},
		"a full disk cut its claim":                     {map[string]any{"start": ""}, true, time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			folder, _ := claimed(t, data, c.change)
			if c.copied { // as cp -r copies it, token and all
				to := t.TempDir()
				if err := os.CopyFS(to, os.DirFS(data)); err != nil {
					t.Fatal(err)
				}
				data = to
			}
			err := claimant(t, data).Renew(folder, began.Add(c.after))
			if free := err == nil; free != c.free || !free && (!errors.Is(err, backup.ErrClaimed) || !strings.Contains(err.Error(), "shop-1 with the data folder")) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A machine that was cloned with its disk is told from the one that lives once both run: the one that claimed later goes on.
func TestAServerThatLostItsClaimStops(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	folder, first := claimed(t, data, map[string]any{"boot": "another", "start": "of the clone"})
	if err := first.Renew(folder, began.Add(time.Minute)); !errors.Is(err, backup.ErrClaimed) {
		t.Errorf("both write there: %v", err)
	}
	if err := os.Remove(filepath.Join(folder, "claim")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := first.Renew(folder, began.Add(2*time.Minute)); err != nil {
			t.Errorf("a folder that nobody claims: %v", err)
		}
	}
	if all := read(t, folder); len(all) != 1 {
		t.Errorf("there is %v", all)
	}
}

// Clocks of two machines differ, so how long a server was silent is measured by whoever waits for it.
func TestAClaimEndsOnceItWasSeenUnchangedForLong(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	folder, living := claimed(t, data, nil)
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	clone, ahead := claimant(t, to), began.Add(time.Hour)
	alive := func(err error) {
		t.Helper()
		if !errors.Is(err, backup.ErrClaimed) {
			t.Fatalf("the server that lives lost its folder: %v", err)
		}
	}
	elsewhere(t, folder)
	alive(clone.Renew(folder, ahead))
	alive(clone.Renew(folder, ahead.Add(2*time.Minute)))
	if err := living.Renew(folder, began.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	elsewhere(t, folder)
	alive(clone.Renew(folder, ahead.Add(4*time.Minute))) // it spoke meanwhile
	alive(clone.Renew(folder, ahead.Add(7*time.Minute)))
	if err := clone.Renew(folder, ahead.Add(7*time.Minute+time.Second)); err != nil {
		t.Errorf("it was silent for more than three minutes: %v", err)
	}
}

// A state that is moved goes on at once when its server ended in order. A rehearsal that stood beside it does not slip in while it is started again.
func TestAServerThatEndsGivesItsClaimUp(t *testing.T) {
	t.Parallel()
	elsewhere := map[string]any{"boot": "of another machine"}
	data := t.TempDir()
	folder, first := claimed(t, data, elsewhere)
	rehearsal := claimant(t, t.TempDir())
	if err := rehearsal.Renew(folder, began.Add(time.Minute)); !errors.Is(err, backup.ErrClaimed) {
		t.Errorf("beside a server that lives: %v", err)
	}
	if err := first.Release(folder, began.Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	altered(t, folder, elsewhere)
	if err := first.Renew(folder, began.Add(2*time.Minute)); err == nil {
		t.Error("a server that ended goes on writing")
	}
	if err := rehearsal.Renew(folder, began.Add(3*time.Minute)); !errors.Is(err, backup.ErrClaimed) {
		t.Errorf("a rehearsal slips in: %v", err)
	}
	if err := claimant(t, data).Renew(folder, began.Add(3*time.Minute)); err != nil {
		t.Errorf("it is started again: %v", err)
	}
	moved, second := claimed(t, data, elsewhere)
	if err := second.Release(moved, began.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	altered(t, moved, elsewhere)
	next := claimant(t, t.TempDir())
	if err := next.Renew(moved, began.Add(2*time.Second)); err != nil {
		t.Errorf("it is moved: %v", err)
	}
	if err := second.Release(moved, began.Add(3*time.Second)); err != nil {
		t.Error(err)
	}
	if err := next.Renew(moved, began.Add(time.Minute)); err != nil {
		t.Errorf("who left gave the claim of the next one up: %v", err)
	}
}
