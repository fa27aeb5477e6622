package statuspage

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"burnline/alerting"
	"burnline/alerting/statuspage"
	"burnline/internal/harness/nasty"
)

// elements are the names of the elements of an XML document in order.
func elements(t *testing.T, document string) (all []string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(document)); ; {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatalf("%v in %s", err, document)
		}
		if e, is := token.(xml.StartElement); is {
			all = append(all, e.Name.Local)
		}
	}
}

// tags are the elements of a page with the names of their attributes, in order.
func tags(page string) (all []string) {
	z := html.NewTokenizer(strings.NewReader(page))
	for z.Next() != html.ErrorToken {
		if token := z.Token(); token.Type == html.StartTagToken || token.Type == html.SelfClosingTagToken || token.Type == html.CommentToken {
			one := token.Data
			for _, a := range token.Attr {
				one += " " + a.Key
				if a.Key == "href" || a.Key == "src" {
					scheme, _, has := strings.Cut(a.Val, ":")
					if has && scheme != "https" && scheme != "http" {
						one += "=" + a.Val
					}
				}
			}
			all = append(all, one)
		}
	}
	return all
}

// What customers read on the page, in the feed, on badges and as JSON has the form that it has with harmless words.
func TestNoTextFromOutsideChangesTheFormOfThePageForCustomers(t *testing.T) {
	served := func(text string) *shop {
		s := newShop(t)
		s.config.Title, s.config.Journeys[0].Name, s.config.Journeys[0].Description = text, "A "+text, text
		s.posts = []alerting.StatusPost{{ID: "1", At: noon, Title: text, Text: "a " + text, Journeys: []string{"A " + text}, By: text}}
		s.works = []alerting.Maintenance{{ID: "m", Title: text, Reason: text, By: text, Scope: alerting.Scope{SLOs: []string{"checkout/*"}}, From: noon.Add(-time.Hour), To: noon.Add(time.Hour), Planned: noon.Add(time.Hour)}}
		s.hurt()
		s.step()
		return s
	}
	badge := func(text string) string {
		one := statuspage.JourneyConfig{Name: "A " + text}
		return badgePath + one.Slug() + ".svg"
	}
	harmless := served("x")
	for name, text := range nasty.Texts() {
		s := served(text)
		if got, want := tags(s.text("/status")), tags(harmless.text("/status")); !slices.Equal(got, want) {
			t.Errorf("%s: the page has\n%q, want\n%q", name, got, want)
		}
		for path, other := range map[string]string{"/status/feed.xml": "/status/feed.xml", badge(text): badge("x")} {
			if got, want := elements(t, s.text(path)), elements(t, harmless.text(other)); !slices.Equal(got, want) {
				t.Errorf("%s: %s has %q, want %q", name, path, got, want)
			}
		}
		var tree map[string]any
		if err := json.Unmarshal([]byte(s.text("/status.json")), &tree); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
