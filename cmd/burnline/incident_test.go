package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What people write of an incident survives a kill of the server, and stands in the draft of its
// postmortem.
func TestWhatFollowsAnIncidentIsKept(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	s.customers.Fail(true)
	s.eventually("the page arrives", func() bool { return len(s.stand.Events()) == 1 })

	if _, errs := s.incident(1, "note", "shop/availability", " ", "--by", "ada"); !strings.Contains(errs, "text: it is missing; write what is to be kept") {
		t.Errorf("a note that says nothing: %s", errs)
	}
	if _, errs := s.incident(1, "note", "never-was", "x", "--by", "ada"); !strings.Contains(errs, `there is no incident whose key begins with "never-was"`) {
		t.Errorf("a note of nothing: %s", errs)
	}
	if out, _ := s.incident(0, "note", "shop/availability", "the bank | <b>does not</b> answer", "--by", "ada"); !strings.HasPrefix(out, "Noted at ") {
		t.Errorf("noted: %q", out)
	}
	due := time.Now().UTC().AddDate(0, 0, 7).Format(time.DateOnly)
	out, _ := s.incident(0, "actions", "shop/availability", "--add", "time out after 2 s", "--owner", "ben", "--due", due, "--by", "ada")
	id := regexp.MustCompile(`^[0-9a-f]{12}`).FindString(out)
	if id == "" || !strings.Contains(out, "  open     "+due+"  ben  time out after 2 s") {
		t.Fatalf("added: %q", out)
	}
	if out, _ := s.incident(0, "review", "shop/availability", "useful", "--why", "customers could not pay", "--by", "grace"); out != "Judged useful by grace.\n" {
		t.Errorf("judged: %q", out)
	}

	s.server.Kill()
	s.start()
	if out, _ := s.incident(0, "actions"); !strings.Contains(out, id) {
		t.Errorf("after a kill the open actions are\n%s", out)
	}
	if out, _ := s.incident(0, "actions", "shop/availability", "--done", id, "--by", "ben"); !strings.Contains(out, id+"  done") {
		t.Errorf("done: %q", out)
	}
	if out, _ := s.incident(0, "actions"); out != "There are no actions.\n" {
		t.Errorf("then open are\n%s", out)
	}
	out, _ = s.incident(0, "review", "shop/availability")
	for _, want := range []string{"told          20", "verdict       useful, by grace: customers could not pay", "ada: the bank | <b>does not</b> answer", id + "  done"} {
		if !strings.Contains(out, want) {
			t.Errorf("the review does not say %q:\n%s", want, out)
		}
	}
	out, _ = s.incident(0, "postmortem", "shop/availability")
	for _, want := range []string{"# Postmortem: ", "## Timeline", "Note by ada", `the bank \| &lt;b&gt;does not&lt;/b&gt; answer`, "Judged useful by grace", "Trigger accepted by", "| time out after 2 s | ben | " + due + " | done |", "## Why it happened"} {
		if !strings.Contains(out, want) {
			t.Errorf("the draft does not say %q:\n%s", want, out)
		}
	}
}

// incident runs burnline incident against the story's server.
func (s *story) incident(code int, args ...string) (out, errs string) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"incident", "--server", "http://" + s.web}, args...)
	if got := run(s.soon(), args, strings.NewReader(""), &stdout, &stderr); got != code {
		s.t.Fatalf("burnline %s ended with %d: %s%s", strings.Join(args, " "), got, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}
