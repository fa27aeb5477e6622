package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/internal/harness/pagerduty"
	"burnline/slo"
)

// backedUp is a server with two open incidents, one of an SLO and one of an alert, that keeps backups.
func backedUp(t *testing.T) *story {
	t.Helper()
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey}})
	s.write("slos/shop.yaml", shortSLO)
	s.write("routing.key", routingKey)
	if err := os.Mkdir(filepath.Join(s.dir, "backups"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.configure(fmt.Sprintf(`
data: data
backup: {to: backups, keep: 2}
alerting:
  global: {pagerduty_url: %q, resolve_timeout: 2h}
  receivers: [{name: oncall, pagerduty_configs: [{routing_key_file: routing.key}]}]
  route: {receiver: oncall}
`, listen(t, s.stand)+pagerduty.Path))
	s.start()
	s.serveCustomers()
	s.told(paging("Disk"))
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	s.customers.Fail(true)
	s.eventually("both pages", func() bool { open, _ := s.incidents(); return open == 2 })
	return s
}

// command runs the program, and returns what it prints.
func command(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), args, strings.NewReader(""), &out, &errs); code != want {
		t.Fatalf("burnline %s exits with %d:\n%s%s", strings.Join(args, " "), code, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

// openKeys are the keys of open incidents, as the server's API has them.
func (s *story) openKeys() (keys []string) {
	var answer struct {
		Incidents []struct{ Key string }
	}
	if err := s.get("/api/v1/incidents?open=true", &answer); err != nil {
		s.t.Fatal(err)
	}
	for _, in := range answer.Incidents {
		keys = append(keys, in.Key)
	}
	slices.Sort(keys)
	return keys
}

// stateCopied waits until the copy of the state has everything of now.
func (s *story) stateCopied() {
	s.t.Helper()
	now := time.Now()
	s.eventually("a copy of the state", func() bool {
		var answer struct {
			StateCopied time.Time `json:"state_copied"`
		}
		return s.get("/api/v1/backups", &answer) == nil && answer.StateCopied.After(now)
	})
}

// hasAll requires that a text has all parts.
func hasAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("it does not say %q:\n%s", p, text)
		}
	}
}

// onlyForItsUser requires that nobody else reads or writes a file below the folders.
func onlyForItsUser(t *testing.T, folders ...string) {
	t.Helper()
	for _, folder := range folders {
		files := 0
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && path != folder {
				return nil // a server removes what it needs no more
			}
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := entry.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			files++
			if err == nil && info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %v", path, info.Mode())
			}
			return err
		})
		if err != nil || files == 0 {
			t.Errorf("%d files are looked at below %s: %v", files, folder, err)
		}
	}
}

// TestALostMachineIsRestoredWithItsBudgetsAndIncidents backs a server up while it runs, tries the backup, kills the
// server, and goes on from the backup in an empty folder: budgets are equal, open incidents are the same and
// close, and nobody is paged again.
func TestALostMachineIsRestoredWithItsBudgetsAndIncidents(t *testing.T) {
	t.Parallel()
	s := backedUp(t)
	s.customers.Leave()
	if err := s.customers.Flush(s.soon()); err != nil {
		t.Fatal(err)
	}
	total, failed := s.customers.Counts()
	want := slo.Counts{Good: float64(total - failed), Total: float64(total)}
	s.eventually(fmt.Sprintf("exactly %+v is counted", want), func() bool { return s.counted() == want })
	server := "http://" + s.web
	keys := s.openKeys()

	hasAll(t, command(t, 0, "backup", "--server", server), "state", "kept", "the backup passed")
	hasAll(t, command(t, 0, "backup", "drill", "--server", server), "sums verified", "state compared", "2 open incidents", "copied state restored", "budgets compared", "1 budgets", "the restore drill passed")
	hasAll(t, command(t, 0, "backup", "--server", server, "--to", filepath.Join(s.dir, "sent.tar")), "sent.tar", "2 open incidents", "Not in it, and needed", "routing.key", "customers.key")
	hasAll(t, command(t, 0, "restore", "--verify", "--from", filepath.Join(s.dir, "sent.tar")), "is sound", "2 open incidents")
	if _, text := s.ask("/api/v1/backups"); !strings.Contains(text, `"result":"passed"`) || !strings.Contains(text, "state_copied") {
		t.Errorf("the API says %s", text)
	}

	if _, err := os.Stat(filepath.Join(s.dir, "backups", "claim")); err != nil {
		t.Errorf("the server does not say that it writes there: %v", err)
	}

	onlyForItsUser(t, filepath.Join(s.dir, "data"), filepath.Join(s.dir, "backups"), filepath.Join(s.dir, "sent.tar"))

	// What happens after the backup is in the copy of the state.
	s.told(paging("Late"))
	s.eventually("the page of the alert after the backup", func() bool { _, all := s.incidents(); return all == 3 })
	s.stateCopied()
	killed := time.Now()
	s.server.Kill()
	if err := os.Rename(filepath.Join(s.dir, "data"), filepath.Join(s.dir, "lost")); err != nil {
		t.Fatal(err)
	}
	restored := command(t, 0, "restore", "--from", filepath.Join(s.dir, "backups"), "--data", filepath.Join(s.dir, "data"), "--config-to", filepath.Join(s.dir, "etc"))
	hasAll(t, restored, "restored to", "3 open incidents", "burnline.yaml", "shop.yaml")
	t.Logf("killed at %s\n%s", killed.UTC().Format(time.RFC3339Nano), restored)
	hasAll(t, command(t, 1, "restore", "--from", filepath.Join(s.dir, "backups"), "--data", filepath.Join(s.dir, "data")), "is not empty")
	requests := len(s.stand.Events())
	began := time.Now()
	s.start()
	s.eventually("the same budget", func() bool { return s.counted() == want })
	t.Logf("ready with the same budget %s after the start", time.Since(began))
	if got := s.openKeys(); len(got) != 3 || !slices.Contains(got, keys[0]) || !slices.Contains(got, keys[1]) {
		t.Errorf("open are %v; before they were %v and a later one", got, keys)
	}
	s.customers.Fail(false)
	for _, name := range []string{"Disk", "Late"} {
		over := paging(name)
		over.EndsAt = time.Now()
		s.told(over)
	}
	s.serveCustomers()
	s.eventually("all incidents end", func() bool { open, _ := s.incidents(); return open == 0 })
	if _, all := s.incidents(); all != 3 {
		t.Errorf("there are %d incidents at the stand-in, want 3; %d events came before", all, requests)
	}
	if code, err := s.server.Stop(s.soon()); code != 0 || err != nil {
		t.Errorf("it ends with %d: %v", code, err)
	}
	if claim, err := os.ReadFile(filepath.Join(s.dir, "backups", "claim")); err != nil || !strings.Contains(string(claim), `"left":true`) {
		t.Errorf("a server that ended keeps its claim: %s, %v", claim, err)
	}
}
