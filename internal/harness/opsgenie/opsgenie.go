// Package opsgenie is a stand-in for Opsgenie's Alert API: it keeps alerts by alias, refuses what is documented as refused, and can be
// told to fail.
package opsgenie

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"burnline/internal/harness/faults"
)

// Alert is one alert as Opsgenie would show it.
type Alert struct {
	Message     string            `json:"message"`
	Alias       string            `json:"alias"`
	Description string            `json:"description"`
	Responders  []Responder       `json:"responders"`
	Tags        []string          `json:"tags"`
	Actions     []string          `json:"actions"`
	Details     map[string]string `json:"details"`
	Entity      string            `json:"entity"`
	Source      string            `json:"source"`
	Priority    string            `json:"priority"`
	Note        string            `json:"note"`

	// Count is how often it was created while it was open; Closed says that it is over, and
	// Acknowledged that somebody has it.
	Count        int      `json:"-"`
	Closed       bool     `json:"-"`
	Acknowledged bool     `json:"-"`
	Notes        []string `json:"-"`
}

// Responder is who gets an alert.
type Responder struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username"`
	Type     string `json:"type"`
}

// Server is the stand-in, to be served by the test. It is safe for concurrent use.
type Server struct {
	// Script makes requests fail.
	Script faults.Script

	key    string
	mu     sync.Mutex
	alerts []*Alert
}

// New returns a stand-in that takes one key.
func New(key string) *Server { return &Server{key: key} }

// Alerts returns all alerts, oldest first.
func (s *Server) Alerts() []Alert {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Alert, len(s.alerts))
	for i, a := range s.alerts {
		all[i] = *a
		all[i].Notes = slices.Clone(a.Notes)
	}
	return all
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the sender is gone
	}
	if f, faulty := s.Script.Next(); faulty {
		f.Fail(w, r, nil)
		return
	}
	if r.Header.Get("Authorization") != "GenieKey "+s.key {
		write(w, http.StatusUnauthorized, map[string]any{"message": "Could not authenticate"})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if problems := s.take(r, body); len(problems) > 0 {
		write(w, http.StatusUnprocessableEntity, map[string]any{"message": "Request body is not processable. Please check the errors.", "errors": problems})
		return
	}
	write(w, http.StatusAccepted, map[string]any{"result": "Request will be processed", "took": 0.1, "requestId": "r1"})
}

// take applies a request, or says what is wrong with it. What is asked of an alias that is not
// there is taken, and comes to nothing later.
func (s *Server) take(r *http.Request, body []byte) map[string]string {
	rest, of := strings.CutPrefix(r.URL.EscapedPath(), "/v2/alerts/")
	if r.URL.Path == "/v2/alerts" && r.Method == http.MethodPost {
		return s.create(body)
	}
	escaped, act, _ := strings.Cut(rest, "/")
	alias, err := url.PathUnescape(escaped)
	var b struct{ Source, Note, Message, Description string }
	if !of || err != nil || r.URL.Query().Get("identifierType") != "alias" || json.Unmarshal(body, &b) != nil {
		return map[string]string{"path": "unknown"}
	}
	if problems := limits(map[string]string{"note": b.Note, "message": b.Message, "description": b.Description, "source": b.Source}); len(problems) > 0 {
		return problems
	}
	a := s.open(alias)
	switch {
	case a == nil:
	case act == "close" && r.Method == http.MethodPost:
		a.Closed = true
		a.Notes = append(a.Notes, b.Note)
	case act == "acknowledge" && r.Method == http.MethodPost:
		a.Acknowledged = true
		a.Notes = append(a.Notes, b.Note)
	case act == "notes" && r.Method == http.MethodPost:
		a.Notes = append(a.Notes, b.Note)
	case act == "message" && r.Method == http.MethodPut:
		a.Message = b.Message
	case act == "description" && r.Method == http.MethodPut:
		a.Description = b.Description
	default:
		return map[string]string{"path": "unknown"}
	}
	return nil
}

// create opens an alert, or counts the one that is open.
func (s *Server) create(body []byte) map[string]string {
	var a Alert
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&a); err != nil {
		return map[string]string{"body": err.Error()}
	}
	if problems := a.problems(); len(problems) > 0 {
		return problems
	}
	if open := s.open(a.Alias); open != nil {
		open.Count++
		return nil
	}
	a.Count = 1
	s.alerts = append(s.alerts, &a)
	return nil
}

func (s *Server) open(alias string) *Alert {
	for _, a := range s.alerts {
		if a.Alias == alias && !a.Closed {
			return a
		}
	}
	return nil
}

// problems lists every limit that an alert breaks.
func (a Alert) problems() map[string]string {
	problems := limits(map[string]string{"message": a.Message, "alias": a.Alias, "description": a.Description, "entity": a.Entity, "source": a.Source, "note": a.Note})
	if a.Message == "" {
		problems["message"] = "Message can not be empty."
	}
	size := 0
	for name, value := range a.Details {
		size += len(name) + len(value)
	}
	if size > 8000 {
		problems["details"] = "too long"
	}
	for field, texts := range map[string][]string{"tags": a.Tags, "actions": a.Actions} {
		most := map[string]int{"tags": 20, "actions": 10}[field]
		if len(texts) > most || slices.ContainsFunc(texts, func(s string) bool { return utf8.RuneCountInString(s) > 50 }) {
			problems[field] = "too many or too long"
		}
	}
	if !slices.Contains([]string{"P1", "P2", "P3", "P4", "P5"}, a.Priority) {
		problems["priority"] = "should be one of [ P1, P2, P3, P4, P5 ]"
	}
	for _, r := range a.Responders {
		if !slices.Contains([]string{"team", "user", "escalation", "schedule"}, r.Type) || r.ID+r.Name+r.Username == "" {
			problems["responders"] = "not recognised"
		}
	}
	if len(a.Responders) > 50 {
		problems["responders"] = "too many"
	}
	return problems
}

// limits lists the texts that are too long.
func limits(texts map[string]string) map[string]string {
	most := map[string]int{"message": 130, "alias": 512, "description": 15_000, "entity": 512, "source": 100, "note": 25_000}
	problems := map[string]string{}
	for field, text := range texts {
		if n := utf8.RuneCountInString(text); n > most[field] {
			problems[field] = fmt.Sprintf("should not be longer than %d characters", most[field])
		}
	}
	return problems
}

func write(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the sender may be gone
}
