package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"time"

	"burnline/internal/harness/postgres"
)

// TestPagesArriveWhilePostgreSQLIsAway takes PostgreSQL away from the real program: a page that becomes due
// arrives, over a kill too, and when PostgreSQL is back the story is told there once.
func TestPagesArriveWhilePostgreSQLIsAway(t *testing.T) {
	t.Parallel()
	for name, killed := range map[string]bool{"": false, "and the program is killed meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := postgres.Run(t)
			s := newStory(t, nil, fmt.Sprintf("state: {dsn: %q}", database.DSN("postgres")))
			text := func(path string) string { _, body := s.ask(path); return body }
			s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
			if err := database.Halt(); err != nil {
				t.Fatal(err)
			}
			s.customers.Fail(true)
			s.eventually("the page arrives", func() bool { return len(s.stand.Events()) == 1 })
			s.eventually("the reader of any page is told", func() bool {
				return strings.Contains(text("/"), "local spool") && strings.Contains(text("/-/ready"), "local spool")
			})
			if killed {
				s.server.Kill()
				s.start()
			}
			if err := database.Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.eventually("PostgreSQL is used again", func() bool {
				return strings.Contains(s.server.Output(), "PostgreSQL is back and reconciled") && s.withoutSpool()
			})
			s.customers.Fail(false)
			s.eventually("the resolve arrives", func() bool { open, all := s.incidents(); return open == 0 && all == 1 })
			var actions []string
			for _, e := range s.stand.Events() {
				actions = append(actions, e.Event.EventAction)
			}
			// A killed program may have died before it noted the answer: the same key is sent again.
			want := map[string]bool{"trigger resolve": true, "trigger trigger resolve": killed}
			if got := strings.Join(actions, " "); !want[got] {
				t.Errorf("PagerDuty was sent %s", got)
			}
			if n := strings.Count(text("/api/v1/incidents"), `"opened":`); n == 0 {
				t.Error("the ledger has no incident")
			}
			if code, err := s.server.Stop(s.soon()); code != 0 || err != nil {
				t.Errorf("the server ended with %d, %v", code, err)
			}
		})
	}
}

// withoutSpool reports whether the server is ready and says nothing of its spool.
func (s *story) withoutSpool() bool {
	status, text := s.ask("/-/ready")
	return status == http.StatusOK && !strings.Contains(text, "spool")
}

// copied waits until the spool has a copy of what PostgreSQL holds now.
func (s *story) copied() {
	s.t.Helper()
	since := time.Now()
	s.eventually("the spool has a copy of what there is", func() bool {
		asked, age := time.Now(), s.metric("burnline_state_copy_age_seconds")
		return age > 0 && asked.Add(-time.Duration(age*float64(time.Second))).After(since)
	})
}
