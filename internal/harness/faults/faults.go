// Package faults lets stand-ins of receivers fail as their tests script it.
package faults

import (
	"io"
	"net"
	"net/http"
	"sync"
)

// Fault is how a stand-in treats one request instead of properly.
type Fault struct {
	// Status is answered; 0 with neither Hang nor Cut treats the request properly.
	Status int
	// Header and Body are answered with Status.
	Header map[string]string
	Body   string
	// Hang keeps the request without an answer until the sender gives up.
	Hang bool
	// Cut closes the connection without an answer.
	Cut bool
	// Half closes the server's side of the connection without an answer and leaves the
	// other one open.
	Half bool
	// Slow answers Status with the beginning of a body and never its end.
	Slow bool
	// Accept takes the message before failing, as when an answer gets lost.
	Accept bool
}

// Answer is a fault that answers with a status and a body.
func Answer(status int, body string) Fault { return Fault{Status: status, Body: body} }

// Script is a queue of faults: each request takes one, in order. The zero value is
// empty; it is safe for concurrent use.
type Script struct {
	mu    sync.Mutex
	queue []Fault
}

// Add queues faults for the next requests.
func (s *Script) Add(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, faults...)
}

// Clear drops what is queued.
func (s *Script) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = nil
}

// Next takes the next fault off the script; false when the request is to be treated properly.
func (s *Script) Next() (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return Fault{}, false
	}
	f := s.queue[0]
	s.queue = s.queue[1:]
	return f, f.Status != 0 || f.Hang || f.Cut || f.Half
}

// Fail treats a request as the fault says and returns the status that was answered, 0 for
// none. What hangs ends when the sender gives up or over is closed.
func (f Fault) Fail(w http.ResponseWriter, r *http.Request, over <-chan struct{}) int {
	if f.Hang {
		select {
		case <-r.Context().Done():
		case <-over:
		}
	}
	if f.Hang || f.Cut {
		cut(w)
		return 0
	}
	if f.Half {
		half(w, over)
		return 0
	}
	for name, value := range f.Header {
		w.Header().Set(name, value)
	}
	if f.Slow {
		w.Header().Set("Content-Length", "1000")
	}
	w.WriteHeader(f.Status)
	if _, err := w.Write([]byte(f.Body)); err != nil {
		return 0
	}
	if f.Slow {
		_ = http.NewResponseController(w).Flush() // the sender sees a part, or nothing
		select {
		case <-r.Context().Done():
		case <-over:
		}
		panic(http.ErrAbortHandler) // net/http's way to leave an answer unfinished
	}
	return f.Status
}

// half closes one side of a connection and waits for the peer to close the other.
func half(w http.ResponseWriter, over <-chan struct{}) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite() // a peer that is gone needs no end
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, conn) // until the peer closes
	}()
	select {
	case <-gone:
	case <-over:
	}
	_ = conn.Close()
	<-gone
}

// cut closes the connection of a request without an answer.
func cut(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	if conn, _, err := hijacker.Hijack(); err == nil {
		_ = conn.Close() // the peer is to see a broken connection, whatever Close says
	}
}
