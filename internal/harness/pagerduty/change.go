package pagerduty

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ChangePath is where change events are taken.
const ChangePath = "/v2/change/enqueue"

// Change is a change event. It notifies nobody.
type Change struct {
	RoutingKey string `json:"routing_key"`
	Payload    struct {
		Summary       string          `json:"summary"`
		Source        string          `json:"source"`
		Timestamp     string          `json:"timestamp"`
		CustomDetails json.RawMessage `json:"custom_details"`
	} `json:"payload"`
	Links []Link `json:"links"`
}

// change treats a change event as PagerDuty documents and returns the status.
func (s *Server) change(w http.ResponseWriter, body []byte) int {
	var c Change
	problems := []string{"the body is not a valid change event"}
	if json.Unmarshal(body, &c) == nil {
		problems = c.problems()
	}
	if len(problems) > 0 {
		return write(w, http.StatusBadRequest, invalid(problems...))
	}
	s.book.mu.Lock()
	s.book.changes = append(s.book.changes, c)
	s.book.mu.Unlock()
	return write(w, http.StatusAccepted, map[string]any{"status": "success", "message": "Change event processed"})
}

// problems lists every rule that the change event breaks.
func (c Change) problems() []string {
	var ps []string
	if !isKey(c.RoutingKey) || strings.HasPrefix(c.RoutingKey, "R") {
		ps = append(ps, "'routing_key' is not that of an integration that takes change events")
	}
	if n := utf8.RuneCountInString(c.Payload.Summary); n == 0 || n > maxSummary {
		ps = append(ps, "'payload.summary' is missing or longer than 1024 characters")
	}
	if c.Payload.Timestamp != "" {
		if _, err := time.Parse(time.RFC3339Nano, c.Payload.Timestamp); err != nil {
			ps = append(ps, "'payload.timestamp' is not an ISO 8601 time")
		}
	}
	for _, l := range c.Links {
		if u, err := url.Parse(l.Href); err != nil || u.Scheme == "" || u.Host == "" {
			ps = append(ps, "a link's 'href' is not a valid URL")
		}
	}
	return ps
}

// Changes returns every change event that was accepted, in order.
func (s *Server) Changes() []Change {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.changes)
}
