package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A maintenance is one act: it holds the page back and takes the errors out of the budget, survives
// a kill of the server, and when it is stopped early what fails from then on is told.
func TestAMaintenanceIsOneAct(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	if _, errs := s.maintenance(1, "start", "A new database", "--service", "shop", "--for", "8d"); !strings.Contains(errs, "to: it lasts longer than 7d") ||
		!strings.Contains(errs, "reason: it is missing") || !strings.Contains(errs, "by: it is missing") || !strings.Contains(errs, "nothing was changed") {
		t.Errorf("one without measure: %s", errs)
	}
	out, _ := s.maintenance(0, "start", "A new database", "--service", "shop", "--for", "1h", "--reason", "CHG-1", "--by", "ada")
	id := regexp.MustCompile(`^maintenance-[0-9a-z-]+`).FindString(out)
	if id == "" || !strings.Contains(out, "is in force for 1 SLO: now, until ") || !strings.Contains(out, "burnline maintenance stop "+id) {
		t.Fatalf("started: %q", out)
	}

	s.server.Kill()
	s.start()
	if out, _ := s.maintenance(0, "list"); !strings.Contains(out, id+"  running  A new database  shop") {
		t.Errorf("after a kill the list is\n%s", out)
	}
	if out, _ := s.corrections(0, "list"); !strings.Contains(out, id+"  maintenance  1") {
		t.Errorf("the corrections are\n%s", out)
	}
	if out, _ := s.silence(0, "list"); !strings.Contains(out, `service="shop"  now, until `) {
		t.Errorf("the silences are\n%s", out)
	}
	s.customers.Fail(true)
	failed := time.Now()
	s.eventually("far more errors came than a page needs", func() bool {
		if n := len(s.stand.Events()); n != 0 {
			t.Fatalf("%d events arrived during maintenance: %+v", n, s.stand.Events())
		}
		return time.Since(failed) > 6*time.Second
	})

	if out, _ := s.maintenance(0, "stop", id, "--by", "grace"); !strings.Contains(out, "is over") {
		t.Errorf("stopped: %q", out)
	}
	s.eventually("what still fails is told", func() bool { return len(s.stand.Events()) == 1 })
	if out, _ := s.silence(0, "list"); out != "There are no silences.\n" {
		t.Errorf("the silences are\n%s", out)
	}
	if out, _ := s.corrections(0, "list"); !strings.Contains(out, id+"  maintenance  1     past, from ") {
		t.Errorf("what is over of it has to stay corrected:\n%s", out)
	}
	if _, errs := s.maintenance(1, "stop", id, "--by", "grace"); !strings.Contains(errs, "the maintenance is over since") {
		t.Errorf("stopped again: %s", errs)
	}
	if out, _ := s.maintenance(0, "list"); out != "There are no maintenances.\n" {
		t.Errorf("the list is\n%s", out)
	}
	if out, _ := s.maintenance(0, "list", "--over"); !strings.Contains(out, "stopped by grace") {
		t.Errorf("with what is over the list is\n%s", out)
	}
}

// maintenance runs burnline maintenance against the story's server.
func (s *story) maintenance(code int, args ...string) (out, errs string) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"maintenance", "--server", "http://" + s.web}, args...)
	if got := run(s.soon(), args, strings.NewReader(""), &stdout, &stderr); got != code {
		s.t.Fatalf("burnline %s ended with %d: %s%s", strings.Join(args, " "), got, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}
