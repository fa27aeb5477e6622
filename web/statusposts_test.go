package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/statuspage"
	"burnline/internal/auth"
)

// board keeps posts in memory.
type board struct{ posts []alerting.StatusPost }

func (b *board) EditStatusPost(_ context.Context, id string, edit func(*alerting.StatusPost) (alerting.StatusPost, error)) error {
	for i := range b.posts {
		if b.posts[i].ID == id {
			next, err := edit(&b.posts[i])
			if err == nil {
				b.posts[i] = next
			}
			return err
		}
	}
	next, err := edit(nil)
	if err == nil {
		b.posts = append(b.posts, next)
	}
	return err
}

func (b *board) StatusPosts(context.Context, time.Time) ([]alerting.StatusPost, error) {
	return b.posts, nil
}

// postsOf takes posts of a page on which customers pay.
func postsOf(t *testing.T, b *board) *statuspage.Posts {
	t.Helper()
	p, err := statuspage.NewPosts(statuspage.PostsOptions{
		Store: b, Now: func() time.Time { return noon }, NewID: func() string { return "p-1" },
		Config: func() statuspage.Config {
			return statuspage.Config{Title: "Shop", Zone: time.UTC, Journeys: []statuspage.JourneyConfig{{Name: "Paying", SLOs: []string{"checkout/*"}}}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// writtenTo has a post that stands.
func writtenTo(now time.Time) *board {
	return &board{posts: []alerting.StatusPost{{ID: "p-0", At: now.Add(-4 * time.Minute), Title: "Cards", Text: "Some cards are refused.\n\nVouchers work.", Journeys: []string{"Paying"}, By: "Ada Moreau"}}}
}

func TestPeopleWriteForCustomersAndTakeItBack(t *testing.T) {
	b := &board{}
	url := serve(t, newShop(noon), func(o *Options) { o.StatusPosts = postsOf(t, b) }).URL + "/api/v1/status/posts"
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"nothing at all", http.MethodPost, "", `{}`, http.StatusUnprocessableEntity, "text: it is missing"},
		{"a journey that is none", http.MethodPost, "", `{"text": "x", "by": "ada", "journeys": ["checkout"]}`, http.StatusUnprocessableEntity, "write Paying"},
		{"a field that is none", http.MethodPost, "", `{"txt": "x"}`, http.StatusBadRequest, "unknown field"},
		{"a sound one", http.MethodPost, "", `{"title": "Cards", "text": "Some cards are refused.", "journeys": ["Paying"], "by": "ada"}`, http.StatusCreated, `"id":"p-1"`},
		{"the list", http.MethodGet, "", "", http.StatusOK, "Some cards are refused."},
		{"taken back by nobody", http.MethodPost, "/p-1/remove", `{}`, http.StatusUnprocessableEntity, "by: it is missing"},
		{"taken back", http.MethodPost, "/p-1/remove", `{"by": "grace"}`, http.StatusOK, `"removed_by":"grace"`},
		{"taken back again", http.MethodPost, "/p-1/remove", `{"by": "grace"}`, http.StatusNotFound, "No post that stands"},
		{"no body", http.MethodPost, "/p-1/remove", ``, http.StatusBadRequest, "who takes it back"},
	} {
		if status, body := ask(t, c.method, url+c.path, c.body); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s, want %d %q", c.name, status, body, c.status, c.want)
		}
	}
	if got := postsOf(t, b).Teams([]string{"Paying"}, newShop(noon).Definitions()); len(got) == 0 {
		t.Error("a post about paying concerns nobody")
	}
}

func TestAJourneyThatNothingIsBehindBelongsToNoSingleTeam(t *testing.T) {
	posts, err := statuspage.NewPosts(statuspage.PostsOptions{
		Store: &board{}, Now: func() time.Time { return noon }, NewID: func() string { return "p-1" },
		Config: func() statuspage.Config {
			return statuspage.Config{Title: "Shop", Zone: time.UTC, Journeys: []statuspage.JourneyConfig{{Name: "Paying", SLOs: []string{"checkout/*"}}, {Name: "Renting", SLOs: []string{"rent/*"}}}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Options: Options{Engine: newShop(noon), StatusPosts: posts}}
	for _, c := range []struct {
		name     string
		journeys []string
		all      bool
	}{
		{"one that SLOs are behind", []string{"Paying"}, false},
		{"one that none is behind", []string{"Renting"}, true},
		{"both", []string{"Paying", "Renting"}, true},
		{"all", nil, true},
		{"one that the page has not, which is refused for that", []string{"Walking"}, false},
	} {
		if got := slices.Contains(s.teamsOfPost(c.journeys), auth.EveryTeam); got != c.all {
			t.Errorf("%s: it takes who acts for all teams: %t, want %t", c.name, got, c.all)
		}
	}
}

func TestPeopleWriteForCustomersByForms(t *testing.T) {
	b := &board{}
	url := serve(t, newShop(noon), func(o *Options) { o.StatusPosts = postsOf(t, b) }).URL
	_, page := get(t, url+"/posts?slo=checkout%2Favailability")
	if !strings.Contains(page, `value="Paying" checked`) || !strings.Contains(page, "Nothing was written") {
		t.Error("the form of an SLO is not about the journey that it is behind")
	}
	for _, c := range []struct {
		name, path, form string
		status           int
		want             string
	}{
		{"nothing at all", "/posts", "", http.StatusUnprocessableEntity, "text: it is missing"},
		{"two titles in one, and what was written is kept", "/posts", "title=a%0Ab&text=%3Cb%3E+cards&by=ada", http.StatusUnprocessableEntity, "&lt;b&gt; cards"},
		{"a sound one", "/posts", "title=Cards&text=Some+cards+are+refused.%0D%0A%0D%0AWe+look.&journey=Paying&by=ada", http.StatusSeeOther, "/posts#post-p-1"},
		{"taken back by nobody", "/posts/p-1/remove", "", http.StatusUnprocessableEntity, "by: it is missing"},
		{"taken back", "/posts/p-1/remove", "by=grace", http.StatusSeeOther, "/posts#post-p-1"},
		{"taken back again", "/posts/p-1/remove", "by=grace", http.StatusNotFound, "No post that stands"},
	} {
		if status, body := submit(t, url+c.path, c.form); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s, want %d %q", c.name, status, body, c.status, c.want)
		}
	}
	if got := b.posts[0].Text; got != "Some cards are refused.\n\nWe look." {
		t.Errorf("customers read %q", got)
	}
}

func TestThePageForCustomersIsMountedAsAWhole(t *testing.T) {
	srv := serve(t, newShop(noon), func(o *Options) {
		o.StatusPage = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("status " + r.URL.Path)) })
	})
	for _, path := range []string{"/status", "/status.json", "/status/feed.xml", "/status/badge/paying.svg"} {
		if status, body := get(t, srv.URL+path); status != http.StatusOK || body != "status "+path {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}
