package slack

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
	"net/url"
	"strconv"
	"time"

	"burnline/alerting"
)

// Acknowledger takes the acknowledgement of an incident. by is who, in the receiver's
// words; via is the receiver, "slack". Acknowledging twice changes nothing; an error that wraps
// alerting.ErrNotOpen says that there is nothing left to acknowledge.
type Acknowledger interface {
	Acknowledge(ctx context.Context, key, by, via string, at time.Time) error
}

// InteractionOptions are what the endpoint of buttons needs; all fields are required.
type InteractionOptions struct {
	// Secrets returns the signing secrets of the apps that are configured now.
	Secrets func() []string
	// Acknowledger is told of presses.
	Acknowledger Acknowledger
	// Now is the clock that requests' timestamps are compared with.
	Now func() time.Time
}

// Interactions is the endpoint that Slack tells of pressed buttons. It believes only what Slack has
// signed in the last five minutes.
type Interactions struct{ o InteractionOptions }

var _ http.Handler = (*Interactions)(nil)

// NewInteractions returns the endpoint, or what is missing.
func NewInteractions(o InteractionOptions) (*Interactions, error) {
	if o.Secrets == nil || o.Acknowledger == nil || o.Now == nil {
		return nil, errors.New("slack: the endpoint of buttons needs secrets, an acknowledger and a clock")
	}
	return &Interactions{o}, nil
}

const (
	// maxPress is the largest request that is read, in bytes: it carries the whole message.
	maxPress = 1 << 20
	// maxAge is how old or early a signed request may be.
	maxAge = 5 * time.Minute
	// maxWho bounds the name of a person, in characters.
	maxWho = 100
)

// ServeHTTP implements http.Handler. 200 tells Slack that the press was taken; after anything else
// Slack shows the person that it was not.
func (i *Interactions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Slack posts here", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPress))
	if err != nil {
		http.Error(w, "the request can't be read", http.StatusRequestEntityTooLarge)
		return
	}
	now := i.o.Now()
	if err := verify(i.o.Secrets(), r.Header, body, now); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	p, err := decodePress(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, key := range p.keys {
		if err := i.o.Acknowledger.Acknowledge(r.Context(), key, p.by, "slack", now); err != nil && !errors.Is(err, alerting.ErrNotOpen) {
			http.Error(w, "the acknowledgement can't be kept now", http.StatusInternalServerError)
			return
		}
	}
	w.WriteHeader(http.StatusOK)
}

// verify checks Slack's signature of a request: HMAC-SHA256 of version, timestamp and raw body.
func verify(secrets []string, h http.Header, body []byte, now time.Time) error {
	stamp := h.Get("X-Slack-Request-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > maxAge {
		return errors.New("the request's timestamp is missing or not of now")
	}
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte("v0:" + stamp + ":"))
		mac.Write(body)
		if hmac.Equal([]byte("v0="+hex.EncodeToString(mac.Sum(nil))), []byte(h.Get("X-Slack-Signature"))) {
			return nil
		}
	}
	return errors.New("the request's signature is not that of a configured signing_secret")
}

// press is what a person did: the incidents that the person acknowledged.
type press struct {
	by   string
	keys []string
}

// decodePress reads the body of a request. Buttons that are not Burnline's, such as those that open an
// address, are passed over.
func decodePress(body []byte) (press, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return press{}, errors.New("the body is no form")
	}
	var payload struct {
		Type string `json:"type"`
		User struct {
			ID       string `json:"id"`
			Username string `json:"username"`
			Name     string `json:"name"`
		} `json:"user"`
		Actions []struct {
			ActionID string `json:"action_id"`
			Value    string `json:"value"`
		} `json:"actions"`
	}
	if err := json.Unmarshal([]byte(form.Get("payload")), &payload); err != nil {
		return press{}, fmt.Errorf("the payload is no JSON of Slack's: %w", err)
	}
	p := press{by: who(payload.User.Name, payload.User.Username, payload.User.ID)}
	if payload.Type != "block_actions" {
		return p, nil
	}
	for _, a := range payload.Actions {
		if a.ActionID == ackAction && a.Value != "" {
			p.keys = append(p.keys, a.Value)
		}
	}
	return p, nil
}
