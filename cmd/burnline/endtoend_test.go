package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"burnline/internal/harness/backends"
	"burnline/internal/harness/postgres"
)

// TestATotalOutageIsPagedOnceAndResolvedOnce tells the whole story with the
// real program on its embedded stores.
func TestATotalOutageIsPagedOnceAndResolvedOnce(t *testing.T) {
	t.Parallel()
	newStory(t, nil).outage()
}

// TestTheStoryIsTheSameOnOtherStores tells it with the state in PostgreSQL and
// the metrics in a backend of another make.
func TestTheStoryIsTheSameOnOtherStores(t *testing.T) {
	t.Parallel()
	database := postgres.Run(t)
	for name, start := range map[string]func(context.Context, string) (*backends.Backend, error){
		"PostgreSQL and Prometheus": backends.Prometheus, "PostgreSQL and VictoriaMetrics": backends.VictoriaMetrics,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backend := backends.Run(t, start)
			newStory(t, nil,
				fmt.Sprintf("state: {dsn: %q}", database.Database(t)),
				fmt.Sprintf("metrics: {remote: {write_url: %q, query_url: %q}}", backend.WriteURL, backend.QueryURL),
			).outage()
		})
	}
}

// TestATeamIsPagedByItsOwnKey adds teams to the SLO files of a server that runs.
func TestATeamIsPagedByItsOwnKey(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	s.write("key", teamKey+"\n")
	s.write("slos/teams.yaml", fmt.Sprintf(`
apiVersion: burnline/v1
kind: Teams
teams:
  shop: {parent: commerce, owners: [ana@example.com]}
  commerce: {pagerduty_key_file: %q}
`, filepath.Join(s.dir, "key")))
	s.eventually("the teams are known", func() bool { return strings.Contains(s.server.Output(), "msg=reloaded") })
	s.customers.Fail(true)
	s.eventually("the page arrives", func() bool { return len(s.stand.Events()) > 0 })
	if got := s.stand.Events()[0].Event.RoutingKey; got != teamKey {
		t.Errorf("the page went to the key %s, not to that of the team above", got)
	}
}

// outage tells the story: steady requests, then every request fails, then none.
func (s *story) outage() {
	t := s.t
	t.Helper()
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	if n := len(s.stand.Events()); n != 0 {
		t.Fatalf("%d events arrived while all was well", n)
	}

	s.customers.Fail(true)
	s.eventually("the page arrives", func() bool { return len(s.stand.Events()) == 1 })
	page := s.stand.Events()[0].Event
	for _, part := range []string{"Buying", "since", "budget"} {
		if !strings.Contains(page.Payload.Summary, part) {
			t.Errorf("the page %q does not say %q", page.Payload.Summary, part)
		}
	}
	for _, link := range page.Links {
		address, ours := strings.CutPrefix(link.Href, "http://"+s.web)
		if ours && !s.opens(address) {
			t.Errorf("the page's link %s does not open", link.Href)
		}
	}

	s.customers.Fail(false)
	s.eventually("the resolve arrives", func() bool { open, all := s.incidents(); return open == 0 && all == 1 })
	events := s.stand.Events()
	if len(events) != 2 || events[0].Event.EventAction != "trigger" || events[1].Event.EventAction != "resolve" {
		t.Fatalf("wanted one trigger and one resolve, got %+v", events)
	}
	if events[0].Event.DedupKey != events[1].Event.DedupKey {
		t.Errorf("the resolve has the key %q, the trigger %q", events[1].Event.DedupKey, events[0].Event.DedupKey)
	}
	if code, err := s.server.Stop(s.soon()); code != 0 || err != nil {
		t.Errorf("the server ended with %d, %v", code, err)
	}
}

// opens reports whether the server has a page at the address.
func (s *story) opens(path string) bool {
	resp, err := http.Get("http://" + s.web + path)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// listen serves a handler on loopback until the test ends and returns its URL.
func listen(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}
