package email

import (
	"bytes"
	"errors"
	"io"
	"maps"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"burnline/alerting"
	"burnline/alerting/render"
	"burnline/internal/harness/nasty"
	"burnline/slo"
)

// mailOf composes the mail of a row with a text in all its places, and reads its header.
func mailOf(t *testing.T, text string) (netmail.Header, string) {
	t.Helper()
	templates, findings := render.Load(render.Options{ExternalURL: "https://b.example.com"})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	c := DefaultConfig()
	c.From, c.To = "burnline@example.com", "oncall@example.com"
	c.Headers = map[string]string{"X-Region": "{{ .CommonLabels.region }}", "Reply-To": "ops@example.com"}
	s := &Sender{config: c, o: Options{Now: func() time.Time { return time.Unix(0, 0) }, Render: templates.Text, RenderHTML: templates.HTML}}
	row := alerting.Row{Key: "k1", Receiver: "r", Integration: "email/0", Seq: 2, Action: alerting.ActionTrigger, Message: alerting.Message{
		Summary: text, Severity: slo.Page, Labels: slo.NewLabels("region", text), Details: []alerting.Detail{{Name: text, Value: text}},
		Links: []alerting.Link{{Text: text, Href: "https://b.example.com/incidents/k1"}, {Text: "y", Href: text}}}}
	m, err := s.compose(row, render.NewFields(templates.Text, row))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := m.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	read, err := netmail.ReadMessage(&out)
	if err != nil {
		t.Fatal(err)
	}
	page, err := templates.HTML("<p>{{ .CommonLabels.region }}</p>", row)
	if err != nil {
		t.Fatal(err)
	}
	return read.Header, own(row.Message, text) + page
}

func TestNoTextFromOutsideIsAHeaderOrAnElementOfAMail(t *testing.T) {
	harmless, _ := mailOf(t, "x")
	want := slices.Sorted(maps.Keys(harmless))
	for name, text := range nasty.Texts() {
		header, page := mailOf(t, text)
		if got := slices.Sorted(maps.Keys(header)); !slices.Equal(got, want) || len(header["To"]) != 1 || header.Get("Set-Cookie") != "" {
			t.Errorf("%s: the headers are %v, want %v", name, got, want)
		}
		z := html.NewTokenizer(strings.NewReader(page))
		for z.Next() != html.ErrorToken {
			token := z.Token()
			own := []string{"html", "body", "p", "b", "a", "table", "tr", "th", "td"}
			if token.Type == html.StartTagToken && !slices.Contains(own, token.Data) || token.Type == html.CommentToken {
				t.Errorf("%s: the page has %s", name, token)
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "href" && a.Val != "https://b.example.com/incidents/k1" {
					t.Errorf("%s: the page has %s", name, token)
				}
			}
		}
		if err := z.Err(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
