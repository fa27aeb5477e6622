package slack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Press returns the request that Slack makes when a person presses the first button with a value of a message, signed
// with the app's secret.
func Press(ctx context.Context, m Message, person, secret, address string, at time.Time) (*http.Request, error) {
	var button *Element
	for _, a := range m.Body.Attachments {
		for _, b := range a.Blocks {
			for i := range b.Elements {
				if button == nil && b.Elements[i].Value != "" {
					button = &b.Elements[i]
				}
			}
		}
	}
	if button == nil {
		return nil, errors.New("the message has no button to press")
	}
	payload, err := json.Marshal(map[string]any{
		"type": "block_actions", "user": map[string]any{"id": "U1", "username": person, "name": person},
		"container": map[string]any{"type": "message", "message_ts": m.TS, "channel_id": m.Channel},
		"actions":   []any{map[string]any{"action_id": button.ActionID, "value": button.Value, "type": "button", "block_id": "burnline"}},
	})
	if err != nil {
		return nil, err
	}
	return Signed(ctx, []byte(url.Values{"payload": {string(payload)}}.Encode()), secret, address, at)
}

// Signed returns a request of Slack's with a body of one's own.
func Signed(ctx context.Context, body []byte, secret, address string, at time.Time) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = fmt.Fprintf(mac, "v0:%d:%s", at.Unix(), body) // a hash takes everything
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Slack-Request-Timestamp", fmt.Sprint(at.Unix()))
	req.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return req, nil
}
