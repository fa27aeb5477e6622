package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
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
	var heard complaints
	heard.listen(ctx)
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{360, 1920} {
			var overflow string
			var picture []byte
			look := func(name string, wait chromedp.Action) {
				t.Helper()
				err := chromedp.Run(ctx, wait, chromedp.Evaluate(sideways, &overflow), chromedp.ActionFunc(func(ctx context.Context) error {
					if *screenshots == "" {
						return nil
					}
					return chromedp.FullScreenshot(&picture, 100).Do(ctx)
				}))
				if lines := heard.take(); err != nil || overflow != "" || len(lines) > 0 {
					t.Fatalf("%s: %v; scrolls sideways because of %q; complains: %s", name, err, overflow, strings.Join(lines, "\n"))
				}
				if found := audit(t, ctx); found != "" {
					t.Errorf("axe finds of %s:\n%s", name, found)
				}
				if picture != nil {
					save(t, fmt.Sprintf("%s-%s-%d.png", name, theme, width), picture)
				}
			}
			err := chromedp.Run(ctx,
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}),
				chromedp.EmulateViewport(width, 1000), chromedp.Navigate(srv.URL+"/incidents/4be7a1c0d2f9"))
			if err != nil {
				t.Fatal(err)
			}
			look("sign-in", until(`location.pathname === "/sign-in" && document.querySelector("#f-password")`))
			err = chromedp.Run(ctx, chromedp.SendKeys("#f-name", "grace"), chromedp.SendKeys("#f-password", goodPassword+"\r"),
				until(`location.pathname === "/incidents/4be7a1c0d2f9"`), chromedp.Navigate(srv.URL+"/account"))
			if err != nil {
				t.Fatal(err)
			}
			look("account", until(`document.getElementById("fresh")?.dataset.live === "yes"`))
			if err := chromedp.Run(ctx, chromedp.Click(`form[action="/sign-out"] button`), until(`location.pathname === "/sign-in"`)); err != nil {
				t.Fatalf("sign out: %v", err)
			}
			heard.take()
		}
	}
	all, err := k.Entries(t.Context(), auth.EntryFilter{What: "sign"})
	if err != nil || len(all) < 9 || all[0].Act != "sign out" || all[0].Status != http.StatusSeeOther {
		t.Errorf("the audit log has %+v, %v", all, err)
	}
}
