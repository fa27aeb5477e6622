package pagerduty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"burnline/internal/harness/faults"
)

// Path is where the Events API v2 takes events.
const Path = "/v2/enqueue"

// Options say how the stand-in behaves; all may be zero.
type Options struct {
	// Keys are the routing keys it knows; empty knows every key of the right form.
	Keys []string
	// Rate is how many events a minute it takes per routing key; default 120,
	// negative for no limit.
	Rate int
	// Now is the clock; nil takes time.Now.
	Now func() time.Time
	// OnAccept is called for each accepted event, in order, before the answer is
	// sent; may be nil.
	OnAccept func(Accepted)
	// OnCall is who is notified, by routing key; others are called "on call".
	OnCall map[string]string
	// Listen is the address that Start listens on; default 127.0.0.1:0.
	Listen string
}

// Request is one request as it arrived, accepted or not.
type Request struct {
	At     time.Time
	Header http.Header
	Body   []byte
	// Event is what the body holds, as far as it can be read.
	Event Event
	// Status is what was answered; 0 until then and when the connection was cut.
	Status int
}

// Server is the stand-in. Use it as an http.Handler, or let Start listen. It is
// safe for concurrent use.
type Server struct {
	o    Options
	book book

	mu       sync.Mutex
	requests []Request
	sent     map[string][]time.Time // of the last minute, by routing key
	script   faults.Script
	accept   sync.Mutex // keeps OnAccept in order

	http   *http.Server
	listen net.Listener
	hung   chan struct{} // closed when hanging requests are to end
	served chan error
}

// New returns a stand-in that does not listen yet.
func New(o Options) *Server {
	if o.Rate == 0 {
		o.Rate = 120
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	return &Server{o: o, book: book{onCall: o.OnCall}, sent: map[string][]time.Time{}, hung: make(chan struct{})}
}

// Start listens and serves until Close. A context, where one is given, bounds
// the listening alone.
func (s *Server) Start(ctx context.Context) error {
	listen, err := new(net.ListenConfig).Listen(ctx, "tcp", s.o.Listen)
	if err != nil {
		return fmt.Errorf("listen for pages on %s: %w", s.o.Listen, err)
	}
	s.listen = listen
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.served = make(chan error, 1)
	go func() { s.served <- s.http.Serve(listen) }()
	return nil
}

// URL is the address to send events to, after Start.
func (s *Server) URL() string { return "http://" + s.listen.Addr().String() + Path }

// Close ends a started server and every request that hangs.
func (s *Server) Close() error {
	close(s.hung)
	if s.http == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(s.http.Close(), ignoreClosed(<-s.served))
	}
	return ignoreClosed(<-s.served)
}

// ignoreClosed drops the error that tells of a wanted end.
func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4*MaxBody))
	if err != nil {
		return // the sender is gone
	}
	event, problems := parse(body)
	at := s.o.Now()
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, Request{At: at, Header: r.Header.Clone(), Body: body, Event: event})
	s.mu.Unlock()
	status := 0
	if fault, faulty := s.script.Next(); faulty {
		status = s.fail(w, r, fault, event, problems)
	} else {
		status = s.answer(w, r, body, event, problems)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[n].Status = status
}

// answer treats a request as PagerDuty documents and returns the status.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, body []byte, e Event, problems []string) int {
	switch {
	case r.URL.Path == ChangePath && r.Method == http.MethodPost && len(body) <= MaxBody:
		return s.change(w, body)
	case r.URL.Path != Path && r.URL.Path != ChangePath:
		return write(w, http.StatusNotFound, map[string]any{"status": "not found"})
	case r.Method != http.MethodPost:
		return write(w, http.StatusMethodNotAllowed, map[string]any{"status": "method not allowed"})
	case len(body) > MaxBody:
		return write(w, http.StatusRequestEntityTooLarge, invalid("the event is larger than 512,000 bytes"))
	case len(problems) > 0:
		return write(w, http.StatusBadRequest, invalid(problems...))
	case len(s.o.Keys) > 0 && !slices.Contains(s.o.Keys, e.RoutingKey):
		return write(w, http.StatusBadRequest, invalid("'routing_key' is not a known integration key"))
	}
	if wait, over := s.throttle(e.RoutingKey); over {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		return write(w, http.StatusTooManyRequests, map[string]any{"status": "throttle exceeded", "message": "Requests for this service are arriving too quickly."})
	}
	return s.take(w, e)
}

// take accepts an event.
func (s *Server) take(w http.ResponseWriter, e Event) int {
	a := s.record(e)
	return write(w, http.StatusAccepted, map[string]any{"status": "success", "message": "Event processed", "dedup_key": a.Event.DedupKey})
}

// record keeps an accepted event and tells OnAccept.
func (s *Server) record(e Event) Accepted {
	s.accept.Lock()
	defer s.accept.Unlock()
	a := s.apply(e, s.o.Now())
	if s.o.OnAccept != nil {
		s.o.OnAccept(a)
	}
	return a
}

// throttle counts an event against the sliding minute of its key, or says how
// long to wait when the minute is full.
func (s *Server) throttle(key string) (time.Duration, bool) {
	if s.o.Rate < 0 {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	recent := slices.DeleteFunc(s.sent[key], func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	s.sent[key] = recent
	if len(recent) >= s.o.Rate {
		return recent[0].Add(time.Minute).Sub(now), true
	}
	s.sent[key] = append(recent, now)
	return 0, false
}

// invalid is the body with which PagerDuty refuses an event.
func invalid(problems ...string) map[string]any {
	return map[string]any{"status": "invalid event", "message": "Event object is invalid", "errors": problems}
}

// write answers with JSON and returns the status.
func write(w http.ResponseWriter, status int, body map[string]any) int {
	data, err := json.Marshal(body)
	if err != nil {
		status, data = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(data); err != nil {
		return 0
	}
	return status
}
