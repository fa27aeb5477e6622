package pagerduty

import (
	"net/http"
	"slices"
	"time"

	"burnline/internal/harness/faults"
)

// Fault is how the stand-in treats one request instead of properly.
type Fault = faults.Fault

// Answer is a fault that answers with a status and a body.
func Answer(status int, body string) Fault { return faults.Answer(status, body) }

// Throttle is a 429 that asks to wait.
func Throttle(retryAfter string) Fault {
	return Fault{Status: http.StatusTooManyRequests, Header: map[string]string{"Retry-After": retryAfter}, Body: `{"status":"throttle exceeded"}`}
}

// Script queues faults: each of the next requests takes one, in order.
func (s *Server) Script(faults ...Fault) { s.script.Add(faults...) }

// Recover drops the faults that are still queued.
func (s *Server) Recover() { s.script.Clear() }

// fail treats a request as the fault says and returns the status.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, f Fault, e Event, problems []string) int {
	if f.Accept && len(problems) == 0 {
		s.record(e)
	}
	return f.Fail(w, r, s.hung)
}

// Events returns every accepted event so far, in order.
func (s *Server) Events() []Accepted {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.accepted)
}

// Incidents returns every incident so far, oldest first.
func (s *Server) Incidents() []Incident {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	all := make([]Incident, len(s.book.incidents))
	for i, in := range s.book.incidents {
		all[i] = *in
		all[i].Summaries, all[i].AcknowledgedBy = slices.Clone(in.Summaries), slices.Clone(in.AcknowledgedBy)
	}
	return all
}

// Requests returns every request so far, in the order they arrived.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Wait polls until ok holds or the time is over, and returns whether it holds.
func (s *Server) Wait(atMost time.Duration, ok func(*Server) bool) bool {
	deadline := time.After(atMost)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok(s) {
		select {
		case <-deadline:
			return ok(s)
		case <-tick.C:
		}
	}
	return true
}
