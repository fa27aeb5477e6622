package auth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"burnline/internal/auth"
	"burnline/internal/auth/authtest"
	"burnline/slo"
)

const password = "correct horse battery staple"

// hall is a keeper with a clock that is set by hand.
type hall struct {
	*auth.Keeper
	t     *testing.T
	store *authtest.Memory
	now   time.Time
}

func newHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{t: t, store: &authtest.Memory{}, now: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	k, err := auth.NewKeeper(auth.Options{Store: h.store, KeepAdmin: true, Now: func() time.Time { return h.now }})
	if err != nil {
		t.Fatal(err)
	}
	h.Keeper = k
	return h
}

func (h *hall) add(name string, role auth.Role, teams ...string) {
	h.t.Helper()
	secret := password
	if _, err := h.AddUser(h.t.Context(), auth.UserInput{Name: name, Role: &role, Teams: &teams, Password: &secret}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) signIn(name string) string {
	h.t.Helper()
	secret, who, err := h.SignIn(h.t.Context(), name, password, "192.0.2.1")
	if err != nil || who.Name != name {
		h.t.Fatalf("%s can't sign in: %+v, %v", name, who, err)
	}
	return secret
}

// in reports whether a session's secret still lets somebody in, some time later.
func (h *hall) in(secret string, later time.Duration) bool {
	h.t.Helper()
	h.now = h.now.Add(later)
	_, ok, err := h.BySession(h.t.Context(), secret)
	if err != nil {
		h.t.Fatal(err)
	}
	return ok
}

func TestOnlyThePasswordLetsIn(t *testing.T) {
	h := newHall(t)
	h.add("ada", auth.Admin)
	for _, c := range []struct{ name, user, password string }{
		{"another password", "ada", "wrong"}, {"nobody of that name", "grace", password}, {"no password", "ada", ""},
		{"a name of another case", "Ada", password}, {"a very long password", "ada", strings.Repeat("x", 1<<20)},
	} {
		if _, _, err := h.SignIn(t.Context(), c.user, c.password, "192.0.2.9"); !errors.Is(err, auth.ErrWrong) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	h.signIn("ada")
}

func TestASessionEnds(t *testing.T) {
	viewer, other := auth.Viewer, "another horse battery staple"
	for _, c := range []struct {
		name string
		do   func(h *hall, secret string) error
		over bool
	}{
		{"not within the idle time", func(h *hall, s string) error { h.now = h.now.Add(11 * time.Hour); return nil }, false},
		{"without a request for longer", func(h *hall, s string) error { h.now = h.now.Add(13 * time.Hour); return nil }, true},
		{"not while it is used", func(h *hall, s string) error {
			for range 10 {
				h.in(s, 11*time.Hour)
			}
			return nil
		}, false},
		{"after a week, however it is used", func(h *hall, s string) error {
			for range 20 {
				h.in(s, 11*time.Hour)
			}
			return nil
		}, true},
		{"by signing out", func(h *hall, s string) error {
			who, _, err := h.BySession(context.Background(), s)
			return errors.Join(err, h.SignOut(context.Background(), who))
		}, true},
		{"by a change of the role", func(h *hall, s string) error {
			_, err := h.SetUser(context.Background(), auth.UserInput{Name: "grace", Role: &viewer})
			return err
		}, true},
		{"by a change of the teams", func(h *hall, s string) error {
			_, err := h.SetUser(context.Background(), auth.UserInput{Name: "grace", Teams: &[]string{"search"}})
			return err
		}, true},
		{"by a change of the password", func(h *hall, s string) error {
			return h.SetOwnPassword(context.Background(), "grace", password, other, "192.0.2.1")
		}, true},
		{"not by a change of the full name", func(h *hall, s string) error {
			_, err := h.SetUser(context.Background(), auth.UserInput{Name: "grace", Display: &other})
			return err
		}, false},
		{"by being removed", func(h *hall, s string) error { return h.RemoveUser(context.Background(), "grace") }, true},
		{"also where somebody else gets the name", func(h *hall, s string) error {
			err := h.RemoveUser(context.Background(), "grace")
			h.add("grace", auth.Admin)
			return err
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHall(t)
			h.add("ada", auth.Admin)
			h.add("grace", auth.Editor, "payments")
			secret := h.signIn("grace")
			if !h.in(secret, 0) {
				t.Fatal("who signed in is not in")
			}
			if err := c.do(h, secret); err != nil {
				t.Fatal(err)
			}
			if over := !h.in(secret, 0); over != c.over {
				t.Errorf("the session is over: %t, want %t", over, c.over)
			}
		})
	}
}

func TestATokenMayNoMoreThanItsOwnerMayNow(t *testing.T) {
	h := newHall(t)
	h.add("ada", auth.Admin)
	h.add("grace", auth.Editor, "payments", "search")
	secret, token, err := h.CreateToken(t.Context(), auth.TokenInput{Name: "ci", Scopes: []auth.Scope{auth.Write, auth.Ingest}}, "grace", "grace")
	if err != nil || !auth.IsToken(secret) || strings.Contains(token.Hash, secret) {
		t.Fatalf("%+v, %v", token, err)
	}
	rights := func(want string) {
		t.Helper()
		who, ok, err := h.ByToken(t.Context(), secret)
		got := "none"
		if ok {
			got = string(who.Role) + " " + strings.Join(who.Teams, ",") + " " + who.Name
		}
		if who.Feeds {
			got += ", and feeds"
		}
		if err != nil || got != want {
			t.Errorf("the token may %q, %v, want %q", got, err, want)
		}
	}
	rights("editor payments,search grace, and feeds")
	viewer, editor := auth.Viewer, auth.Editor
	set := func(in auth.UserInput) {
		t.Helper()
		if _, err := h.SetUser(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	set(auth.UserInput{Name: "grace", Role: &viewer})
	rights("viewer payments,search grace")
	set(auth.UserInput{Name: "grace", Role: &editor, Teams: &[]string{"search"}})
	rights("editor search grace, and feeds")
	h.now = h.now.Add(time.Second)
	if err := h.RemoveUser(t.Context(), "grace"); err != nil {
		t.Fatal(err)
	}
	rights("none")
	h.add("grace", auth.Admin)
	rights("none")
}

func TestATokenEndsByTimeAndByHand(t *testing.T) {
	h := newHall(t)
	secret, token, err := h.CreateToken(t.Context(), auth.TokenInput{Name: "ci", Scopes: []auth.Scope{auth.Read}, For: "1d"}, "", "ada")
	if err != nil {
		t.Fatal(err)
	}
	valid := func() bool { _, ok, _ := h.ByToken(t.Context(), secret); return ok }
	if !valid() {
		t.Error("a new token is none")
	}
	all, err := h.Tokens(t.Context(), "")
	if err != nil || len(all) != 1 || !all[0].Used.Equal(h.now) {
		t.Errorf("it was not noted that the token was used: %+v, %v", all, err)
	}
	if _, err := h.RevokeToken(t.Context(), token.ID, "grace", "grace"); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("somebody revokes what is not theirs: %v", err)
	}
	h.now = h.now.Add(25 * time.Hour)
	if valid() {
		t.Error("an expired token lets in")
	}
	secret, token, err = h.CreateToken(t.Context(), auth.TokenInput{Name: "ci", Scopes: []auth.Scope{auth.Read}}, "", "ada")
	if err != nil || !valid() {
		t.Fatal(err)
	}
	if _, err := h.RevokeToken(t.Context(), token.ID, "", "ada"); err != nil || valid() {
		t.Errorf("a revoked token lets in: %v", err)
	}
}

func TestAllThatIsWrongWithATokenIsSaid(t *testing.T) {
	h := newHall(t)
	h.add("vic", auth.Viewer)
	_, _, err := h.CreateToken(t.Context(), auth.TokenInput{Name: "a b", Scopes: []auth.Scope{auth.Administer, auth.Ingest, "all"}, Teams: []string{""}, For: "9y"}, "vic", "vic")
	var found slo.Problems
	if !errors.As(err, &found) || len(found) != 6 {
		t.Errorf("found %v", err)
	}
}

func TestTheLastAdminCanNotBeLetGo(t *testing.T) {
	h := newHall(t)
	h.add("ada", auth.Admin)
	viewer := auth.Viewer
	if err := h.RemoveUser(t.Context(), "ada"); !errors.Is(err, auth.ErrLastAdmin) {
		t.Errorf("removed: %v", err)
	}
	if _, err := h.SetUser(t.Context(), auth.UserInput{Name: "ada", Role: &viewer}); !errors.Is(err, auth.ErrLastAdmin) {
		t.Errorf("made a viewer: %v", err)
	}
	h.add("grace", auth.Admin)
	if err := h.RemoveUser(t.Context(), "ada"); err != nil {
		t.Errorf("with another admin: %v", err)
	}
}

func TestWhomAProviderVouchesForIsWhoTheyAreThere(t *testing.T) {
	h := newHall(t)
	h.add("ada", auth.Admin)
	id := auth.Identity{Subject: "https://login.example.com 17", Name: "grace", Role: auth.Editor, Teams: []string{"payments"}}
	secret, who, err := h.SignInAs(t.Context(), id, "192.0.2.1")
	if err != nil || who.Role != auth.Editor || !h.in(secret, 0) {
		t.Fatalf("%+v, %v", who, err)
	}
	if _, _, err := h.SignIn(t.Context(), "grace", "", "192.0.2.1"); !errors.Is(err, auth.ErrWrong) {
		t.Errorf("without a password: %v", err)
	}
	for name, other := range map[string]auth.Identity{
		"another person of the same name": {Subject: "https://login.example.com 18", Name: "grace", Role: auth.Admin},
		"a local user's name":             {Subject: "https://login.example.com 18", Name: "ada", Role: auth.Admin},
	} {
		if _, _, err := h.SignInAs(t.Context(), other, "192.0.2.1"); !errors.Is(err, auth.ErrTaken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	id.Role = auth.Viewer
	if _, who, err = h.SignInAs(t.Context(), id, "192.0.2.1"); err != nil || who.Role != auth.Viewer || h.in(secret, 6*time.Second) {
		t.Errorf("with another role: %+v, %v; the session before it goes on", who, err)
	}
}

func TestWhatIsWrittenDownIsBounded(t *testing.T) {
	h := newHall(t)
	if err := h.Record(t.Context(), auth.Entry{Who: "ada", Act: "silence", Object: strings.Repeat("ü", 1000), Outcome: auth.Done}); err != nil {
		t.Fatal(err)
	}
	all, err := h.Entries(t.Context(), auth.EntryFilter{Who: "ada"})
	if err != nil || len(all) != 1 || len(all[0].Object) > 510 || strings.Contains(all[0].Object, "\uFFFD") || all[0].ID == "" || !all[0].At.Equal(h.now) {
		t.Errorf("%+v, %v", all, err)
	}
}

// asked counts what the store is asked.
type asked struct {
	*authtest.Memory
	lists, looks int
}

func (a *asked) Tokens(ctx context.Context) ([]auth.Token, error) {
	a.lists++
	return a.Memory.Tokens(ctx)
}

func (a *asked) TokenOf(ctx context.Context, hash string) (auth.Token, bool, error) {
	a.looks++
	return a.Memory.TokenOf(ctx, hash)
}

func TestWrongTokensCostTheStoreLittleAndRightOnesBesideThemDoNotWait(t *testing.T) {
	store, now := &asked{Memory: &authtest.Memory{}}, time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	k, err := auth.NewKeeper(auth.Options{Store: store, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	var rights []string
	for range 3 {
		secret, _, err := k.CreateToken(t.Context(), auth.TokenInput{Name: "edge", Scopes: []auth.Scope{auth.Ingest}}, "", "ada")
		if err != nil {
			t.Fatal(err)
		}
		rights = append(rights, secret)
	}
	store.lists, store.looks = 0, 0
	from := func(secret string) error {
		_, _, err := k.ByTokenFrom(t.Context(), secret, "192.0.2.1")
		return err
	}
	for i := range 1000 {
		if err := from(fmt.Sprint("bln_", i)); (err != nil) != (i >= 20) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	if store.lists != 1 || store.looks != 20 {
		t.Errorf("a thousand guesses within a second read %d lists and look up %d tokens, want 1 and 20", store.lists, store.looks)
	}
	for i, secret := range rights[:2] {
		if err := from(secret); err != nil {
			t.Errorf("right token %d: %v", i, err)
		}
	}
	now = now.Add(999 * time.Millisecond)
	store.Fail(errors.New("away"))
	var soon *auth.TooSoon
	if err := from(rights[2]); err == nil || errors.As(err, &soon) {
		t.Errorf("a right token while the store is away is told %v, not that", err)
	}
	if err := from("bln_more"); !errors.As(err, &soon) {
		t.Errorf("a wrong one is told %v", err)
	}
}

func TestTheFirstAdminIsMadeWhereThereIsNoneAndChangesNobody(t *testing.T) {
	asked := 0
	says := func(secret string, err error) func() (string, error) {
		return func() (string, error) { asked++; return secret, err }
	}
	h := newHall(t)
	h.add("grace", auth.Editor, "payments")
	missing := errors.New("there is no such file")
	if made, err := h.FirstAdmin(t.Context(), "admin", says("", missing)); made || !errors.Is(err, missing) {
		t.Errorf("without a password: %t, %v", made, err)
	}
	var wrong slo.Problems
	if made, err := h.FirstAdmin(t.Context(), "admin", says("short", nil)); made || !errors.As(err, &wrong) {
		t.Errorf("with a short password: %t, %v", made, err)
	}
	if made, err := h.FirstAdmin(t.Context(), "Grace", says(password, nil)); made || !errors.Is(err, auth.ErrTaken) {
		t.Errorf("with a name that somebody has: %t, %v", made, err)
	}
	if made, err := h.FirstAdmin(t.Context(), "admin", says(password, nil)); !made || err != nil {
		t.Errorf("with all that it takes: %t, %v", made, err)
	}
	h.signIn("admin")
	h.add("ada", auth.Admin)
	if err := h.RemoveUser(t.Context(), "admin"); err != nil {
		t.Fatal(err)
	}
	asked = 0
	if made, err := h.FirstAdmin(t.Context(), "admin", says(password, nil)); made || err != nil || asked > 0 {
		t.Errorf("beside another admin: %t, %v, and the password is asked for %d times", made, err, asked)
	}
	users, err := h.Users(t.Context())
	if err != nil || len(users) != 2 || users[1].Role != auth.Editor {
		t.Errorf("who is let in: %+v, %v", users, err)
	}
}
