package slack

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/render"
	"burnline/internal/harness/nasty"
	"burnline/slo"
)

// marked is what Slack reads as a link, a mention or a command.
var marked = regexp.MustCompile(`<[^>]*>?`)

// texts are all texts of a message that Slack reads as mark-up.
func texts(t *testing.T, m message) []string {
	t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := nasty.Objects(data)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{m.Text}
	for _, o := range objects {
		if s, is := o["text"].(string); is && o["type"] == "mrkdwn" {
			all = append(all, s)
		}
	}
	return all
}

// A label, a fact or a person's name calls no channel and makes no link, neither in our words nor in those of a
// template that shows it.
func TestNoTextFromOutsideIsSlacksMarkUp(t *testing.T) {
	templates, findings := render.Load(render.Options{ExternalURL: "https://b.example.com"})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	off := false
	for how, c := range map[string]Config{
		"our words": {},
		"templates of labels": {
			Title: "{{ .CommonLabels.region }}", Text: "{{ range .Alerts }}{{ .Labels.region }}{{ end }}", Pretext: "in {{ .GroupLabels.service }}",
			MessageText: "{{ .CommonLabels.region }}", Footer: "{{ .CommonLabels.region }}",
			Fields: []Field{{Title: "{{ .CommonLabels.region }}", Value: "{{ .CommonLabels.region }}", Short: &off}, {Title: "a", Value: "{{ .CommonLabels.region }}"}},
		},
	} {
		for name, text := range nasty.Texts() {
			row := alerting.Row{Key: "k1", Action: alerting.ActionTrigger, Message: alerting.Message{
				Summary: text, Severity: slo.Page, Source: text, Component: text, Class: text, News: text,
				Links:   []alerting.Link{{Text: text, Href: "https://b.example.com/incidents/k1"}, {Text: "x", Href: "https://b.example.com/?q=" + text}, {Text: "y", Href: text}},
				Details: []alerting.Detail{{Name: text, Value: text}}, Labels: slo.NewLabels("region", text, "service", text),
				Acknowledged: &alerting.Acknowledgement{Kind: alerting.AckTaken, By: text, Via: text, At: time.Unix(0, 0)}}}
			m := c.compose(row, render.NewFields(templates.Text, row), true)
			for _, got := range append(texts(t, m), m.bare().Text) {
				for _, tag := range marked.FindAllString(got, -1) {
					if !strings.HasPrefix(tag, "<https://b.example.com/") || !strings.HasSuffix(tag, ">") || strings.Count(tag, "|") != 1 {
						t.Errorf("%s, %s: Slack reads %q in %q", how, name, tag, got)
					}
				}
			}
		}
	}
}
