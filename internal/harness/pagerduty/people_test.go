package pagerduty_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"burnline/internal/harness/pagerduty"
)

// hook is the far end of a webhook: it answers from a script, then 202.
type hook struct {
	script []int
	got    []string
	ids    []string
	signed bool
}

// RoundTrip implements http.RoundTripper.
func (h *hook) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var e struct {
		Event struct {
			Type  string `json:"event_type"`
			Agent struct{ Type, Summary string }
			Data  struct {
				Key string `json:"incident_key"`
			}
		}
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write(body)
	h.signed = strings.Contains(r.Header.Get("X-PagerDuty-Signature"), "v1="+hex.EncodeToString(mac.Sum(nil)))
	h.got = append(h.got, fmt.Sprintf("%s %s by %s", e.Event.Data.Key, e.Event.Type, e.Event.Agent.Summary))
	h.ids = append(h.ids, r.Header.Get("X-Webhook-Id"))
	status := 202
	if len(h.script) > 0 {
		status, h.script = h.script[0], h.script[1:]
	}
	return &http.Response{StatusCode: status, Body: http.NoBody}, nil
}

func TestPeopleActAsTheyCanAtPagerDuty(t *testing.T) {
	s := pagerduty.New(pagerduty.Options{OnCall: map[string]string{key: "grace"}})
	act := func(want bool, person string, do pagerduty.Deed) {
		t.Helper()
		if got := s.Act(person, do, key, "k"); got != want {
			t.Errorf("%s by %s: %v, want %v", do, person, got, want)
		}
	}
	act(false, "ada", pagerduty.Acknowledge) // nothing is there yet
	post(s, event("trigger", "k"))
	act(false, "ada", pagerduty.Unacknowledge)
	act(false, "ada", pagerduty.Reopen)
	act(true, "ada", pagerduty.Acknowledge)
	act(true, "bob", pagerduty.Acknowledge) // several may have it
	if by := fmt.Sprint(s.Incidents()[0].AcknowledgedBy); by != "[ada bob]" {
		t.Errorf("it is acknowledged by %s", by)
	}
	post(s, event("trigger", "k"))
	act(true, "ada", pagerduty.Unacknowledge)
	act(true, "ada", pagerduty.Resolve)
	act(false, "ada", pagerduty.Acknowledge)
	act(true, "ada", pagerduty.Reopen)
	post(s, event("resolve", "k"))
	post(s, event("trigger", "k", "payload.severity", "warning"))
	got := ""
	for _, n := range s.Notifications() {
		got += fmt.Sprintf("%s %s #%d; ", n.Person, n.Urgency, n.Incident)
	}
	if want := "grace high #1; grace high #1; grace high #1; grace low #2; "; got != want {
		t.Errorf("notified were %s, want the trigger, what was given back, what was reopened, and the ticket: %s", got, want)
	}
}

func TestWebhooksTellWhatHappens(t *testing.T) {
	s, h := pagerduty.New(pagerduty.Options{}), &hook{}
	s.Subscribe(pagerduty.Subscription{URL: "http://hook.test/", Transport: h, Secrets: []string{"other", "secret"}})
	post(s, event("trigger", "k"))
	s.Act("ada", pagerduty.Acknowledge, key, "k")
	post(s, event("trigger", "k")) // an update tells nothing
	post(s, event("resolve", "k"))
	if left := s.DeliverWebhooks(); left != 0 {
		t.Errorf("%d are left", left)
	}
	if got, want := strings.Join(h.got, "; "), "k incident.triggered by Events API v2; k incident.acknowledged by ada; k incident.resolved by Events API v2"; got != want || !h.signed {
		t.Errorf("told was %s, signed %v, want %s", got, h.signed, want)
	}
}

func TestWebhooksAreRetriedAndSwitchedOff(t *testing.T) {
	for _, c := range []struct {
		name   string
		script []int
		sent   int
		off    bool
	}{
		{"what is taken is sent once", nil, 4, false},
		{"a fault of the server is tried again, by the same ID", []int{500, 503, 429, 504}, 8, false},
		{"a refusal drops the event", []int{400}, 4, false},
		{"two refusals in a row are forgiven", []int{400, 404, 202, 400}, 4, false},
		{"three switch the webhook off", []int{400, 404, 410}, 3, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, h := pagerduty.New(pagerduty.Options{}), &hook{script: c.script}
			s.Subscribe(pagerduty.Subscription{URL: "http://hook.test/", Transport: h})
			for i := range 4 {
				post(s, event("trigger", fmt.Sprint(i)))
			}
			s.DeliverWebhooks()
			s.DeliverWebhooks()
			distinct := map[string]bool{}
			for _, id := range h.ids {
				distinct[id] = true
			}
			if s.Disabled() != c.off || len(h.got) != c.sent || len(distinct) != min(4, c.sent) {
				t.Errorf("%d were sent with %d IDs, switched off %v", len(h.got), len(distinct), s.Disabled())
			}
			before := len(h.got)
			post(s, event("trigger", "more"))
			s.DeliverWebhooks()
			if more := len(h.got) > before; more == c.off {
				t.Errorf("a further event was sent: %v", more)
			}
		})
	}
}

func TestChangeEventsAreTakenAsDocumented(t *testing.T) {
	change := func(routing, summary, at string) []byte {
		b, err := json.Marshal(map[string]any{"routing_key": routing, "payload": map[string]any{"summary": summary, "timestamp": at}})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct {
		name   string
		body   []byte
		status int
	}{
		{"a proper one", change(key, "checkout 1.2 is out", "2026-03-03T14:00:00Z"), 202},
		{"1,024 characters", change(key, strings.Repeat("ä", 1024), ""), 202},
		{"1,025 characters", change(key, strings.Repeat("ä", 1025), ""), 400},
		{"with all that may be there", []byte(`{"routing_key":"` + key + `","payload":{"summary":"s","source":"ci","timestamp":"2026-03-03T14:00:00Z",` +
			`"custom_details":{"build":7}},"links":[{"href":"https://ci.example.com/7","text":"Build 7"}]}`), 202},
		{"a link to nowhere", []byte(`{"routing_key":"` + key + `","payload":{"summary":"s"},"links":[{"href":"build"}]}`), 400},
		{"no summary", change(key, "", ""), 400},
		{"a key that begins with R", change("R"+key[1:], "s", ""), 400},
		{"a short key", change("abc", "s", ""), 400},
		{"a time that is none", change(key, "s", "now"), 400},
		{"no JSON", []byte("{"), 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, w := pagerduty.New(pagerduty.Options{Now: func() time.Time { return time.Unix(0, 0) }}), httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, pagerduty.ChangePath, bytes.NewReader(c.body)))
			if w.Code != c.status || (len(s.Changes()) == 1) != (c.status == 202) || len(s.Notifications()) != 0 {
				t.Errorf("got %d %s, %d changes, %d notifications", w.Code, w.Body, len(s.Changes()), len(s.Notifications()))
			}
		})
	}
}
