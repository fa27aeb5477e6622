package pagerduty_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"burnline/alerting"
	"burnline/alerting/pagerduty"
	standin "burnline/internal/harness/pagerduty"
)

// desk keeps what it is told.
type desk struct {
	told []string
	err  error
}

func (d *desk) Attend(_ context.Context, key string, a alerting.Acknowledgement, once string) error {
	d.told = append(d.told, fmt.Sprintf("%s %s by %s via %s at %s once %s", key, a.Kind, a.By, a.Via, a.At.Format("15:04"), once))
	return d.err
}

// event is a webhook as PagerDuty sends it.
func event(kind, agent string) string {
	return `{"event":{"id":"E1","event_type":"` + kind + `","resource_type":"incident","occurred_at":"2026-03-03T14:05:00.000Z","agent":` + agent +
		`,"client":null,"data":{"id":"P1","type":"incident","status":"acknowledged","incident_key":"k1","title":"Buying"}}}`
}

// user is a person at PagerDuty.
const user = `{"id":"PU1","type":"user_reference","summary":"Ada Lovelace"}`

// sign signs a body with secrets, as while one is replaced.
func sign(body string, secrets ...string) string {
	var all []string
	for _, s := range secrets {
		mac := hmac.New(sha256.New, []byte(s))
		mac.Write([]byte(body))
		all = append(all, "v1="+hex.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, ",")
}

// webhook posts a body with a signature and returns the answer, and what the desk was told.
func webhook(t *testing.T, d *desk, secrets func() ([]string, error), body, signature string) (int, string) {
	t.Helper()
	h, err := pagerduty.NewWebhooks(pagerduty.WebhookOptions{Secrets: secrets, Attender: d})
	if err != nil {
		t.Fatal(err)
	}
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-PagerDuty-Signature", signature)
	r.Header.Set("X-Webhook-Id", "W1")
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func two() ([]string, error) { return []string{"new", "old"}, nil }

func TestWhatPeopleDoInPagerDutyIsTaken(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"somebody acknowledges", event("incident.acknowledged", user), "[k1 acknowledged by Ada Lovelace via pagerduty at 14:05 once pagerduty W1]"},
		{"somebody gives it back", event("incident.unacknowledged", user), "[k1 unacknowledged by Ada Lovelace via pagerduty at 14:05 once pagerduty W1]"},
		{"an acknowledgement times out, which nobody did", event("incident.unacknowledged", "null"), "[k1 unacknowledged by PagerDuty via pagerduty at 14:05 once pagerduty W1]"},
		{"somebody resolves", event("incident.resolved", user), "[k1 resolved-by-hand by Ada Lovelace via pagerduty at 14:05 once pagerduty W1]"},
		{"PagerDuty resolves what is open for too long", event("incident.resolved", `{"type":"service_reference","summary":"Checkout"}`), "[k1 resolved-by-hand by Checkout via pagerduty at 14:05 once pagerduty W1]"},
		{"somebody opens it again", event("incident.reopened", user), "[k1 reopened by Ada Lovelace via pagerduty at 14:05 once pagerduty W1]"},
		{"an event of ours comes back", event("incident.resolved", `{"type":"events_api_v2_inbound_integration_reference","summary":"Burnline"}`), "[]"},
		{"an event that matters to nobody here", event("incident.priority_updated", user), "[]"},
		{"an event that is not about an incident", `{"event":{"id":"E1","event_type":"service.updated","data":[]}}`, "[]"},
		{"the test of a subscription", `{"event":{"id":"E1","event_type":"pagey.ping","data":{"message":"Hello"}}}`, "[]"},
		{"an incident of another sender without a key", strings.Replace(event("incident.acknowledged", user), `"k1"`, "null", 1), "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &desk{}
			status, answer := webhook(t, d, two, c.body, sign(c.body, "old"))
			if got := fmt.Sprint(d.told); status != http.StatusAccepted || got != c.want {
				t.Errorf("%d %s; the desk was told %s, want %s", status, answer, got, c.want)
			}
		})
	}
}

func TestOnlyWhatPagerDutySignedIsBelieved(t *testing.T) {
	body := event("incident.acknowledged", user)
	for _, c := range []struct {
		name, body, signature string
		secrets               func() ([]string, error)
		status                int
	}{
		{"the new secret", body, sign(body, "new"), two, 202},
		{"several signatures while a secret is replaced", body, sign(body, "unknown", "old"), two, 202},
		{"a space after the comma", body, strings.Replace(sign(body, "unknown", "old"), ",", ", ", 1), two, 202},
		{"no signature", body, "", two, 401},
		{"another's signature", body, sign(body, "unknown"), two, 401},
		{"the signature of another body", body, sign(body+" ", "new"), two, 401},
		{"a signature of another version", body, strings.Replace(sign(body, "new"), "v1=", "v0=", 1), two, 401},
		{"a signature that is cut", body, sign(body, "new")[:20], two, 401},
		{"an empty secret signs nothing", body, sign(body, ""), func() ([]string, error) { return []string{""}, nil }, 401},
		{"no secrets are configured", body, sign(body, ""), func() ([]string, error) { return nil, nil }, 401},
		{"the secrets can't be read, which is our fault", body, sign(body, "new"), func() ([]string, error) { return nil, errors.New("gone") }, 500},
		{"a body that is too long", strings.Repeat(" ", 1<<20) + body, sign(body, "new"), two, 413},
		{"a signed body that is no webhook", "{}", sign("{}", "new"), two, 400},
		{"a signed body that is no JSON", "<", sign("<", "new"), two, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &desk{}
			status, answer := webhook(t, d, c.secrets, c.body, c.signature)
			if status != c.status || (len(d.told) == 1) != (c.status == 202) {
				t.Errorf("%d %s, want %d; the desk was told %v", status, answer, c.status, d.told)
			}
		})
	}
}

func TestAWebhookIsAnsweredByWhatBecameOfIt(t *testing.T) {
	body := event("incident.acknowledged", user)
	for _, c := range []struct {
		name string
		err  error
		want int
	}{
		{"it is stored", nil, 202},
		{"the incident is over, or none of ours", fmt.Errorf("incident k1: %w", alerting.ErrNotOpen), 202},
		{"the state can't be written, so that PagerDuty sends it again", errors.New("disk full"), 503},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, answer := webhook(t, &desk{err: c.err}, two, body, sign(body, "new")); status != c.want || strings.Contains(answer, "disk") {
				t.Errorf("%d %s, want %d", status, answer, c.want)
			}
		})
	}
}

// slow answers only when it is given up.
type slow struct{}

func (slow) Attend(ctx context.Context, _ string, _ alerting.Acknowledgement, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestAWebhookIsAnsweredWithinTheFiveSecondsThatPagerDutyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := pagerduty.NewWebhooks(pagerduty.WebhookOptions{Secrets: two, Attender: slow{}})
		if err != nil {
			t.Fatal(err)
		}
		body := event("incident.acknowledged", user)
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("X-PagerDuty-Signature", sign(body, "new"))
		began := time.Now()
		h.ServeHTTP(w, r)
		if took := time.Since(began); w.Code != 503 || took >= 5*time.Second {
			t.Errorf("answered %d after %s", w.Code, took)
		}
	})
}

func TestAnAcknowledgementIsSentAsPagerDutyDocumentsIt(t *testing.T) {
	s, server := pair(t, standin.Options{Keys: []string{key}})
	send(t, s, page(alerting.ActionTrigger))
	if r := send(t, s, page(alerting.ActionAcknowledge)); r.Verdict != alerting.VerdictAccepted {
		t.Errorf("got %+v", r)
	}
	if in := server.Incidents()[0]; in.Status != "acknowledged" || in.DedupKey != "k1" {
		t.Errorf("the incident is %+v", in)
	}
}

// FuzzWebhook posts any signed body: it is answered, and never as a fault of ours.
func FuzzWebhook(f *testing.F) {
	f.Add(event("incident.acknowledged", user))
	f.Add(`{"event":{"event_type":"incident.resolved","data":{"incident_key":1}}}`)
	f.Add(`{"event":null}`)
	f.Fuzz(func(t *testing.T, body string) {
		d := &desk{}
		status, _ := webhook(t, d, two, body, sign(body, "new"))
		if status != 202 && status != 400 && status != 413 || status != 202 && len(d.told) > 0 {
			t.Errorf("got %d, the desk was told %v", status, d.told)
		}
	})
}
