package web

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Each answer is held against its description by the server that the house has.
func TestUsersTokensAndTheLogAreKeptByTheAPI(t *testing.T) {
	h := newHouse(t, nil)
	h.signIn("ada", goodPassword, "/")
	ask := func(method, path, body string) (answer map[string]any) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, h.srv.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		resp, err := h.browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode >= 300 {
			t.Fatalf("%s %s: %s %s (%v)", method, path, resp.Status, text, err)
		}
		_ = json.Unmarshal(text, &answer) // some answers have no body
		return answer
	}
	ask("POST", "/api/v1/users", `{"name": "ben", "role": "viewer", "teams": ["web"], "password": "a long enough word 7"}`)
	ask("PATCH", "/api/v1/users/ben", `{"name": "ben", "role": "editor"}`)
	ask("PATCH", "/api/v1/users/ben", `{"display": "Ben"}`)
	ask("GET", "/api/v1/users", "")
	made := ask("POST", "/api/v1/tokens", `{"name": "ci", "scopes": ["read"]}`)
	ask("GET", "/api/v1/tokens", "")
	ask("GET", "/api/v1/me/tokens", "")
	id, _ := made["id"].(string)
	ask("DELETE", "/api/v1/tokens/"+id, "")
	ask("DELETE", "/api/v1/users/ben", "")
	log := ask("GET", "/api/v1/audit", "")
	if text, _ := json.Marshal(log); !strings.Contains(string(text), "ben") {
		t.Errorf("the log is %s", text)
	}
}
