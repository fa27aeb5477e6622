package msteams

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"burnline/alerting"
	"burnline/alerting/render"
	"burnline/internal/harness/nasty"
	"burnline/slo"
)

// bare is a sign of Markdown or HTML that no backslash stands before.
var bare = regexp.MustCompile("(^|[^\\\\])[*_\\[\\]<>`]")

// Facts, labels and names are shown as they are in a card, and buttons open web addresses alone.
func TestNoTextFromOutsideIsMarkdownInTeams(t *testing.T) {
	for name, text := range nasty.Texts() {
		row := alerting.Row{Key: "k1", Action: alerting.ActionTrigger, Message: alerting.Message{
			Summary: text, Severity: slo.Page, Source: text, Component: text, Labels: slo.NewLabels("region", text), Details: []alerting.Detail{{Name: text, Value: text}},
			Links: []alerting.Link{{Text: text, Href: "https://b.example.com/incidents/k1"}, {Text: "y", Href: text}}}}
		data, err := Config{}.adaptive(row, render.NewFields(nil, row))
		if err != nil {
			t.Fatal(err)
		}
		var m message
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Attachments[0].Content.Body {
			if p.Type != "RichTextBlock" || p.Text != "" {
				t.Errorf("%s: %+v is read as Markdown", name, p)
			}
		}
		for _, a := range m.Attachments[0].Content.Actions {
			if a.URL != "https://b.example.com/incidents/k1" {
				t.Errorf("%s: a button opens %q", name, a.URL)
			}
		}
		data, err = LegacyConfig{}.messageCard(row, render.NewFields(nil, row))
		var card struct{ Title, Text string }
		if err != nil || json.Unmarshal(data, &card) != nil {
			t.Fatalf("%s: the card is %s, %v", name, data, err)
		}
		for _, got := range []string{card.Title, card.Text} {
			if bare.MatchString(strings.ReplaceAll(got, `\\`, "")) {
				t.Errorf("%s: %q is read as Markdown", name, got)
			}
		}
	}
}
