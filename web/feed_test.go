package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"burnline/internal/auth"
	"burnline/internal/auth/authtest"
)

// feeding are the routes by which programs feed, each with what it answers from.
var feeding = []string{
	"/prometheus/api/v1/write", "/prometheus/api/v1/otlp/v1/metrics", "/alertmanager/api/v2/alerts", "/api/v1/changes", "/api/v1/shadow/alertmanager",
}

// posts posts to a route as somebody.
func posts(h http.Handler, path string, bring func(*http.Request)) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}"))
	bring(req)
	out := httptest.NewRecorder()
	h.ServeHTTP(out, req)
	return out
}

func bringing(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func TestWhoGuessesTokensWaitsAndSendersBehindTheSameAddressDoNot(t *testing.T) {
	k := keeperOf(t, &authtest.Memory{})
	router, _ := guarded(t, k)
	secret, _, err := k.CreateToken(t.Context(), auth.TokenInput{Name: "edge", Scopes: []auth.Scope{auth.Ingest}}, "", "x")
	if err != nil {
		t.Fatal(err)
	}
	unseen, _, err := k.CreateToken(t.Context(), auth.TokenInput{Name: "unseen", Scopes: []auth.Scope{auth.Ingest}}, "", "x")
	if err != nil {
		t.Fatal(err)
	}
	if got := posts(router, feeding[0], bringing(secret)); got.Code != reached {
		t.Fatalf("the right token: %d %s", got.Code, got.Body)
	}
	for i := range 20 {
		if got := posts(router, feeding[0], bringing(fmt.Sprint("bln_", i))); got.Code != http.StatusUnauthorized {
			t.Fatalf("a wrong token: %d %s", got.Code, got.Body)
		}
	}
	for _, path := range feeding {
		got := posts(router, path, bringing("bln_guess"))
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" || strings.Contains(got.Body.String(), "bln_guess") {
			t.Errorf("%s, one more: %d %s", path, got.Code, got.Body)
		}
		for who, token := range map[string]string{"who was right before": secret, "who was never here": unseen, "a token of a file": tokenOfFile} {
			if got := posts(router, path, bringing(token)); got.Code != reached {
				t.Errorf("%s, %s: %d %s", path, who, got.Code, got.Body)
			}
		}
	}
}

func TestWhoFeedsIsAskedToComeAgainWhileTheStoreIsAway(t *testing.T) {
	store := &authtest.Memory{}
	router, _ := guarded(t, keeperOf(t, store))
	store.Fail(errors.New("connection refused"))
	for _, path := range feeding {
		if got := posts(router, path, bringing("bln_x")); got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != "1" {
			t.Errorf("%s: %d %v", path, got.Code, got.Header())
		}
	}
}

func TestSendersAreAskedWhereNobodySignsIn(t *testing.T) {
	k := keeperOf(t, &authtest.Memory{})
	s := everything(t)
	s.Access = Access{Keeper: k, Ingest: gateOf(t, k)}
	routes := s.routes()
	for i := range routes {
		routes[i].handler = answersReached
	}
	router := s.mount(routes)
	for _, path := range feeding {
		if got := posts(router, path, func(*http.Request) {}); got.Code != http.StatusUnauthorized || !strings.Contains(got.Body.String(), "Bearer bln_") {
			t.Errorf("%s without a token: %d %s", path, got.Code, got.Body)
		}
		if got := posts(router, path, bringing("bln_x")); got.Code != http.StatusUnauthorized || !strings.Contains(got.Body.String(), sentence(capital((&auth.NotTaken{Why: auth.NotKnown}).Error()))) {
			t.Errorf("%s with a wrong one: %d %s", path, got.Code, got.Body)
		}
		if got := posts(router, path, bringing(tokenOfFile)); got.Code != reached {
			t.Errorf("%s with one: %d %s", path, got.Code, got.Body)
		}
	}
	if got := posts(router, "/prometheus/api/v1/query", func(*http.Request) {}); got.Code != reached {
		t.Errorf("a query needs none: %d", got.Code)
	}
}
