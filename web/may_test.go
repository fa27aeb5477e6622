package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/alerting/statuspage"
	"burnline/internal/auth"
	"burnline/internal/auth/authtest"
	"burnline/internal/ingest"
	"burnline/slo"
)

// rule is a line of testdata/may.txt: what a route does, and of one that changes something for
// teams how to ask it to.
type rule struct{ method, pattern, kind, path, body string }

// written reads testdata/may.txt: rules of routes, rules of what trees hold, and who may do what.
func written(t *testing.T) (routes, held []rule, may map[string]map[string]bool) {
	t.Helper()
	data, err := os.ReadFile("testdata/may.txt")
	if err != nil {
		t.Fatal(err)
	}
	may = map[string]map[string]bool{}
	var kinds []string
	for line := range strings.Lines(string(data)) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "who":
			kinds = words[1:]
		case kinds != nil:
			may[words[0]] = map[string]bool{}
			for i, word := range words[1:] {
				may[words[0]][kinds[i]] = word == "yes"
			}
		case words[0] == "=":
			held = append(held, ruleOf(words[1:]))
		default:
			routes = append(routes, ruleOf(words))
		}
	}
	return routes, held, may
}

func ruleOf(words []string) rule {
	r := rule{method: words[0], pattern: words[1], kind: words[2], path: words[1]}
	if len(words) > 3 {
		r.path, r.body = words[3], strings.Join(words[4:], " ")
	}
	return r
}

// muting is silences of three teams, which mute the promise of the team that they are called by.
type muting struct{ Silences }

func (muting) Silence(_ context.Context, id string) (alerting.Silence, error) {
	if !slices.Contains(ofThree(), id) {
		return alerting.Silence{}, silences.ErrUnknown
	}
	in := silences.Input{Matchers: []string{`slo="` + id + `/promise"`}, For: "1h", Author: "x", Reason: "y"}
	if id == "both" {
		in.Matchers = []string{`slo=~"(own|other)/promise"`}
	}
	r, err := in.Request(noon)
	return alerting.Silence{ID: id, Matchers: r.Matchers}, err
}

func (muting) Preview(_ context.Context, r silences.Request) (silences.Preview, error) {
	return silences.Look(&alerting.Silence{Matchers: r.Matchers}, silences.World{At: noon, Definitions: threePromises()}, silences.DefaultLimits()), nil
}

// posted is posts for customers, each of the journey that it is called by.
type posted struct{ StatusPosts }

func (posted) List(context.Context) (all []alerting.StatusPost, _ error) {
	for _, name := range ofThree() {
		all = append(all, alerting.StatusPost{ID: name, Journeys: []string{name}})
	}
	return all, nil
}

func (posted) Teams(journeys []string, all []*slo.Definition) (teams []string) {
	for _, j := range journeys {
		for _, d := range all {
			if slices.Contains(concernsOf(j), d.ID) {
				teams = append(teams, d.Team)
			}
		}
	}
	return teams
}

// ofThree are what the things are called that concern the own team, another one, both, and none.
func ofThree() []string { return []string{"own", "other", "both", "none"} }

// threePromises are SLOs of the own team, another one, and none.
func threePromises() []*slo.Definition {
	var all []*slo.Definition
	for id, team := range map[string]string{"own": "payments", "other": "search", "none": ""} {
		all = append(all, &slo.Definition{ID: id + "/promise", Service: id, Name: "promise", Team: team})
	}
	return all
}

// concernsOf are the SLOs of what is called so.
func concernsOf(name string) []string {
	if name == "both" {
		return []string{"own/promise", "other/promise"}
	}
	return []string{name + "/promise"}
}

// people are everybody of testdata/may.txt, by what they bring with a request.
func people(t *testing.T, k *auth.Keeper, store *authtest.Memory) map[string]func(*http.Request) {
	t.Helper()
	password := "correct horse battery staple"
	user := func(name string, role auth.Role, teams ...string) func(*http.Request) {
		if _, err := k.AddUser(t.Context(), auth.UserInput{Name: name, Role: &role, Teams: &teams, Password: &password}); err != nil {
			t.Fatal(err)
		}
		secret, _, err := k.SignIn(t.Context(), name, password, "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		return func(r *http.Request) {
			r.AddCookie(&http.Cookie{Name: "burnline", Value: secret})
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
	}
	token := func(owner string, edit func(*auth.Token), scope auth.Scope, teams ...string) func(*http.Request) {
		secret, made, err := k.CreateToken(t.Context(), auth.TokenInput{Name: "t", Scopes: []auth.Scope{scope}, Teams: teams}, owner, "x")
		if err != nil {
			t.Fatal(err)
		}
		edit(&made)
		if err := store.SaveToken(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) }
	}
	as := func(*auth.Token) {}
	return map[string]func(*http.Request){
		"nobody":          func(*http.Request) {},
		"viewer":          user("viewer", auth.Viewer, "payments"),
		"editor":          user("editor", auth.Editor, "payments"),
		"editor-of-none":  user("editor-of-none", auth.Editor),
		"editor-of-all":   user("editor-of-all", auth.Editor, auth.EveryTeam),
		"admin":           user("admin", auth.Admin),
		"token-read":      token("", as, auth.Read),
		"token-write":     token("", as, auth.Write, "payments"),
		"token-admin":     token("", as, auth.Administer, "payments"),
		"token-ingest":    token("", as, auth.Ingest),
		"token-of-viewer": token("viewer", func(t *auth.Token) { t.Scopes = []auth.Scope{auth.Administer} }, auth.Read),
		"token-expired":   token("", func(t *auth.Token) { t.Expires = time.Now().Add(-time.Second) }, auth.Administer),
		"token-of-file":   func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+tokenOfFile) },
		"certificate": func(r *http.Request) {
			leaf := &x509.Certificate{Subject: pkix.Name{CommonName: "edge"}, NotAfter: time.Now().Add(time.Hour)}
			r.TLS = &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{leaf}}}
		},
		"certificate-unverified": func(r *http.Request) {
			r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{NotAfter: time.Now().Add(time.Hour)}}}
		},
	}
}

// tokenOfFile is in a file that the configuration names.
const tokenOfFile = "of-a-file-0123456789abcdef"

// gateOf lets senders in by a keeper and by tokenOfFile.
func gateOf(t *testing.T, k *auth.Keeper) *ingest.Gate {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(tokenOfFile+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g, err := ingest.New(ingest.Options{Keeper: k, Files: map[string]string{"edge": path}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// reached is what a route answers in the place of its handler.
const reached = http.StatusTeapot

// answersReached stands in the place of a handler.
func answersReached(c *gin.Context) { c.Status(reached); c.Writer.WriteHeaderNow() }

// guarded is the server of every route, behind which nothing is done.
func guarded(t *testing.T, k *auth.Keeper) (*gin.Engine, []route) {
	t.Helper()
	s := everything(t)
	shop := newShop(noon)
	shop.defs, shop.records = threePromises(), nil
	corrections, planned := &ledgerOfCorrections{}, &works{}
	for _, name := range ofThree() {
		in := slo.Incident{Key: name, SLO: "blind/source", SLOs: concernsOf(name)}
		if name != "both" {
			in = slo.Incident{Key: name, SLO: name + "/promise", Team: map[string]string{"own": "payments", "other": "search"}[name]}
		}
		shop.records = append(shop.records, alerting.Record{Incident: in})
		corrections.inForce = append(corrections.inForce, slo.Correction{ID: name, SLOs: concernsOf(name)})
		planned.all = append(planned.all, alerting.Maintenance{ID: name, From: noon, To: time.Now().Add(day), Planned: time.Now().Add(day), Scope: alerting.Scope{SLOs: concernsOf(name)}})
	}
	s.Engine, s.Ledger, s.Silences, s.Corrections, s.Maintenance = shop, shop, muting{}, corrections, planned
	s.StatusPosts = posted{}
	s.StatusPosts = postsOfThree(t)
	s.Access = Access{Keeper: k, SignIn: true, Provider: vouches{}, Ingest: gateOf(t, k)}
	routes := s.routes()
	for i := range routes {
		routes[i].handler = answersReached
	}
	return s.mount(routes), routes
}

// postsOfThree are posts that are called as the one journey that they are about, behind which the promises
// of that name are.
func postsOfThree(t *testing.T) *statuspage.Posts {
	t.Helper()
	b, c := &board{}, statuspage.Config{Title: "x", Zone: time.UTC}
	for _, name := range ofThree() {
		b.posts = append(b.posts, alerting.StatusPost{ID: name, At: noon, Journeys: []string{name}})
		c.Journeys = append(c.Journeys, statuspage.JourneyConfig{Name: name, SLOs: concernsOf(name)})
	}
	p, err := statuspage.NewPosts(statuspage.PostsOptions{
		Store: b, Now: func() time.Time { return noon }, NewID: func() string { return "x" }, Config: func() statuspage.Config { return c },
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhoMayDoWhat(t *testing.T) {
	store := &authtest.Memory{}
	k := keeperOf(t, store)
	router, routes := guarded(t, k)
	rules, held, may := written(t)
	everybody := people(t, k, store)
	for _, rt := range routes {
		method := rt.method
		if method == "" {
			method = "ANY"
		}
		i := slices.IndexFunc(rules, func(r rule) bool { return r.method == method && r.pattern == rt.path })
		if i < 0 {
			t.Errorf("%s %s is new: say in testdata/may.txt who may do that", method, rt.path)
			continue
		}
		if rt.access == toChange && rt.concerns == nil {
			t.Errorf("%s %s does not say which teams it concerns: give it .does(…)", method, rt.path)
		}
		if changes := rt.access == toChange || rt.access == toOwn || rt.access == toRule && rt.method != http.MethodGet && rt.within == nil; changes && rt.act == "" {
			t.Errorf("%s %s does not say what it changes: give it .does(…), or the audit log has no words for it", method, rt.path)
		}
	}
	for _, r := range rules {
		if !slices.ContainsFunc(routes, func(rt route) bool {
			return rt.path == r.pattern && (rt.method == r.method || rt.method == "" && r.method == "ANY")
		}) {
			t.Errorf("testdata/may.txt names %s %s, which is no route", r.method, r.pattern)
		}
	}
	asked := 0
	for _, r := range slices.Concat(rules, held) {
		if r.kind == "mixed" {
			continue
		}
		for who, bring := range everybody {
			for _, team := range ofThree() {
				kind := r.kind
				if kind == "change" {
					kind += "-" + team
				} else if team != "own" {
					continue
				}
				if one := strings.Contains(r.pattern, "/incidents/:key/") || strings.HasPrefix(r.body, "slo="); one && team == "both" {
					kind = "change-own" // an incident of several teams is any one's of them, and a form names one SLO
				}
				want, said := may[who][kind]
				if !said {
					t.Fatalf("testdata/may.txt does not say whether %s may %s", who, kind)
				}
				asked++
				if got := tries(router, r, team, bring); (got == reached) != want {
					t.Errorf("%s %s of %s by %s: %d, want it %s", r.method, r.pattern, team, who, got, map[bool]string{true: "let through", false: "refused"}[want])
				}
			}
		}
	}
	if asked < 1000 {
		t.Errorf("only %d requests were made", asked)
	}
}

// tries makes the request of a rule about a team's things, and returns the answer's status.
func tries(router http.Handler, r rule, team string, bring func(*http.Request)) int {
	method, id := r.method, team
	if method == "ANY" {
		method = http.MethodPost
	}
	body := strings.ReplaceAll(r.body, "TEAM", id)
	if team == "both" { // both SLOs, in whatever way the body names them
		body = strings.NewReplacer(`"journeys":["TEAM"]`, `"journeys":["own","other"]`, `"slos":["TEAM/promise"]`, `"slos":["own/promise","other/promise"]`, `slo=\"TEAM/promise\"`, `slo=~\"(own|other)/promise\"`,
			`slo%3D%22TEAM%2F`, `slo%3D~%22(own%7Cother)%2F`, `"value":"TEAM/promise","isRegex":false`, `"value":"(own|other)/promise","isRegex":true`, `slo=TEAM%2Fpromise`, `slo=own%2Fpromise`,
			`slos=TEAM%2Fpromise`, `slos=own%2Fpromise,other%2Fpromise`, `journey=TEAM`, `journey=own&journey=other`).Replace(r.body)
	}
	path := strings.NewReplacer("TEAM", id, ":key", "own", ":id", "own", ":name", "own", ":version", "v", "*", "").Replace(r.path)
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	if strings.HasPrefix(body, "matchers=") || strings.HasPrefix(body, "slo=") {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	bring(req)
	out := httptest.NewRecorder()
	router.ServeHTTP(out, req)
	return out.Code
}
