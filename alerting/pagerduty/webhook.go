package pagerduty

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/alerting/post"
)

// via is what acknowledgements that come from PagerDuty are known by.
const via = "pagerduty"

// Attender takes note of what people did about an incident. once is the ID of the webhook: what
// is told twice under one ID is taken once.
type Attender interface {
	Attend(ctx context.Context, key string, a alerting.Acknowledgement, once string) error
}

// WebhookOptions are what the endpoint of webhooks needs; all fields are required.
type WebhookOptions struct {
	// Secrets returns the signing secrets of the webhook subscriptions as they are now. Its error
	// says why they can't be read.
	Secrets func() ([]string, error)
	// Attender is told what people did.
	Attender Attender
}

// Webhooks is the endpoint that PagerDuty tells what people did about incidents, by version 3 of its
// webhooks. It believes only what PagerDuty has signed.
type Webhooks struct{ o WebhookOptions }

var _ http.Handler = (*Webhooks)(nil)

// NewWebhooks returns the endpoint, or what is missing.
func NewWebhooks(o WebhookOptions) (*Webhooks, error) {
	if o.Secrets == nil || o.Attender == nil {
		return nil, errors.New("pagerduty: the endpoint of webhooks needs secrets and somebody to tell")
	}
	return &Webhooks{o}, nil
}

const (
	// maxWebhook is the largest request that is read, in bytes.
	maxWebhook = 1 << 20
	// webhookTimeout is within the five seconds that PagerDuty waits for an answer.
	webhookTimeout = 4 * time.Second
	// maxWho bounds the name of a person and maxID an ID, in characters.
	maxWho, maxID = 100, 200
)

// ServeHTTP implements http.Handler. 202 says that the event was stored, or that there is nothing to
// store of it; after 5xx PagerDuty sends it again. Three refusals in a row would end the subscription for a day, so only
// what is not PagerDuty's is refused.
func (h *Webhooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "PagerDuty posts here", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhook))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		http.Error(w, fmt.Sprintf("the body is larger than %d bytes", maxWebhook), http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "the body ends early", http.StatusServiceUnavailable)
		return
	}
	secrets, err := h.o.Secrets()
	if err != nil {
		http.Error(w, "the signing secrets can't be read", http.StatusInternalServerError)
		return
	}
	if !signed(secrets, r.Header.Values("X-PagerDuty-Signature"), body) {
		http.Error(w, "the signature is not that of a configured secret", http.StatusUnauthorized)
		return
	}
	d, err := decodeDeed(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), webhookTimeout)
	defer cancel()
	err = h.attend(ctx, d, r.Header.Get("X-Webhook-Id"))
	if err != nil && !errors.Is(err, alerting.ErrNotOpen) {
		http.Error(w, "the event can't be stored now", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// attend tells of an event that is about an incident. Without the ID of the webhook the event is
// known by its own.
func (h *Webhooks) attend(ctx context.Context, d eventDeed, id string) error {
	if d.ack.Kind == "" || d.key == "" {
		return nil
	}
	if id == "" {
		id = d.id
	}
	if id != "" {
		id = via + " " + post.Cut(id, maxID)
	}
	return h.o.Attender.Attend(ctx, d.key, d.ack, id)
}

// signed reports whether one of the signatures of a header is that of one of the secrets: HMAC-SHA256 of
// the raw body, v1=<hexadecimal>. Several are sent while a secret is replaced.
func signed(secrets, headers []string, body []byte) bool {
	var given [][]byte
	for _, one := range strings.Split(strings.Join(headers, ","), ",") {
		hexed, ok := strings.CutPrefix(strings.TrimSpace(one), "v1=")
		if mac, err := hex.DecodeString(hexed); ok && err == nil {
			given = append(given, mac)
		}
	}
	matches := false
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		own := mac.Sum(nil)
		for _, g := range given {
			matches = hmac.Equal(own, g) || matches
		}
	}
	return matches
}

// eventDeed is what an event tells of an incident; its kind is "" for one that tells nothing that matters.
type eventDeed struct {
	id, key string
	ack     alerting.Acknowledgement
}

// deedOf is what an event of a type says that somebody did; "" for types that do not matter.
func deedOf(eventType string) alerting.AckKind {
	switch eventType {
	case "incident.acknowledged":
		return alerting.AckTaken
	case "incident.unacknowledged":
		return alerting.AckGiven
	case "incident.resolved":
		return alerting.AckResolved
	case "incident.reopened":
		return alerting.AckReopened
	}
	return ""
}

// decodeDeed reads the body of a webhook. What an integration did, Burnline's own among them, is nothing
// that a person did.
func decodeDeed(body []byte) (eventDeed, error) {
	var envelope struct {
		Event *struct {
			ID         string `json:"id"`
			Type       string `json:"event_type"`
			OccurredAt string `json:"occurred_at"`
			Agent      *struct {
				Type    string `json:"type"`
				Summary string `json:"summary"`
			} `json:"agent"`
			// Data is of another form for events that are not about incidents.
			Data json.RawMessage `json:"data"`
		} `json:"event"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return eventDeed{}, fmt.Errorf("the body is no webhook of PagerDuty's: %w", err)
	}
	e := envelope.Event
	if e == nil {
		return eventDeed{}, errors.New("the body is no webhook of PagerDuty's: it has no event")
	}
	d := eventDeed{id: post.OneLine(e.ID), ack: alerting.Acknowledgement{Kind: deedOf(e.Type), Via: via}}
	if d.ack.Kind == "" {
		return d, nil
	}
	var incident struct {
		Key string `json:"incident_key"`
	}
	if err := json.Unmarshal(e.Data, &incident); err != nil {
		return eventDeed{}, fmt.Errorf("the event's data is no incident: %w", err)
	}
	d.key = incident.Key
	if at, err := time.Parse(time.RFC3339Nano, e.OccurredAt); err == nil {
		d.ack.At = at.UTC()
	}
	if e.Agent != nil {
		if strings.Contains(e.Agent.Type, "integration") {
			d.ack.Kind = ""
		}
		d.ack.By = post.Cut(post.OneLine(e.Agent.Summary), maxWho)
	}
	if d.ack.By == "" {
		d.ack.By = "PagerDuty"
	}
	return d, nil
}
