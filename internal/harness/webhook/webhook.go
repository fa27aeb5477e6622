// Package webhook is a stand-in for a receiver of webhooks in Alertmanager's form: it reads the
// payload strictly, checks signatures, and can be told to fail.
package webhook

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"burnline/internal/harness/faults"
)

// Options say how the stand-in behaves; all may be zero.
type Options struct {
	// Secret, where it is given, must have signed each request.
	Secret string
	// Now is the clock that timestamps are compared with; nil takes time.Now.
	Now func() time.Time
}

// Alert is one alert of a message.
type Alert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
}

// Message is the body of a webhook of version 4; no other keys are known.
type Message struct {
	Receiver           string            `json:"receiver"`
	Status             string            `json:"status"`
	Alerts             []Alert           `json:"alerts"`
	NotificationReason string            `json:"notification_reason"`
	GroupLabels        map[string]string `json:"groupLabels"`
	CommonLabels       map[string]string `json:"commonLabels"`
	CommonAnnotations  map[string]string `json:"commonAnnotations"`
	RouteLabels        map[string]string `json:"routeLabels"`
	ExternalURL        string            `json:"externalURL"`
	Version            string            `json:"version"`
	GroupKey           string            `json:"groupKey"`
	TruncatedAlerts    uint64            `json:"truncatedAlerts"`
	TemplateError      string            `json:"templateError"`
}

// Server is the stand-in, to be served by the test. It is safe for concurrent use.
type Server struct {
	// Script makes requests fail.
	Script faults.Script

	o        Options
	mu       sync.Mutex
	messages []Message
	requests []Request
}

// Request is one request as it came.
type Request struct {
	Header http.Header
	Body   []byte
}

// New returns a stand-in.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Server{o: o}
}

// Messages returns what was accepted so far, in order.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Requests returns every request so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil {
		return // the sender is gone
	}
	s.mu.Lock()
	s.requests = append(s.requests, Request{Header: r.Header.Clone(), Body: body})
	s.mu.Unlock()
	if f, faulty := s.Script.Next(); faulty {
		f.Fail(w, r, nil)
		return
	}
	m, err := s.read(r, body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.messages = append(s.messages, m)
	s.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// read returns the message, or what is wrong with the request.
func (s *Server) read(r *http.Request, body []byte) (Message, error) {
	var m Message
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		return m, fmt.Errorf("%s of %q is no webhook", r.Method, r.Header.Get("Content-Type"))
	}
	if s.o.Secret != "" {
		if err := s.verify(r.Header, body); err != nil {
			return m, err
		}
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return m, err
	}
	if m.Version != "4" || m.GroupKey == "" || len(m.Alerts) == 0 || m.GroupLabels == nil || m.CommonLabels == nil || m.CommonAnnotations == nil {
		return m, fmt.Errorf("the message lacks something: %+v", m)
	}
	return m, nil
}

// verify checks the signature as the documentation tells receivers to.
func (s *Server) verify(h http.Header, body []byte) error {
	at, err := strconv.ParseInt(h.Get("X-Burnline-Timestamp"), 10, 64)
	if err != nil {
		return fmt.Errorf("the timestamp can't be read: %w", err)
	}
	if age := s.o.Now().Sub(time.Unix(at, 0)).Abs(); age > 5*time.Minute {
		return fmt.Errorf("the timestamp is %s off", age)
	}
	mac := hmac.New(sha256.New, []byte(s.o.Secret))
	_, _ = fmt.Fprintf(mac, "%d.%s", at, body) // a hash takes everything
	if want := "v1=" + hex.EncodeToString(mac.Sum(nil)); !hmac.Equal([]byte(want), []byte(h.Get("X-Burnline-Signature"))) {
		return fmt.Errorf("the signature does not match")
	}
	return nil
}
