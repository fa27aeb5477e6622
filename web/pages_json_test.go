package web

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

// told reads testdata/pages.txt: by page the routes of the API, none where a reason stands for them.
func told(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/pages.txt")
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string][]string{}
	for line := range strings.Lines(string(data)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if _, twice := pages[words[0]]; twice || len(words) < 2 || words[1] == "=" && len(words) < 3 {
			t.Fatalf("testdata/pages.txt: %q stands there twice, or with neither a route nor a reason", words[0])
		}
		pages[words[0]] = words[1:]
		if words[1] == "=" {
			pages[words[0]] = nil
		}
	}
	return pages
}

// Who can see a page can have what it shows as JSON, by a route that the description names.
func TestEveryPageIsToBeHadAsJSON(t *testing.T) {
	routes, pages := everything(t).routes(), told(t)
	shown := map[string]access{}
	for _, r := range routes {
		if r.api != nil || r.method != "" && r.method != http.MethodGet {
			continue
		}
		shown[r.path] = r.access
		if _, is := pages[r.path]; !is {
			t.Errorf("the page %s is not in testdata/pages.txt: write there which route of the API gives what it shows", r.path)
		}
	}
	for page, by := range pages {
		access, is := shown[page]
		if !is {
			t.Errorf("testdata/pages.txt has %s, which is no page", page)
		}
		for _, path := range by {
			if !slices.ContainsFunc(routes, func(r route) bool {
				return r.api != nil && r.method == http.MethodGet && r.path == path && r.access == access
			}) {
				t.Errorf("%s is no route of the API that who sees %s may ask", path, page)
			}
		}
	}
}

// What pages show beside the figures is in the answers too.
func TestTheAPIHasWhatPagesShowBeside(t *testing.T) {
	p := newPromises(t, noon)
	url := serve(t, p.shop, func(o *Options) { p.options(o); o.Access.Note = "Sign-in is off." }).URL
	var teams TeamsJSON
	var health struct{ Access string }
	for path, into := range map[string]any{"/api/v1/teams": &teams, "/api/v1/health": &health} {
		status, body := get(t, url+path)
		if err := json.Unmarshal([]byte(body), into); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %s, %v", path, status, body, err)
		}
	}
	if len(teams.Teams) != 3 || teams.Teams[2].Owners == nil || teams.Teams[2].Parent != "payments" || teams.Teams[1].SlackChannel != "#payments" {
		t.Errorf("the teams are %+v", teams.Teams)
	}
	if health.Access != "Sign-in is off." {
		t.Errorf("who gets in is said as %q", health.Access)
	}
}
