package oidc_test

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/oauth2-proxy/mockoidc"

	"burnline/internal/auth"
	"burnline/internal/oidc"
)

// login is a small provider that is really asked.
func login(t *testing.T) *mockoidc.MockOIDC {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mockoidc.NewServer(key)
	if err != nil {
		t.Fatal(err)
	}
	m.CodeChallengeMethodsSupported = []string{"S256"}
	listener := listen(t)
	if err := m.Start(listener, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Shutdown() }) // the test is over
	return m
}

func provider(t *testing.T, m *mockoidc.MockOIDC, edit func(*oidc.Options)) *oidc.Provider {
	t.Helper()
	o := oidc.Options{
		Issuer: m.Issuer(), ClientID: m.Config().ClientID, ClientSecret: func() (string, error) { return m.Config().ClientSecret, nil },
		RedirectURL: "http://127.0.0.1/oidc/callback", Name: "Example", Scopes: []string{"profile", "email", "groups"},
		NameClaim: "preferred_username", GroupsClaim: "groups",
		Roles: map[string]auth.Role{"engineering": auth.Editor, "sre": auth.Admin}, Teams: map[string]string{"design": "search", "engineering": "payments"},
	}
	if edit != nil {
		edit(&o)
	}
	p, err := oidc.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// visit goes where a browser is sent, and returns with what it comes back with.
func visit(t *testing.T, address string) url.Values {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		t.Fatalf("%s leads nowhere: %s", address, resp.Status)
	}
	return back.Query()
}

func TestSomebodySignsInAtTheProvider(t *testing.T) {
	m := login(t)
	p := provider(t, m, nil)
	address, kept, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if u, _ := url.Parse(address); u.Query().Get("code_challenge_method") != "S256" || u.Query().Get("nonce") == "" || u.Query().Get("state") == "" {
		t.Errorf("the question is %s", address)
	}
	id, err := p.Finish(t.Context(), kept, visit(t, address))
	if err != nil {
		t.Fatal(err)
	}
	if id.Name != "jane.doe" || id.Role != auth.Editor || len(id.Teams) != 2 || id.Teams[0] != "payments" || id.Subject != m.Issuer()+" 1234567890" {
		t.Errorf("they are %+v", id)
	}
}

func TestAnAnswerIsTakenOnlyByWhoAsked(t *testing.T) {
	m := login(t)
	p := provider(t, m, nil)
	begin := func() (address, kept string) {
		t.Helper()
		address, kept, err := p.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return address, kept
	}
	mine, keptByMe := begin()
	_, keptByOther := begin()
	answer := visit(t, mine)
	for _, c := range []struct {
		name, kept string
		query      url.Values
	}{
		{"another browser", keptByOther, answer},
		{"a browser that keeps nothing", "", answer},
		{"without state", keptByMe, url.Values{"code": answer["code"]}},
		{"another state", keptByMe, url.Values{"code": answer["code"], "state": {"x"}}},
		{"the provider refuses", keptByMe, url.Values{"error": {"access_denied"}, "state": answer["state"]}},
	} {
		var why *auth.NotLetIn
		if _, err := p.Finish(t.Context(), c.kept, c.query); !errors.As(err, &why) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := p.Finish(t.Context(), keptByMe, url.Values{"code": {"made up"}, "state": answer["state"]}); err == nil {
		t.Error("a code that was made up lets in")
	}
	if _, err := p.Finish(t.Context(), keptByMe, answer); err != nil {
		t.Errorf("the right one does not get in: %v", err)
	}
	if _, err := p.Finish(t.Context(), keptByMe, answer); err == nil {
		t.Error("a code lets in twice")
	}
}

func TestWhoHasNoRoleIsToldWhy(t *testing.T) {
	m := login(t)
	for _, c := range []struct {
		name, want string
		edit       func(*oidc.Options)
	}{
		{"no group gives one", "None of your 2 groups at Example gives a role here; ask who configures server.auth.oidc.roles.", func(o *oidc.Options) { o.Roles = map[string]auth.Role{"sre": auth.Admin} }},
		{"no claim tells the name", "Example does not tell your name: the ID token has no claim nickname.", func(o *oidc.Options) { o.NameClaim = "nickname" }},
		{"everybody is a viewer", "", func(o *oidc.Options) { o.Roles = map[string]auth.Role{"*": auth.Viewer} }},
	} {
		p := provider(t, m, c.edit)
		address, kept, err := p.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Finish(t.Context(), kept, visit(t, address))
		if got := text(err); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestAProviderThatIsAwayIsAskedAgain(t *testing.T) {
	m := login(t)
	issuer := ""
	p := provider(t, m, func(o *oidc.Options) {
		issuer = o.Issuer
		o.Client = &http.Client{Transport: away{&issuer}}
	})
	issuer = ""
	if _, _, err := p.Begin(t.Context()); err == nil {
		t.Error("a provider that is away sends people somewhere")
	}
	issuer = m.Issuer()
	if _, _, err := p.Begin(t.Context()); err != nil {
		t.Errorf("once it is back: %v", err)
	}
}

// away is a network in which nobody is reached while there is no issuer.
type away struct{ issuer *string }

func (a away) RoundTrip(r *http.Request) (*http.Response, error) {
	if *a.issuer == "" {
		return nil, errors.New("nobody is there")
	}
	return http.DefaultTransport.RoundTrip(r)
}
