package slack_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/slack"
	standin "burnline/internal/harness/slack"
)

// acks remembers who acknowledged what.
type acks struct {
	got  []string
	fail error
}

// Acknowledge implements slack.Acknowledger.
func (a *acks) Acknowledge(_ context.Context, key, by, via string, at time.Time) error {
	if a.fail == nil {
		a.got = append(a.got, key+" by "+by+" via "+via+" at "+at.Format(time.TimeOnly))
	}
	return a.fail
}

// pressed presses the button of the page and returns the endpoint's status.
func pressed(t *testing.T, a *acks, secret string, at time.Time) int {
	t.Helper()
	s, server := pair(t)
	send(t, s, page(alerting.ActionTrigger, ""))
	req, err := standin.Press(t.Context(), server.Messages()[0], "ana", secret, "http://b.example.com/", at)
	if err != nil {
		t.Fatal(err)
	}
	return answer(t, a, req)
}

func answer(t *testing.T, a *acks, req *http.Request) int {
	t.Helper()
	endpoint, err := slack.NewInteractions(slack.InteractionOptions{
		Secrets: func() []string { return []string{"", "old", "signing"} }, Acknowledger: a, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	endpoint.ServeHTTP(w, req)
	return w.Code
}

func TestThePressOfTheButtonAcknowledgesTheIncident(t *testing.T) {
	a := &acks{}
	if status := pressed(t, a, "signing", noon); status != 200 || len(a.got) != 1 || a.got[0] != "k1 by ana via slack at 12:00:00" {
		t.Errorf("%d, %v", status, a.got)
	}
	if status := pressed(t, a, "old", noon.Add(-4*time.Minute)); status != 200 {
		t.Errorf("a second app: %d", status)
	}
	if status := pressed(t, &acks{fail: errors.New("disk full")}, "signing", noon); status != 500 {
		t.Errorf("what can't be kept is answered with %d", status)
	}
}

func TestOnlyWhatSlackSignedJustNowIsBelieved(t *testing.T) {
	a := &acks{}
	for name, status := range map[string]int{
		"another secret": pressed(t, a, "wrong", noon), "no secret": pressed(t, a, "", noon),
		"too old": pressed(t, a, "signing", noon.Add(-6*time.Minute)), "too early": pressed(t, a, "signing", noon.Add(6*time.Minute)),
	} {
		if status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, status)
		}
	}
	if len(a.got) != 0 {
		t.Errorf("acknowledged: %v", a.got)
	}
}

func TestWhatIsNoPressOfOurButtonChangesNothing(t *testing.T) {
	for body, want := range map[string]int{
		"payload=%7B%22type%22%3A%22view_submission%22%7D": 200,
		"payload=%7B%22type%22%3A%22block_actions%22%2C%22actions%22%3A%5B%7B%22action_id%22%3A%22link-a%22%2C%22value%22%3A%22k1%22%7D%5D%7D": 200,
		"payload=%7B": 400, "payload=%zz": 400, "": 400, strings.Repeat("a", 2<<20): 413,
	} {
		a := &acks{}
		req, err := standin.Signed(t.Context(), []byte(body), "signing", "http://b.example.com/", noon)
		if err != nil {
			t.Fatal(err)
		}
		if status := answer(t, a, req); status != want || len(a.got) != 0 {
			t.Errorf("%.40q: %d, %v", body, status, a.got)
		}
	}
	if status := answer(t, &acks{}, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)); status != http.StatusMethodNotAllowed {
		t.Errorf("GET is answered with %d", status)
	}
}
