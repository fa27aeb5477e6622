package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"burnline/internal/backup"
	"burnline/internal/harness/pagerduty"
	"burnline/internal/harness/postgres"
)

// earlierBackup puts a backup into a folder of backups.
func earlierBackup(t *testing.T, to string) string {
	t.Helper()
	m := &backup.Manifest{Program: "v1", Began: time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)}
	dir, err := backup.Write(t.Context(), to, m, []backup.Part{{Name: "state", Write: func(_ context.Context, dir string, _ *backup.Manifest) error {
		return os.WriteFile(filepath.Join(dir, backup.StateName), []byte("incidents"), 0o600)
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestAPlaceForBackupsFillsUpAndHangs runs a server whose folder of backups is a disk of its own: on a full one the earlier backup
// stays as it is and somebody is told until there is room, a drill counts by what the backup was counted by, and a
// folder that hangs does not keep the server from starting, serving and ending.
func TestAPlaceForBackupsFillsUpAndHangs(t *testing.T) {
	t.Parallel()
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey}})
	s.write("slos/shop.yaml", shortSLO)
	s.write("routing.key", routingKey)
	s.configure(fmt.Sprintf(`
data: data
backup: {to: backups}
alerting:
  global: {pagerduty_url: %q}
  receivers: [{name: oncall, pagerduty_configs: [{routing_key_file: routing.key}]}]
  route: {receiver: oncall}
`, listen(t, s.stand)+pagerduty.Path))
	place := onSmallDisk(s, "backups")
	earlier := earlierBackup(t, place.dir)
	place.fill(64 << 10)
	s.start()
	s.serveCustomers()
	s.eventually("somebody is told that no backup can be made", func() bool {
		for _, in := range s.stand.Incidents() {
			if text := in.Summaries[len(in.Summaries)-1]; strings.Contains(text, "The backup of") || strings.Contains(text, "BurnlineBackupFailed") {
				return true
			}
		}
		return false
	})
	hasAll(t, s.server.Output(), "is full, and the backups before stay as they are")
	if _, err := backup.Verify(t.Context(), earlier); err != nil {
		t.Error(err)
	}
	if all, err := backup.List(place.dir); err != nil || len(all) != 1 {
		t.Errorf("there are %v: %v", all, err)
	}

	place.free()
	server := "http://" + s.web
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	hasAll(t, command(t, 0, "backup", "--server", server), "the backup passed")
	s.eventually("it is over", func() bool { open, _ := s.incidents(); return open == 0 })

	// The SLO counts something else now; what was backed up did not.
	s.write("slos/shop.yaml", strings.ReplaceAll(shortSLO, "shop_requests_total", "other_requests_total"))
	resp, err := http.Post(server+"/-/reload", "", nil)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the reload is answered with %v: %v", resp, err)
	}
	_ = resp.Body.Close()
	hasAll(t, command(t, 0, "backup", "drill", "--server", server), "budgets compared", "1 budgets", "the restore drill passed")

	s.server.Kill()
	owner := filepath.Join(place.dir, "owner")
	if err := errors.Join(os.Remove(owner), syscall.Mkfifo(owner, 0o600)); err != nil { // whoever opens it waits for ever
		t.Fatal(err)
	}
	s.start()
	hung := make(chan int, 1)
	go func() {
		var out bytes.Buffer
		hung <- run(s.soon(), []string{"backup", "--server", server}, strings.NewReader(""), &out, &out)
	}()
	s.eventually("it serves", s.says("/-/ready", http.StatusOK, ""))
	if code, err := s.server.Stop(s.soon()); err != nil || code != 0 {
		t.Errorf("it ends with %d: %v", code, err)
	}
	if code := <-hung; code == 0 {
		t.Error("a backup to a folder that hangs is taken for made")
	}
	hasAll(t, s.server.Output(), "the last commits of the state were not copied")
}

// TestABackupGoesOnInPostgreSQL restores a state of SQLite into an empty PostgreSQL: open incidents stay what they are, and
// nobody is told of them again.
func TestABackupGoesOnInPostgreSQL(t *testing.T) {
	t.Parallel()
	s := backedUp(t)
	server := "http://" + s.web
	keys := s.openKeys()
	hasAll(t, command(t, 0, "backup", "--server", server), "the backup passed")
	s.stateCopied()
	s.server.Kill()
	events := len(s.stand.Events())
	dsn := postgres.Run(t).DSN("postgres")
	s.write("dsn", dsn)
	restore := []string{"restore", "--from", filepath.Join(s.dir, "backups"), "--dsn-file", filepath.Join(s.dir, "dsn"), "--data"}
	hasAll(t, command(t, 0, append(restore, filepath.Join(s.dir, "moved"))...), "restored to", "2 open incidents")
	hasAll(t, command(t, 1, append(restore, filepath.Join(s.dir, "again"))...), "holds a state already")

	text, err := os.ReadFile(filepath.Join(s.dir, "burnline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("burnline.yaml", strings.Replace(string(text), "data: data", fmt.Sprintf("data: moved\nstate: {dsn: %q}", dsn), 1))
	s.start()
	if got := s.openKeys(); fmt.Sprint(got) != fmt.Sprint(keys) {
		t.Errorf("open are %v, want %v", got, keys)
	}
	s.customers.Fail(false)
	over := paging("Disk")
	over.EndsAt = time.Now()
	s.told(over)
	s.eventually("all incidents end", func() bool { open, _ := s.incidents(); return open == 0 })
	for _, in := range s.stand.Incidents() {
		if in.Notifications != 1 {
			t.Errorf("%s was told %d times", in.Summaries[0], in.Notifications)
		}
	}
	if _, all := s.incidents(); all != 2 {
		t.Errorf("there are %d incidents at the stand-in, want 2; %d events came before", all, events)
	}
	// What was copied while the state was in SQLite is older than each backup from now on, and must not be restored.
	hasAll(t, command(t, 0, "backup", "--server", server), "the backup passed")
	if _, err := os.Stat(filepath.Join(s.dir, "backups", "state")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the copy from before the move stays: %v", err)
	}
}
