package web

import (
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"burnline/internal/auth"
	"burnline/internal/auth/authtest"
)

// populated is a keeper with people, tokens and a history.
func populated(t *testing.T) *auth.Keeper {
	t.Helper()
	k := keeperOf(t, &authtest.Memory{})
	password := goodPassword
	for _, u := range []struct {
		name, display string
		role          auth.Role
		teams         []string
	}{{"ada", "Ada Lovelace", auth.Admin, nil}, {"grace", "", auth.Editor, []string{"payments", "search"}}, {"vic", "", auth.Viewer, nil}} {
		if _, err := k.AddUser(t.Context(), auth.UserInput{Name: u.name, Display: &u.display, Role: &u.role, Teams: &u.teams, Password: &password}); err != nil {
			t.Fatal(err)
		}
	}
	for _, in := range []auth.TokenInput{{Name: "grafana", Scopes: []auth.Scope{auth.Read}}, {Name: "ci", Scopes: []auth.Scope{auth.Ingest, auth.Write}, Teams: []string{"payments"}}} {
		if _, _, err := k.CreateToken(t.Context(), in, "", "ada"); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []auth.Entry{
		{Who: "ada", From: "192.0.2.1", Act: "sign in", Route: "POST /sign-in", Object: "ada", Outcome: auth.Done, Status: 303},
		{Who: "grace", From: "2001:db8::17", Act: "silence", Route: "POST /silences", Outcome: auth.Refused, Status: 403},
		{Who: "file watch", Act: "reload the configuration", Object: "burnline.yaml", Outcome: auth.Done},
		{Who: "token ci", Token: "4jdsuiwm2c2jml2p", From: "192.0.2.7", Act: "acknowledge an incident", Route: "POST /api/v1/incidents/4be7a1c0d2f9/acknowledge", Object: "4be7a1c0d2f9", Outcome: auth.Failed, Status: 503},
	} {
		if err := k.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// The link of a page leads, on a phone in the dark, through signing in to the incident.
func TestAPersonSignsInInABrowser(t *testing.T) {
	k := populated(t)
	srv := serve(t, newShop(time.Now()), func(o *Options) { o.Access, o.Now = Access{Keeper: k, SignIn: true, Provider: vouches{}}, time.Now })
	ctx := browser(t)
	see := lookerIn(ctx)
	for _, theme := range []string{"light", "dark"} {
		err := chromedp.Run(ctx, inTheme(theme), chromedp.Navigate(srv.URL+"/incidents/4be7a1c0d2f9"), until(`location.pathname === "/sign-in" && document.querySelector("#f-password")`))
		if err != nil {
			t.Fatal(err)
		}
		see.look(t, "sign-in", theme)
		err = chromedp.Run(ctx, chromedp.SendKeys("#f-name", "grace"), chromedp.SendKeys("#f-password", goodPassword+"\r"),
			until(`location.pathname === "/incidents/4be7a1c0d2f9"`), chromedp.Navigate(srv.URL+"/account"), until(ready))
		if err != nil {
			t.Fatal(err)
		}
		see.look(t, "account", theme)
		if err := chromedp.Run(ctx, chromedp.Click(`form[action="/sign-out"] button`), until(`location.pathname === "/sign-in"`)); err != nil {
			t.Fatalf("sign out: %v", err)
		}
		see.heard.take()
	}
	all, err := k.Entries(t.Context(), auth.EntryFilter{What: "sign"})
	if err != nil || len(all) < 4 || all[0].Act != "sign out" || all[0].Status != http.StatusSeeOther {
		t.Errorf("the audit log has %+v, %v", all, err)
	}
}
