package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"burnline/internal/harness/postgres"
)

// Customers read on an address of its own how paying goes, also while PostgreSQL is away; nothing else is
// reachable there, and nothing of the inside is told.
func TestCustomersReadTheStatusPageAlsoWithoutPostgreSQL(t *testing.T) {
	t.Parallel()
	database := postgres.Run(t)
	apart := freeAddress(t)
	s := newStory(t, nil, fmt.Sprintf(`state: {dsn: %q}
status_page:
  listen: %q
  title: The shop
  journeys: [{name: Paying, journey: buy, description: With cards.}]`, database.DSN("postgres"), apart))
	read := func(path string) string {
		resp, err := http.Get("http://" + apart + path)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			return err.Error()
		}
		return resp.Status + " " + string(text)
	}
	s.eventually("paying works", func() bool { return strings.Contains(read("/"), "Everything works.") })
	s.eventually("it is said where customers look", func() bool {
		return strings.Contains(s.server.Output(), "customers    http://"+apart+"/status")
	})
	if _, page := s.ask("/status"); !strings.Contains(page, "The shop") {
		t.Errorf("beside the other pages it is %.300s", page)
	}
	for _, path := range []string{"/slo/shop/availability", "/metrics", "/api/v1/slos", "/-/healthy", "/incidents", "/api/v1/status/posts"} {
		if answer := read(path); !strings.HasPrefix(answer, "404") {
			t.Errorf("%s is reachable: %.100s", path, answer)
		}
	}
	if _, errs := s.writes(1, "post", "We look into it.", "--journey", "buy", "--by", "ada"); !strings.Contains(errs, "write Paying") {
		t.Errorf("a journey that customers don't know: %s", errs)
	}

	s.customers.Fail(true)
	s.eventually("customers read that paying fails", func() bool {
		page := read("/status")
		return strings.Contains(page, "Paying is down.") || strings.Contains(page, "Paying fails for some customers.")
	})
	out, _ := s.writes(0, "post", "We look into it.", "--journey", "Paying", "--by", "ada")
	id := regexp.MustCompile(`^[0-9a-f-]{36}`).FindString(out)
	s.eventually("customers read what was written", func() bool {
		return strings.Contains(read("/status"), "We look into it.") && strings.Contains(read("/status/feed.xml"), "We look into it.")
	})
	s.copied()
	if err := database.Halt(); err != nil {
		t.Fatal(err)
	}
	s.eventually("the state is away", func() bool { _, text := s.ask("/-/ready"); return strings.Contains(text, "local spool") })
	s.customers.Fail(false)
	s.eventually("customers read that paying works, and what was written", func() bool {
		page := read("/status")
		return strings.Contains(page, "Everything works.") && strings.Contains(page, "We look into it.")
	})
	for _, word := range []string{"availability", "shop_requests", "runbooks.example.com", "oncall", "ada", "job"} {
		for _, path := range []string{"/status", "/status.json", "/status/feed.xml", "/status/badge/paying.svg"} {
			if strings.Contains(read(path), word) {
				t.Errorf("%s tells of %s", path, word)
			}
		}
	}
	if err := database.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.eventually("PostgreSQL is used again", s.withoutSpool)
	s.writes(0, "remove", id, "--by", "grace")
	s.eventually("nobody reads it any more", func() bool { return !strings.Contains(read("/status"), "We look into it.") })
	if out, _ := s.writes(0, "list"); !strings.Contains(out, "We look into it.  ada  grace") {
		t.Errorf("the list is\n%s", out)
	}
}

// writes runs burnline status against the story's server.
func (s *story) writes(code int, args ...string) (out, errs string) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"status", "--server", "http://" + s.web}, args...)
	if got := run(s.soon(), args, strings.NewReader(""), &stdout, &stderr); got != code {
		s.t.Fatalf("burnline %s ended with %d: %s%s", strings.Join(args, " "), got, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}
