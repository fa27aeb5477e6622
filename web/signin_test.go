package web

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"burnline/internal/auth"
	"burnline/internal/auth/authtest"
)

const goodPassword = "correct horse battery staple"

// house is a server where people sign in, and a browser.
type house struct {
	t       *testing.T
	keeper  *auth.Keeper
	store   *authtest.Memory
	srv     *httptest.Server
	browser *http.Client
}

func newHouse(t *testing.T, edit func(*Options)) *house {
	t.Helper()
	h := &house{t: t, store: &authtest.Memory{}}
	h.keeper = keeperOf(t, h.store)
	role, teams, password := auth.Admin, []string{}, goodPassword
	if _, err := h.keeper.AddUser(t.Context(), auth.UserInput{Name: "ada", Role: &role, Teams: &teams, Password: &password}); err != nil {
		t.Fatal(err)
	}
	h.srv = serve(t, newShop(noon), func(o *Options) {
		o.Access = Access{Keeper: h.keeper, SignIn: true, Note: "People sign in."}
		o.Reload = func() error { return nil }
		if edit != nil {
			edit(o)
		}
	})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	h.browser = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return h
}

// ask sends a request as a browser does, and returns the answer with its body.
func (h *house) ask(method, path string, form url.Values, header ...string) (*http.Response, string) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.srv.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i+1] == "" {
			req.Header.Del(header[i])
		}
	}
	resp, err := h.browser.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp, string(body)
}

func (h *house) signIn(name, password, next string) *http.Response {
	h.t.Helper()
	resp, _ := h.ask(http.MethodPost, "/sign-in", url.Values{"name": {name}, "password": {password}, "next": {next}})
	return resp
}

func TestALinkFromAPageLeadsThroughSigningInToWhereItLed(t *testing.T) {
	h := newHouse(t, nil)
	resp, _ := h.ask(http.MethodGet, "/incidents/4be7a1c0d2f9?from=1", nil)
	if to := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || to != "/sign-in?next=%2Fincidents%2F4be7a1c0d2f9%3Ffrom%3D1" {
		t.Fatalf("it leads to %d %s", resp.StatusCode, to)
	}
	_, page := h.ask(http.MethodGet, resp.Header.Get("Location"), nil)
	if !strings.Contains(page, `name="next" value="/incidents/4be7a1c0d2f9?from=1"`) {
		t.Errorf("the page forgets where it leads: %s", page)
	}
	for _, told := range []string{"Incidents", "open-count", "Buying", "PagerDuty", "main.js"} {
		if strings.Contains(page, told) {
			t.Errorf("who has not signed in is told %s", told)
		}
	}
	resp = h.signIn("ada", goodPassword, "/incidents/4be7a1c0d2f9?from=1")
	if to := resp.Header.Get("Location"); to != "/incidents/4be7a1c0d2f9?from=1" {
		t.Errorf("after that it leads to %s", to)
	}
	if resp, page := h.ask(http.MethodGet, "/incidents/4be7a1c0d2f9", nil); resp.StatusCode != http.StatusOK || !strings.Contains(page, ">ada</a>") {
		t.Errorf("the incident answers %d", resp.StatusCode)
	}
}

func TestTheCookieIsReadByNobodyElse(t *testing.T) {
	for _, c := range []struct {
		name   string
		secure bool
		want   string
	}{
		{"without TLS", false, "burnline=; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"},
		{"with TLS", true, "__Host-burnline=; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Lax"},
	} {
		h := newHouse(t, func(o *Options) { o.Access.Secure = c.secure })
		cookie := h.signIn("ada", goodPassword, "/").Cookies()[0]
		if len(cookie.Value) < 43 {
			t.Errorf("%s: the secret is %q", c.name, cookie.Value)
		}
		cookie.Value = ""
		if got := cookie.String(); got != c.want {
			t.Errorf("%s: the cookie is %s, want %s", c.name, got, c.want)
		}
	}
}

func TestSigningInLeadsNowhereElse(t *testing.T) {
	h := newHouse(t, nil)
	for _, next := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "evil", "/sign-in", "/\t/evil.example"} {
		if to := h.signIn("ada", goodPassword, next).Header.Get("Location"); to != "/" {
			t.Errorf("%q leads to %s", next, to)
		}
	}
}

func TestWhoGuessesWaits(t *testing.T) {
	store, at := &authtest.Memory{}, time.Now()
	keeper, err := auth.NewKeeper(auth.Options{Store: store, Now: func() time.Time { return at }, KeepAdmin: true})
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(o *Options) { o.Access.Keeper = keeper }) // whose clock stands still, so that no wait is over
	role, teams, password := auth.Admin, []string{}, goodPassword
	if _, err := keeper.AddUser(t.Context(), auth.UserInput{Name: "ada", Role: &role, Teams: &teams, Password: &password}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got := h.signIn("ada", "wrong", "/"); got.StatusCode != http.StatusUnauthorized || len(got.Cookies()) != 0 {
			t.Errorf("a wrong password is answered %d", got.StatusCode)
		}
	}
	if got := h.signIn("ada", goodPassword, "/"); got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") == "" {
		t.Errorf("the fourth try is answered %d", got.StatusCode)
	}
	for range 50 {
		h.signIn("ada", "wrong", "/")
	}
	all, err := keeper.Entries(t.Context(), auth.EntryFilter{What: "sign in"})
	if err != nil || len(all) != 3 || all[0].Outcome != auth.Refused || all[0].Object != "ada" || all[0].From != "127.0.0.1" {
		t.Errorf("the audit log has %+v, %v", all, err)
	}
}

func TestSigningOutEndsTheSessionEverywhere(t *testing.T) {
	h := newHouse(t, nil)
	stolen := h.signIn("ada", goodPassword, "/").Cookies()[0]
	if resp, _ := h.ask(http.MethodPost, "/sign-out", nil); resp.Header.Get("Location") != "/sign-in" {
		t.Errorf("signing out is answered %d", resp.StatusCode)
	}
	if resp, _ := h.ask(http.MethodGet, "/", nil, "Cookie", stolen.Name+"="+stolen.Value); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("a copy of the cookie still lets in: %d", resp.StatusCode)
	}
}

func TestNoOtherPageActsForWhoIsSignedIn(t *testing.T) {
	h := newHouse(t, nil)
	h.signIn("ada", goodPassword, "/")
	for _, c := range []struct {
		name   string
		header []string
		want   int
	}{
		{"a page of this server", nil, http.StatusOK},
		{"a page of another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, http.StatusForbidden},
		{"a browser that says nothing of where it comes from", []string{"Sec-Fetch-Site", ""}, http.StatusForbidden},
	} {
		if resp, body := h.ask(http.MethodPost, "/-/reload", nil, c.header...); resp.StatusCode != c.want {
			t.Errorf("%s: %d %s", c.name, resp.StatusCode, body)
		}
	}
}

func TestProgramsBringATokenInEveryWayThatTheyKnow(t *testing.T) {
	h := newHouse(t, func(o *Options) {
		o.Prometheus = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, auth.From(r.Context()).Name)
		})
	})
	secret, _, err := h.keeper.CreateToken(t.Context(), auth.TokenInput{Name: "grafana", Scopes: []auth.Scope{auth.Read}}, "", "ada")
	if err != nil {
		t.Fatal(err)
	}
	basic := func(user, password string) string {
		r := http.Request{Header: http.Header{}}
		r.SetBasicAuth(user, password)
		return r.Header.Get("Authorization")
	}
	for _, c := range []struct {
		name, header string
		want         int
	}{
		{"Bearer", "Bearer " + secret, http.StatusOK},
		{"bearer in small letters", "bearer  " + secret, http.StatusOK},
		{"the password of Basic", basic("grafana", secret), http.StatusOK},
		{"the password of a person", basic("ada", goodPassword), http.StatusUnauthorized},
		{"another token", "Bearer bln_x", http.StatusUnauthorized},
		{"another scheme", "Digest " + secret, http.StatusUnauthorized},
		{"nothing", "", http.StatusUnauthorized},
	} {
		resp, body := h.ask(http.MethodGet, "/prometheus/api/v1/query", nil, "Authorization", c.header)
		if resp.StatusCode != c.want || c.want == http.StatusOK && body != "token grafana" || c.want != http.StatusOK && !json.Valid([]byte(body)) {
			t.Errorf("%s: %d %s", c.name, resp.StatusCode, body)
		}
	}
	if resp, _ := h.ask(http.MethodGet, "/", nil, "HX-Request", "true"); resp.Header.Get("HX-Redirect") == "" {
		t.Error("a page that is open is not told to sign in")
	}
}

func TestEveryChangeIsWrittenDown(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Access.Trusted = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	h.signIn("ada", goodPassword, "/")
	h.ask(http.MethodPost, "/-/reload", nil, "X-Forwarded-For", "203.0.113.9, 198.51.100.7")
	h.ask(http.MethodPost, "/access/users", url.Values{"name": {"grace"}, "role": {"viewer"}, "password": {goodPassword}})
	h.ask(http.MethodPost, "/access/users", url.Values{"name": {"grace"}, "role": {"king"}, "password": {goodPassword}})
	h.ask(http.MethodGet, "/", nil)
	all, err := h.keeper.Entries(t.Context(), auth.EntryFilter{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range all {
		lines = append(lines, strings.Join([]string{e.Who, string(e.Way), e.From, e.Act, e.Route, e.Object, string(e.Outcome)}, " | "))
	}
	want := `ada | session | 127.0.0.1 | let a user in | POST /access/users |  | refused
ada | session | 127.0.0.1 | let a user in | POST /access/users | grace | done
ada | session | 198.51.100.7 | reload the configuration | POST /-/reload |  | done
ada |  | 127.0.0.1 | sign in | POST /sign-in | ada | done`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("written down is\n%s\nwant\n%s", got, want)
	}
	if _, page := h.ask(http.MethodGet, "/audit?what=user&outcome=done", nil); !strings.Contains(page, "ada asked to let a user in") || strings.Contains(page, "/-/reload") {
		t.Errorf("the page of the log is %s", page)
	}
	_, text := h.ask(http.MethodGet, "/audit.csv", nil)
	if rows, err := csv.NewReader(strings.NewReader(text)).ReadAll(); err != nil || len(rows) != 5 || rows[1][1] != "ada" {
		t.Errorf("as CSV it is %s, %v", text, err)
	}
	if resp, _ := h.ask(http.MethodGet, "/audit?from=yesterday", nil); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a time that is none is answered %d", resp.StatusCode)
	}
}

func TestWhatProgramsSayOfAddressesCountsFromProxiesAlone(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct{ name, peer, forwarded, want string }{
		{"nobody says anything", "192.0.2.1:5", "", "192.0.2.1"},
		{"a stranger lies", "192.0.2.1:5", "203.0.113.9", "192.0.2.1"},
		{"a proxy tells", "10.0.0.1:5", "203.0.113.9", "203.0.113.9"},
		{"what came before the proxy is a claim", "10.0.0.1:5", "1.1.1.1, 203.0.113.9", "203.0.113.9"},
		{"two proxies", "10.0.0.1:5", "203.0.113.9, 10.0.0.2", "203.0.113.9"},
		{"a proxy by IPv6", "[::1]:5", "2001:db8::7", "2001:db8::7"},
		{"a word that is no address", "10.0.0.1:5", "unknown", "10.0.0.1"},
		{"the proxy itself asks", "10.0.0.1:5", "", "10.0.0.1"},
	} {
		s := &server{Options: Options{Access: Access{Trusted: trusted}}}
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{}}
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := s.address(r); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestSomebodyComesBackFromTheProvider(t *testing.T) {
	v := vouches{auth.Identity{Subject: "https://login.example.com 1", Name: "grace", Role: auth.Viewer}}
	h := newHouse(t, func(o *Options) { o.Access.Provider = v })
	if _, page := h.ask(http.MethodGet, "/sign-in?next=/system", nil); !strings.Contains(page, `href="/oidc/start?next=%2Fsystem">Sign in with Example`) {
		t.Errorf("the page does not lead to the provider: %s", page)
	}
	resp, _ := h.ask(http.MethodGet, "/oidc/start?next=/system", nil)
	if resp.Header.Get("Location") != "https://login.example.com/authorize?state=s" {
		t.Fatalf("it leads to %s", resp.Header.Get("Location"))
	}
	if resp, _ := h.ask(http.MethodGet, "/oidc/callback?state=other", nil); resp.StatusCode != http.StatusForbidden {
		t.Errorf("another state is answered %d", resp.StatusCode)
	}
	if resp, _ := h.ask(http.MethodGet, "/oidc/callback?state=s", nil); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a browser that keeps nothing any more is answered %d", resp.StatusCode)
	}
	h.ask(http.MethodGet, "/oidc/start?next=/system", nil)
	if resp, _ := h.ask(http.MethodGet, "/oidc/callback?state=s", nil, "Sec-Fetch-Site", "cross-site"); resp.Header.Get("Location") != "/system" {
		t.Errorf("who comes back is led to %s", resp.Header.Get("Location"))
	}
	if _, page := h.ask(http.MethodGet, "/account", nil); !strings.Contains(page, "You are grace: a viewer") {
		t.Errorf("the account says %s", page)
	}
}

func TestOnesOwnPasswordAndTokens(t *testing.T) {
	h := newHouse(t, nil)
	h.signIn("ada", goodPassword, "/")
	resp, page := h.ask(http.MethodPost, "/account/tokens", url.Values{"name": {"laptop"}, "scope": {"read", "write"}, "for": {"30d"}})
	if _, after, ok := strings.Cut(page, "<code>bln_"); resp.StatusCode != http.StatusCreated || !ok || len(after) < 43 {
		t.Errorf("a new token is answered %d", resp.StatusCode)
	}
	if _, page := h.ask(http.MethodGet, "/account", nil); strings.Contains(page, "bln_") || !strings.Contains(page, "laptop") {
		t.Error("the secret is shown again, or the token is not listed")
	}
	const next = "another horse battery staple"
	for _, c := range []struct {
		name string
		form url.Values
		want int
	}{
		{"another present one", url.Values{"present": {"wrong"}, "new": {next}, "again": {next}}, http.StatusUnprocessableEntity},
		{"two that differ", url.Values{"present": {goodPassword}, "new": {next}, "again": {"x"}}, http.StatusUnprocessableEntity},
		{"a short one", url.Values{"present": {goodPassword}, "new": {"x"}, "again": {"x"}}, http.StatusUnprocessableEntity},
		{"a good one", url.Values{"present": {goodPassword}, "new": {next}, "again": {next}}, http.StatusSeeOther},
	} {
		if resp, _ := h.ask(http.MethodPost, "/account/password", c.form); resp.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", c.name, resp.StatusCode, c.want)
		}
	}
	if resp, _ := h.ask(http.MethodGet, "/", nil); resp.StatusCode != http.StatusSeeOther {
		t.Error("the session goes on after a change of the password")
	}
	if resp := h.signIn("ada", next, "/"); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("the new password is answered %d", resp.StatusCode)
	}
}

func TestAStoreThatIsAwayLetsNobodyInAndSaysSo(t *testing.T) {
	h := newHouse(t, nil)
	h.signIn("ada", goodPassword, "/")
	h.store.Fail(errors.New("the disk is gone"))
	resp, _ := h.ask(http.MethodGet, "/api/v1/slos", nil, "Authorization", "Bearer bln_new")
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("who can't be found out is answered %d", resp.StatusCode)
	}
}

func TestWithoutSignInThePagesSaySo(t *testing.T) {
	srv := serve(t, newShop(noon), func(o *Options) {
		o.Access = Access{Keeper: keeperOf(t, &authtest.Memory{}), Note: "Sign-in is off: whoever reaches 127.0.0.1:9900 may do everything."}
	})
	for _, path := range []string{"/system", "/access"} {
		if _, body := get(t, srv.URL+path); !strings.Contains(body, "Sign-in is off") {
			t.Errorf("%s does not say that sign-in is off", path)
		}
	}
	var me MeJSON
	_, body := get(t, srv.URL+"/api/v1/me")
	if err := json.NewDecoder(bytes.NewBufferString(body)).Decode(&me); err != nil || me.Way != auth.Open || me.Name != "" {
		t.Errorf("who asks is %s, %v", body, err)
	}
	if me.Role != auth.Admin {
		t.Errorf("they may %s", me.Role)
	}
}

func TestWhatStrangersDoFillsNoLog(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Access.Provider = vouches{} })
	for i := range 50 {
		h.ask(http.MethodPost, "/sign-in", url.Values{"name": {strings.Repeat("x", 300+i)}, "password": {"x"}})
		h.ask(http.MethodGet, "/oidc/callback?state=x", nil)
	}
	h.ask(http.MethodGet, "/oidc/start", nil)
	h.ask(http.MethodGet, "/oidc/callback?state=other", nil)
	if all, err := h.keeper.Entries(t.Context(), auth.EntryFilter{}); err != nil || len(all) > 20 {
		t.Errorf("strangers wrote %d entries that nobody can delete, %v", len(all), err)
	}
}

func TestSigningInIsBoundedAsPagesAreAndFeedsAreNot(t *testing.T) {
	h := newHouse(t, func(o *Options) {
		o.Limits = unbounded()
		o.Limits.Rate, o.Limits.Burst = 0.001, 2
		o.Access.Provider, o.PagerDuty = vouches{}, http.NotFoundHandler()
	})
	for i, path := range []string{"/oidc/start", "/sign-in", "/oidc/callback", "/oidc/start"} {
		if resp, _ := h.ask(http.MethodGet, path, nil); (resp.StatusCode == http.StatusTooManyRequests) != (i > 1) {
			t.Errorf("request %d, of %s, is answered %d", i+1, path, resp.StatusCode)
		}
	}
	for _, path := range []string{"/-/healthy", "/favicon.ico"} {
		if resp, _ := h.ask(http.MethodGet, path, nil); resp.StatusCode == http.StatusTooManyRequests {
			t.Errorf("%s is answered %d", path, resp.StatusCode)
		}
	}
	if resp, _ := h.ask(http.MethodPost, "/api/v1/pagerduty/webhook", nil); resp.StatusCode == http.StatusTooManyRequests {
		t.Error("a webhook is turned away")
	}
}

func TestWhatIsForAllNeedsNoStore(t *testing.T) {
	h := newHouse(t, nil)
	h.signIn("ada", goodPassword, "/")
	h.store.Fail(errors.New("the disk is gone"))
	for _, header := range [][]string{nil, {"Authorization", "Bearer bln_new"}, {"Cookie", "burnline=another"}} {
		if resp, body := h.ask(http.MethodGet, "/-/healthy", nil, header...); resp.StatusCode != http.StatusOK {
			t.Errorf("with %q a health check is answered %d %s", header, resp.StatusCode, body)
		}
	}
}

func TestAChangeThatPanicsIsWrittenDownAsFailed(t *testing.T) {
	k := keeperOf(t, &authtest.Memory{})
	secret, _, err := k.CreateToken(t.Context(), auth.TokenInput{Name: "ci", Scopes: []auth.Scope{auth.Administer}}, "", "ada")
	if err != nil {
		t.Fatal(err)
	}
	_, h := bounded(t, unbounded(), func(o *Options) {
		o.Access, o.Reload = Access{Keeper: k, SignIn: true}, func() error { panic("boom") }
	})
	if w := from(h, "192.0.2.1:1", secret, http.MethodPost, "/-/reload"); w.Code != http.StatusInternalServerError {
		t.Errorf("it is answered %d", w.Code)
	}
	all, err := k.Entries(t.Context(), auth.EntryFilter{})
	if err != nil || len(all) != 1 || all[0].Outcome != auth.Failed || all[0].Status != http.StatusInternalServerError {
		t.Errorf("written down is %+v, %v", all, err)
	}
}

func TestWhereNobodySignsInNoOtherNameLeadsHere(t *testing.T) {
	_, h := bounded(t, unbounded(), func(o *Options) {
		o.Access.Hosts, o.PagerDuty = []string{"burnline.example.com"}, http.NotFoundHandler()
		o.Alertmanager = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(reached) })
	})
	for _, c := range []struct {
		host, method, path string
		want               int
	}{
		{"127.0.0.1:9900", "GET", "/api/v1/slos", 200}, {"[::1]:9900", "GET", "/api/v1/slos", 200}, {"localhost:9900", "GET", "/", 200},
		{"Burnline.Example.com", "GET", "/", 200}, {"burnline.localhost:9900", "GET", "/", 200}, {"burnline:9900", "GET", "/", 200},
		{"evil.example:9900", "GET", "/", 421}, {"evil.example", "POST", "/alertmanager/api/v2/silences", 421}, {"127.0.0.1.evil.example", "GET", "/api/v1/slos", 421},
		{"evil.example", "GET", "/nothing", 421},
		{"telemetry.example", "POST", "/alertmanager/api/v2/alerts", reached}, {"hooks.example", "POST", "/api/v1/pagerduty/webhook", 404}, {"probe.example", "GET", "/-/healthy", 200},
	} {
		r, w := httptest.NewRequest(c.method, c.path, nil), httptest.NewRecorder()
		r.Host = c.host
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s %s at %s: %d, want %d", c.method, c.path, c.host, w.Code, c.want)
		}
	}
}
