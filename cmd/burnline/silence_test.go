package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// A silence is previewed, refused, entered and listed, survives a kill of the server, and
// when it is ended early what is still open is told.
func TestASilenceHoldsThePageUntilItEnds(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })

	if out, _ := s.silence(0, "preview", "service=shop"); !strings.Contains(out, "messages of 1 of 1 SLOs:\n  shop/availability  pages and tickets") ||
		!strings.Contains(out, "0 of 0 open incidents") || !strings.Contains(out, "burns faster than 100") {
		t.Errorf("the preview is\n%s", out)
	}
	if _, errs := s.silence(1, "add", "service!=other", "--for", "8d"); !strings.Contains(errs, "says what to mute") ||
		!strings.Contains(errs, "longer than 7d") || !strings.Contains(errs, "reason: it is missing") || !strings.Contains(errs, "author: it is missing") {
		t.Errorf("a silence without measure: %s", errs)
	}
	out, _ := s.silence(0, "add", "service=shop", "--for", "1h", "--reason", "a new database", "--by", "ada", "--ceiling", "0")
	id := regexp.MustCompile(`^[0-9a-f-]{36}`).FindString(out)
	if id == "" || !strings.Contains(out, "is in force: now, until ") {
		t.Fatalf("entered: %q", out)
	}

	s.server.Kill()
	s.start()
	if out, _ := s.silence(0, "list"); !strings.Contains(out, id+`  service="shop"  now, until `) || !strings.Contains(out, "a new database  ada") {
		t.Errorf("after a kill the list is\n%s", out)
	}
	s.customers.Fail(true)
	s.eventually("the incident is open, and the preview knows it", func() bool {
		out, _ := s.silence(0, "preview", "service=shop")
		return strings.Contains(out, "1 of 1 open incidents") && strings.Contains(out, "page shop/availability, ")
	})
	if n := len(s.stand.Events()); n != 0 {
		t.Fatalf("%d events arrived in spite of the silence: %+v", n, s.stand.Events())
	}

	if out, _ := s.silence(0, "expire", id, "--by", "grace"); !strings.Contains(out, "is over") {
		t.Errorf("ended: %q", out)
	}
	s.eventually("the page arrives", func() bool { return len(s.stand.Events()) == 1 })
	if _, errs := s.silence(1, "expire", "never-was", "--by", "grace"); !strings.Contains(errs, "No silence has this ID.") {
		t.Errorf("one that never was: %s", errs)
	}
	if out, _ := s.silence(0, "list"); out != "There are no silences.\n" {
		t.Errorf("the list is\n%s", out)
	}
	if out, _ := s.silence(0, "list", "--expired"); !strings.Contains(out, "by grace") {
		t.Errorf("with what is over the list is\n%s", out)
	}
}

// silence runs burnline silence against the story's server.
func (s *story) silence(code int, args ...string) (out, errs string) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"silence", "--server", "http://" + s.web}, args...)
	if got := run(s.soon(), args, strings.NewReader(""), &stdout, &stderr); got != code {
		s.t.Fatalf("burnline %s ended with %d: %s%s", strings.Join(args, " "), got, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}
