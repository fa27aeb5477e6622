// Package msteams is a stand-in for the webhooks of Microsoft Teams: it reads adaptive cards and the older cards,
// refuses what breaks the documented limits, and can be told to fail.
package msteams

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"burnline/internal/harness/faults"
)

// Card is one card as people see it.
type Card struct {
	// Plain are the texts that are shown as they are, Markdown those that are read as such; a line each.
	Plain, Markdown string
	// Color is that of the first text.
	Color string
	// Addresses are those that buttons open.
	Addresses []string
	// Legacy says that it has the form of the retired connectors.
	Legacy bool
}

// Server is the stand-in, to be served by the test. It is safe for concurrent use.
type Server struct {
	// Script makes requests fail.
	Script faults.Script

	mu    sync.Mutex
	cards []Card
}

// New returns a stand-in.
func New() *Server { return &Server{} }

// Cards returns what was accepted so far.
func (s *Server) Cards() []Card {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.cards)
}

// body is either form of a message.
type body struct {
	Type        string `json:"type"`
	Attachments []struct {
		ContentType string `json:"contentType"`
		Content     struct {
			Type    string  `json:"type"`
			Version string  `json:"version"`
			Body    []piece `json:"body"`
			Actions []struct {
				Type  string `json:"type"`
				Title string `json:"title"`
				URL   string `json:"url"`
			} `json:"actions"`
		} `json:"content"`
	} `json:"attachments"`

	Legacy  string `json:"@type"`
	Title   string `json:"title"`
	Summary string `json:"summary"`
	Text    string `json:"text"`
}

type piece struct {
	Type    string `json:"type"`
	Text    string `json:"text"`
	Color   string `json:"color"`
	Inlines []struct {
		Type  string `json:"type"`
		Text  string `json:"text"`
		Color string `json:"color"`
	} `json:"inlines"`
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the sender is gone
	}
	if f, faulty := s.Script.Next(); faulty {
		f.Fail(w, r, nil)
		return
	}
	if len(data) > 28_000 {
		http.Error(w, "the message is too large", http.StatusRequestEntityTooLarge)
		return
	}
	var b body
	if json.Unmarshal(data, &b) != nil {
		http.Error(w, "Bad payload received by generic incoming webhook.", http.StatusBadRequest)
		return
	}
	c, ok := b.card()
	if !ok {
		http.Error(w, "Summary or Text is required.", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.cards = append(s.cards, c)
	s.mu.Unlock()
	if c.Legacy {
		_, _ = io.WriteString(w, "1") // the sender may be gone
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// card reads the message; false when Teams would not take it.
func (b body) card() (Card, bool) {
	if b.Legacy == "MessageCard" {
		return Card{Legacy: true, Markdown: b.Title + "\n" + b.Text}, b.Summary != "" || b.Text != ""
	}
	if b.Type != "message" || len(b.Attachments) != 1 || b.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" {
		return Card{}, false
	}
	content := b.Attachments[0].Content
	if content.Type != "AdaptiveCard" || content.Version == "" || len(content.Body) == 0 || len(content.Actions) > 6 {
		return Card{}, false
	}
	var c Card
	var plain, markdown []string
	for i, p := range content.Body {
		color := p.Color
		switch {
		case p.Type == "TextBlock" && p.Text != "":
			markdown = append(markdown, p.Text)
		case p.Type == "RichTextBlock" && len(p.Inlines) > 0:
			line := ""
			for _, r := range p.Inlines {
				if r.Type != "TextRun" || r.Text == "" {
					return Card{}, false
				}
				line += r.Text
			}
			plain, color = append(plain, line), p.Inlines[0].Color
		default:
			return Card{}, false
		}
		if i == 0 {
			c.Color = color
		}
	}
	for _, a := range content.Actions {
		if u, err := url.Parse(a.URL); err != nil || u.Host == "" || a.Type != "Action.OpenUrl" || a.Title == "" {
			return Card{}, false
		}
		c.Addresses = append(c.Addresses, a.URL)
	}
	c.Plain, c.Markdown = strings.Join(plain, "\n"), strings.Join(markdown, "\n")
	return c, true
}
