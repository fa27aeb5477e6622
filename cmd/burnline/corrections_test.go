package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A maintenance that is entered while errors run holds the page back; when it is
// removed, the errors count after all, and the page comes.
func TestMaintenanceHoldsThePageUntilItIsRemoved(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	s.corrections(0, "add", "--id", "deploy", "--service", "shop", "--for", "1h", "--reason", "a new database", "--by", "ada")
	if out, _ := s.corrections(0, "add", "--id", "slip", "--service", "shpo", "--from", "2026-03-01", "--for", "1h", "--reason", "a slip", "--by", "ada"); !strings.Contains(out, "concerns none of the SLOs") {
		t.Errorf("a slip in the service: %q", out)
	}
	if out, _ := s.corrections(0, "list"); !strings.Contains(out, "deploy  maintenance  1") || !strings.Contains(out, "a new database  ada") {
		t.Errorf("the list is %q", out)
	}
	if _, errs := s.corrections(1, "add", "--id", "deploy", "--service", "shop", "--for", "1h", "--reason", "again", "--by", "ada"); !strings.Contains(errs, "another correction has this ID") {
		t.Errorf("the ID again: %q", errs)
	}

	s.customers.Fail(true)
	s.eventually("the status says that alerts are held back", func() bool {
		for _, st := range s.statuses() {
			if strings.Contains(st.Reason, "held: a new database until") {
				return true
			}
		}
		return false
	})
	failed := time.Now()
	s.eventually("far more errors came than a page needs", func() bool {
		if n := len(s.stand.Events()); n != 0 {
			t.Fatalf("%d events arrived during maintenance: %+v", n, s.stand.Events())
		}
		return time.Since(failed) > 8*time.Second
	})

	// One of a file takes its place, and is removed in its file.
	s.write("slos/patching.yaml", fileMaintenance(time.Now()))
	s.eventually("the file is read", func() bool {
		out, _ := s.corrections(0, "list")
		return strings.Contains(out, "patching")
	})
	s.corrections(0, "remove", "deploy", "--by", "grace")
	if _, errs := s.corrections(1, "remove", "patching", "--by", "grace"); !strings.Contains(errs, "patching.yaml:2") {
		t.Errorf("removing one of a file: %q", errs)
	}
	removed := time.Now()
	s.eventually("alerts are still held back", func() bool {
		if n := len(s.stand.Events()); n != 0 {
			t.Fatalf("%d events arrived during maintenance: %+v", n, s.stand.Events())
		}
		return time.Since(removed) > 2*time.Second
	})
	if err := os.Remove(filepath.Join(s.dir, "slos", "patching.yaml")); err != nil {
		t.Fatal(err)
	}
	s.eventually("the page arrives", func() bool { return len(s.stand.Events()) == 1 })
	if out, _ := s.corrections(0, "list", "--removed"); !strings.Contains(out, "removed by grace on ") {
		t.Errorf("who removed it isn't listed: %q", out)
	}
}

// fileMaintenance is a correction as files have it.
func fileMaintenance(now time.Time) string {
	return fmt.Sprintf(`
apiVersion: burnline/v1
kind: Correction
metadata: {name: patching}
spec: {kind: maintenance, services: [shop], from: %q, to: %q, reason: weekly patching, author: ada}
`, now.Add(-time.Hour).UTC().Format(time.RFC3339), now.Add(time.Hour).UTC().Format(time.RFC3339))
}

// corrections runs burnline corrections against the story's server.
func (s *story) corrections(code int, args ...string) (out, errs string) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"corrections", "--server", "http://" + s.web}, args...)
	if got := run(s.soon(), args, strings.NewReader(""), &stdout, &stderr); got != code {
		s.t.Fatalf("burnline %s ended with %d: %s%s", strings.Join(args, " "), got, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}
