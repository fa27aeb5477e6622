package pagerduty_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"burnline/internal/harness/pagerduty"
)

// key is a routing key of the documented form.
const key = "0123456789abcdef0123456789abcdef"

// event returns an event as JSON, changed by pairs of path and value.
func event(action, dedup string, change ...any) []byte {
	payload := map[string]any{"summary": "s", "source": "checkout", "severity": "critical"}
	e := map[string]any{"routing_key": key, "event_action": action, "dedup_key": dedup, "payload": payload}
	for i := 0; i+1 < len(change); i += 2 {
		name := change[i].(string)
		if rest, ok := strings.CutPrefix(name, "payload."); ok {
			payload[rest] = change[i+1]
			continue
		}
		e[name] = change[i+1]
	}
	data, err := json.Marshal(e)
	if err != nil {
		return []byte(err.Error()) // no JSON, so the test sees a 400
	}
	return data
}

// post sends a body to the handler and returns status and answer.
func post(s http.Handler, body []byte) (int, string, http.Header) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, pagerduty.Path, bytes.NewReader(body)))
	return w.Code, w.Body.String(), w.Header()
}

func TestWhatPagerDutyRefusesIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		body   []byte
		status int
		says   string
	}{
		{"a proper trigger", event("trigger", "k"), 202, `"status":"success"`},
		{"a trigger without a dedup_key gets one", event("trigger", ""), 202, `"dedup_key":"`},
		{"a resolve needs no payload", event("resolve", "k", "payload", map[string]any{}), 202, `"message":"Event processed"`},
		{"a resolve needs a dedup_key", event("resolve", ""), 400, "'dedup_key' is missing"},
		{"no JSON", []byte("{"), 400, "not a valid event"},
		{"no action", event("", "k"), 400, "'event_action' must be one of"},
		{"no summary", event("trigger", "k", "payload.summary", ""), 400, "'payload.summary' is missing"},
		{"1,024 characters of summary", event("trigger", "k", "payload.summary", strings.Repeat("ä", 1024)), 202, "success"},
		{"1,025 characters of summary", event("trigger", "k", "payload.summary", strings.Repeat("ä", 1025)), 400, "Length of 'payload.summary'"},
		{"no source", event("trigger", "k", "payload.source", ""), 400, "'payload.source' is missing"},
		{"a severity of its own", event("trigger", "k", "payload.severity", "page"), 400, "'payload.severity' is invalid"},
		{"a time that is none", event("trigger", "k", "payload.timestamp", "yesterday"), 400, "'payload.timestamp'"},
		{"details that are a list", event("trigger", "k", "payload.custom_details", []int{1}), 400, "'payload.custom_details' is not an object"},
		{"a dedup_key of 256 characters", event("trigger", strings.Repeat("k", 256)), 400, "Length of 'dedup_key'"},
		{"a link to nowhere", event("trigger", "k", "links", []any{map[string]any{"href": "runbook"}}), 400, "'links[0].href'"},
		{"an image", event("trigger", "k", "images", []any{map[string]any{"src": "https://example.com/a.png"}}), 202, "success"},
		{"an image over http", event("trigger", "k", "images", []any{map[string]any{"src": "http://example.com/a.png"}}), 400, "'images[0].src'"},
		{"an acknowledgement needs no payload", event("acknowledge", "k", "payload", map[string]any{}), 202, "success"},
		{"an acknowledgement needs a dedup_key", event("acknowledge", ""), 400, "'dedup_key' is missing"},
		{"a dedup_key of 255 characters", event("trigger", strings.Repeat("k", 255)), 202, "success"},
		{"a short key", event("trigger", "k", "routing_key", "abc"), 400, "'routing_key' must be a string of 32"},
		{"an unknown key", event("trigger", "k", "routing_key", strings.Repeat("z", 32)), 400, "not a known integration key"},
		{"512,001 bytes", event("trigger", "k", "payload.custom_details", map[string]string{"a": strings.Repeat("x", 512_000)}), 413, "larger than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := pagerduty.New(pagerduty.Options{Keys: []string{key}})
			status, body, _ := post(s, c.body)
			if status != c.status || !strings.Contains(body, c.says) {
				t.Errorf("got %d %s, want %d and %q", status, body, c.status, c.says)
			}
			if accepted := len(s.Events()) == 1; accepted != (c.status == 202) {
				t.Errorf("%d events were accepted", len(s.Events()))
			}
		})
	}
}

func TestTheRateIsASlidingMinutePerKey(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	s := pagerduty.New(pagerduty.Options{Now: func() time.Time { return now }})
	for i := range 120 {
		if status, _, _ := post(s, event("trigger", "k")); status != 202 {
			t.Fatalf("event %d got %d", i, status)
		}
		now = now.Add(250 * time.Millisecond) // 120 events in 30 s
	}
	status, _, header := post(s, event("trigger", "k"))
	if status != 429 || header.Get("Retry-After") != "31" {
		t.Errorf("event 121 got %d, Retry-After %q", status, header.Get("Retry-After"))
	}
	if status, _, _ := post(s, event("trigger", "k", "routing_key", strings.Repeat("z", 32))); status != 202 {
		t.Errorf("another key got %d", status)
	}
	now = now.Add(30 * time.Second) // the first event leaves the minute
	if status, _, _ := post(s, event("trigger", "k")); status != 202 {
		t.Errorf("after the wait got %d", status)
	}
	if status, _, _ := post(s, event("trigger", "k")); status != 429 {
		t.Errorf("the next got %d", status)
	}
}

func TestAnIncidentLivesAsAtPagerDuty(t *testing.T) {
	s := pagerduty.New(pagerduty.Options{})
	play := func(want string, notified bool, body []byte) {
		t.Helper()
		post(s, body)
		events := s.Events()
		if got := events[len(events)-1]; got.Effect != want || got.Notified != notified {
			t.Errorf("%s: effect %s, notified %v; want %s, %v", body, got.Effect, got.Notified, want, notified)
		}
	}
	play("dropped", false, event("resolve", "k"))
	play("opened", true, event("trigger", "k"))
	play("updated", false, event("trigger", "k", "payload.summary", "worse"))
	if !s.Act("ada", pagerduty.Acknowledge, key, "k") || s.Act("ada", pagerduty.Acknowledge, key, "other") {
		t.Error("the open incident alone can be acknowledged")
	}
	play("updated", false, event("trigger", "k")) // wakes nobody
	play("resolved", false, event("resolve", "k"))
	play("dropped", false, event("acknowledge", "k"))
	play("opened", true, event("trigger", "k", "payload.severity", "warning")) // a new incident
	got := fmt.Sprint()
	for _, in := range s.Incidents() {
		got += fmt.Sprintln(in.Number, in.DedupKey, in.Status, in.Urgency, in.Notifications, in.Summaries)
	}
	if want := "1 k resolved high 1 [s worse s]\n2 k triggered low 1 [s]\n"; got != want {
		t.Errorf("incidents are\n%swant\n%s", got, want)
	}
}

func TestAScriptedFaultIsTakenOnce(t *testing.T) {
	s := pagerduty.New(pagerduty.Options{})
	s.Script(pagerduty.Throttle("7"), pagerduty.Fault{}, pagerduty.Fault{Status: 500, Accept: true})
	for i, want := range []int{429, 202, 500, 202} {
		if status, _, _ := post(s, event("trigger", fmt.Sprint(i))); status != want {
			t.Errorf("request %d got %d, want %d", i, status, want)
		}
	}
	if len(s.Events()) != 3 || len(s.Requests()) != 4 {
		t.Errorf("%d events of %d requests", len(s.Events()), len(s.Requests()))
	}
}

func TestAcceptedEventsAreToldInOrder(t *testing.T) {
	var mu sync.Mutex
	var told []string
	s := pagerduty.New(pagerduty.Options{OnAccept: func(a pagerduty.Accepted) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, a.Event.DedupKey)
	}})
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() { post(s, event("trigger", fmt.Sprint(i))) })
	}
	group.Wait()
	for i, a := range s.Events() {
		if told[i] != a.Event.DedupKey {
			t.Fatalf("told %v", told)
		}
	}
	if len(told) != 50 {
		t.Errorf("told of %d events", len(told))
	}
}

func TestClosingEndsWhatHangs(t *testing.T) {
	s := pagerduty.New(pagerduty.Options{})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Script(pagerduty.Fault{Hang: true})
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	ended := make(chan error, 1)
	go func() {
		resp, err := (&http.Client{Transport: transport}).Post(s.URL(), "application/json", bytes.NewReader(event("trigger", "k")))
		if err == nil {
			err = resp.Body.Close()
		}
		ended <- err
	}()
	if !s.Wait(5*time.Second, func(s *pagerduty.Server) bool { return len(s.Requests()) == 1 }) {
		t.Fatal("the request never arrived")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("a request that hung was answered")
	}
}

func TestOnlyTheEventsAPIIsServed(t *testing.T) {
	s := pagerduty.New(pagerduty.Options{})
	for path, want := range map[string]int{"/": 404, pagerduty.Path: 405} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("GET %s got %d, want %d", path, w.Code, want)
		}
	}
}

// FuzzServe posts any body: it is answered and never both accepted and wrong.
func FuzzServe(f *testing.F) {
	f.Add(event("trigger", "k"))
	f.Add(event("resolve", "k"))
	f.Add([]byte(`{"payload":[],"links":{}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := pagerduty.New(pagerduty.Options{})
		status, answer, _ := post(s, body)
		if status != 202 && status != 400 && status != 413 || !json.Valid([]byte(answer)) {
			t.Errorf("got %d %s", status, answer)
		}
	})
}
