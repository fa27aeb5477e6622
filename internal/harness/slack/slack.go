// Package slack is a stand-in for Slack's API and incoming webhooks: it knows one bot, its channels and
// their messages with threads, refuses what Slack documents as refused, signs the press of a button as
// Slack does, and can be told to fail.
package slack

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"burnline/internal/harness/faults"
)

// Where the stand-in answers.
const (
	PostPath    = "/api/chat.postMessage"
	updatePath  = "/api/chat.update"
	WebhookPath = "/services/T000/B000/s3cret"
)

// Options say how the stand-in behaves.
type Options struct {
	// Token is the bot's.
	Token string
	// Channels are those that the bot is in, by ID, with their names.
	Channels map[string]string
	// PerSecond bounds the messages of a channel in a second, default 1; negative is no limit.
	PerSecond int
	// Now is the clock; nil takes time.Now.
	Now func() time.Time
}

// Message is a message as people see it.
type Message struct {
	// Channel is an ID; TS the message's own; Thread the TS of the message that it answers, or "".
	Channel, TS, Thread string
	Body                Body
	// Edits counts how often it was edited.
	Edits int
}

// Body is what a message holds.
type Body struct {
	Channel     string       `json:"channel"`
	TS          string       `json:"ts"`
	ThreadTS    string       `json:"thread_ts"`
	Text        string       `json:"text"`
	Username    string       `json:"username"`
	IconEmoji   string       `json:"icon_emoji"`
	IconURL     string       `json:"icon_url"`
	LinkNames   bool         `json:"link_names"`
	UnfurlLinks *bool        `json:"unfurl_links"`
	Attachments []Attachment `json:"attachments"`
}

// Attachment is what stands beside a bar of colour.
type Attachment struct {
	Color    string  `json:"color"`
	Fallback string  `json:"fallback"`
	Blocks   []Block `json:"blocks"`
}

// Server is the stand-in, to be served by the test. It is safe for concurrent use.
type Server struct {
	// Script makes requests fail.
	Script faults.Script

	o        Options
	mu       sync.Mutex
	messages []*Message
	posted   map[string][]time.Time
	requests int
}

// New returns a stand-in.
func New(o Options) *Server {
	if o.PerSecond == 0 {
		o.PerSecond = 1
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Server{o: o, posted: map[string][]time.Time{}}
}

// Messages returns all messages in the order in which they were first posted.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Message, len(s.messages))
	for i, m := range s.messages {
		all[i] = *m
	}
	return all
}

// Requests returns how many requests came.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// Delete removes a message, as a person may.
func (s *Server) Delete(ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = slices.DeleteFunc(s.messages, func(m *Message) bool { return m.TS == ts })
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the sender is gone
	}
	s.mu.Lock()
	s.requests++
	s.mu.Unlock()
	f, faulty := s.Script.Next()
	if faulty && !f.Accept {
		f.Fail(w, r, nil)
		return
	}
	var b Body
	malformed := json.Unmarshal(data, &b)
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := map[string]any{"ok": false, "error": "invalid_json"}
	switch {
	case r.URL.Path == WebhookPath:
		s.webhook(w, b, malformed)
		return
	case r.URL.Path != PostPath && r.URL.Path != updatePath:
		answer["error"] = "unknown_method"
	case r.Header.Get("Authorization") == "":
		answer["error"] = "not_authed"
	case r.Header.Get("Authorization") != "Bearer "+s.o.Token:
		answer["error"] = "invalid_auth"
	case malformed != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
	case r.URL.Path == updatePath:
		answer = s.edit(b)
	default:
		if wait, over := s.throttle(b.Channel); over {
			w.Header().Set("Retry-After", wait)
			w.WriteHeader(http.StatusTooManyRequests)
			answer["error"] = "ratelimited"
			break
		}
		answer = s.post(b)
	}
	if faulty {
		f.Fail(w, r, nil)
		return
	}
	_ = json.NewEncoder(w).Encode(answer) // the sender may be gone
}

// throttle counts a message against the second of its channel.
func (s *Server) throttle(channel string) (string, bool) {
	now := s.o.Now()
	recent := slices.DeleteFunc(s.posted[channel], func(t time.Time) bool { return now.Sub(t) >= time.Second })
	s.posted[channel] = recent
	if s.o.PerSecond > 0 && len(recent) >= s.o.PerSecond {
		return "1", true
	}
	s.posted[channel] = append(recent, now)
	return "", false
}

// post takes a new message.
func (s *Server) post(b Body) map[string]any {
	channel := s.channel(b.Channel)
	if channel == "" {
		return refusal("channel_not_found")
	}
	if code := b.problem(); code != "" {
		return refusal(code)
	}
	if b.ThreadTS != "" && s.find(channel, b.ThreadTS) == nil {
		return refusal("thread_not_found")
	}
	m := &Message{Channel: channel, Thread: b.ThreadTS, TS: fmt.Sprintf("%d.%06d", s.o.Now().Unix(), len(s.messages)+1), Body: b}
	s.messages = append(s.messages, m)
	return map[string]any{"ok": true, "channel": channel, "ts": m.TS}
}

// edit changes a message; only IDs of channels are known here.
func (s *Server) edit(b Body) map[string]any {
	if _, ok := s.o.Channels[b.Channel]; !ok {
		return refusal("channel_not_found")
	}
	m := s.find(b.Channel, b.TS)
	if m == nil {
		return refusal("message_not_found")
	}
	if code := b.problem(); code != "" {
		return refusal(code)
	}
	m.Body, m.Edits = b, m.Edits+1
	return map[string]any{"ok": true, "channel": b.Channel, "ts": b.TS, "text": b.Text}
}

// webhook takes a message without a bot, as incoming webhooks do.
func (s *Server) webhook(w http.ResponseWriter, b Body, malformed error) {
	code := b.problem()
	if malformed != nil {
		code = "invalid_payload"
	}
	if code != "" {
		http.Error(w, code, http.StatusBadRequest)
		return
	}
	s.messages = append(s.messages, &Message{Channel: "webhook", TS: fmt.Sprintf("0.%06d", len(s.messages)+1), Body: b})
	_, _ = io.WriteString(w, "ok") // the sender may be gone
}

func refusal(code string) map[string]any { return map[string]any{"ok": false, "error": code} }

// channel returns the ID of a channel that is named by ID or name.
func (s *Server) channel(name string) string {
	for id, known := range s.o.Channels {
		if name == id || strings.TrimPrefix(name, "#") == known {
			return id
		}
	}
	return ""
}

func (s *Server) find(channel, ts string) *Message {
	for _, m := range s.messages {
		if m.Channel == channel && m.TS == ts {
			return m
		}
	}
	return nil
}
