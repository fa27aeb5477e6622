package pagerduty

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// mostDropped is how many events in a row a subscription may refuse before it is switched off.
const mostDropped = 3

// Subscription is a webhook of version 3 that tells what happens to incidents.
type Subscription struct {
	// URL is where events are posted, and Transport carries them; both are required.
	URL       string
	Transport http.RoundTripper
	// Secrets sign each request, several while one is replaced.
	Secrets []string
	// Twice sends what was taken once more, as happens when an answer gets lost.
	Twice bool
}

// subscription is one at work.
type subscription struct {
	Subscription
	pending []delivery
	dropped int
	off     bool
}

// delivery is an event on its way.
type delivery struct {
	id   string
	body []byte
}

// agent is who did something.
type agent struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Summary string `json:"summary"`
}

// Subscribe adds a webhook.
func (s *Server) Subscribe(to Subscription) {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	s.book.subscriptions = append(s.book.subscriptions, &subscription{Subscription: to})
}

// queue puts an event on its way to every subscription. The caller holds the book's mu.
func (s *Server) queue(kind Deed, in *Incident, by agent, at time.Time) {
	if len(s.book.subscriptions) == 0 {
		return
	}
	s.book.told++
	body, err := json.Marshal(map[string]any{"event": map[string]any{
		"id": fmt.Sprintf("E%d", s.book.told), "event_type": "incident." + string(kind), "resource_type": "incident",
		"occurred_at": at.UTC().Format("2006-01-02T15:04:05.000Z"), "agent": by, "client": nil,
		"data": map[string]any{"id": fmt.Sprintf("P%d", in.Number), "type": "incident", "number": in.Number,
			"status": in.Status, "urgency": in.Urgency, "incident_key": in.DedupKey, "title": in.Summaries[0]},
	}})
	if err != nil {
		return // texts and numbers always can be written
	}
	for i, sub := range s.book.subscriptions {
		if !sub.off {
			sub.pending = append(sub.pending, delivery{fmt.Sprintf("W%d-%d", s.book.told, i), body})
		}
	}
}

// DeliverWebhooks makes one attempt at each event that is on its way, in order, and returns how many
// are still. What is answered with 429, 5xx or not at all stays for the next time; what is refused by
// another answer is dropped, and the third in a row switches the subscription off.
func (s *Server) DeliverWebhooks() int {
	s.book.mu.Lock()
	subscriptions := slices.Clone(s.book.subscriptions)
	s.book.mu.Unlock()
	left := 0
	for _, sub := range subscriptions {
		s.book.mu.Lock()
		pending := sub.pending
		sub.pending = nil
		s.book.mu.Unlock()
		var again []delivery
		for _, d := range pending {
			status := sub.post(d)
			if sub.Twice && status/100 == 2 {
				status = sub.post(d)
			}
			if s.settle(sub, status) {
				again = append(again, d)
			}
			if sub.off { // only this call settles answers
				break
			}
		}
		s.book.mu.Lock()
		sub.pending = append(again, sub.pending...)
		left += len(sub.pending)
		s.book.mu.Unlock()
	}
	return left
}

// settle takes an answer and reports whether the event is to be sent again.
func (s *Server) settle(sub *subscription, status int) bool {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	switch {
	case sub.off:
		return false
	case status/100 == 2:
		sub.dropped = 0
		return false
	case status/100 == 4 && status != http.StatusTooManyRequests:
		sub.dropped++
		sub.off = sub.dropped == mostDropped
		return false
	}
	return true
}

// mostAnswering is how long PagerDuty waits for an answer.
const mostAnswering = 5 * time.Second

// post makes one attempt and returns the answer's status, 0 for none.
func (sub *subscription) post(d delivery) int {
	ctx, cancel := context.WithTimeout(context.Background(), mostAnswering)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, sub.URL, bytes.NewReader(d.body))
	if err != nil {
		return 0
	}
	var signatures []string
	for _, secret := range sub.Secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(d.body)
		signatures = append(signatures, "v1="+hex.EncodeToString(mac.Sum(nil)))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-PagerDuty-Signature", strings.Join(signatures, ","))
	req.Header.Set("X-Webhook-Id", d.id)
	resp, err := sub.Transport.RoundTrip(req)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close() // only the status matters
	return resp.StatusCode
}

// Disabled reports whether a subscription was switched off for what it refused.
func (s *Server) Disabled() bool {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.ContainsFunc(s.book.subscriptions, func(sub *subscription) bool { return sub.off })
}
