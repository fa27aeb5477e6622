package web

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"burnline/internal/auth"
	"burnline/internal/auth/authtest"
)

// Somebody tries token after token where telemetry comes in; the agent beside them goes on.
func TestWhoGuessesTokensWaits(t *testing.T) {
	// The first wait is a second, which a busy machine takes for a request: time stands still.
	keeper, err := auth.NewKeeper(auth.Options{Store: &authtest.Memory{}, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(o *Options) {
		o.Access.Keeper = keeper
		o.Prometheus = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
		o.Access.Trusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	write := func(from, secret string) *http.Response {
		resp, _ := h.ask(http.MethodPost, "/prometheus/api/v1/write", nil, "X-Forwarded-For", from, "Authorization", "Bearer "+secret)
		return resp
	}
	agent, _, err := keeper.CreateToken(t.Context(), auth.TokenInput{Name: "agent", Scopes: []auth.Scope{auth.Ingest}}, "", "ada")
	if err != nil {
		t.Fatal(err)
	}
	if resp := write("192.0.2.1", agent); resp.StatusCode != http.StatusNoContent {
		t.Fatalf("the agent is answered %s", resp.Status)
	}
	for i := range 20 {
		if resp := write("192.0.2.1", fmt.Sprint("bln_guess", i)); resp.StatusCode != http.StatusUnauthorized {
			t.Fatalf("guess %d is answered %s", i, resp.Status)
		}
	}
	resp := write("192.0.2.1", "bln_one_more")
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("one more is answered %s, Retry-After %q", resp.Status, resp.Header.Get("Retry-After"))
	}
	for from, secret := range map[string]string{"192.0.2.1": agent, "192.0.2.2": agent} {
		if resp := write(from, secret); resp.StatusCode != http.StatusNoContent {
			t.Errorf("the agent at %s is answered %s", from, resp.Status)
		}
	}
	if page, _ := h.ask(http.MethodGet, "/api/v1/slos", nil, "X-Forwarded-For", "192.0.2.1", "Authorization", "Bearer bln_two_more"); page.StatusCode != http.StatusTooManyRequests {
		t.Errorf("who asks for the API, and feeds nothing, is answered %s", page.Status)
	}
	if resp := write("192.0.2.3", "bln_of_another"); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("another address is answered %s", resp.Status)
	}
}

func TestAProxyThatIsNotTrustedIsNamedOnce(t *testing.T) {
	for _, c := range []struct {
		name      string
		trusted   []netip.Prefix
		forwarded string
		want      int
	}{
		{"a proxy that nobody named", nil, "203.0.113.9", 1},
		{"one that is trusted", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "203.0.113.9", 0},
		{"no proxy", nil, "", 0},
	} {
		var log bytes.Buffer
		h := newHouse(t, func(o *Options) { o.Access.Trusted, o.Logger = c.trusted, slog.New(slog.NewTextHandler(&log, nil)) })
		for range 3 {
			h.ask(http.MethodGet, "/sign-in", nil, "X-Forwarded-For", c.forwarded)
		}
		h.srv.Close() // nothing writes any more
		if got := strings.Count(log.String(), "server.trusted_proxies"); got != 2*c.want {
			t.Errorf("%s: it is said %d times:\n%s", c.name, got, log.String())
		}
	}
}
