package pagerduty

import (
	"encoding/json"
	"strings"
	"testing"

	"burnline/alerting"
	"burnline/alerting/render"
	"burnline/internal/harness/nasty"
	"burnline/slo"
)

// A page carries texts as they are, and links to web addresses alone.
func TestNoTextFromOutsideIsALinkOrAKeyOfAPage(t *testing.T) {
	for name, text := range nasty.Texts() {
		row := alerting.Row{Key: "k1", Action: alerting.ActionTrigger, Message: alerting.Message{
			Summary: text, Severity: slo.Page, Source: text, Component: text, Class: text, Details: []alerting.Detail{{Name: text, Value: text}, {Name: "b", Value: text}},
			Labels: slo.NewLabels("region", text), Links: []alerting.Link{{Text: text, Href: text}, {Text: text, Href: "https://b.example.com/incidents/k1"}}}}
		data, err := json.Marshal(Config{}.newEvent(row, "key", render.NewFields(nil, row)))
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			RoutingKey string `json:"routing_key"`
			ClientURL  string `json:"client_url"`
			Payload    struct {
				Summary string
				Details map[string]any `json:"custom_details"`
			}
			Links []link
		}
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%s: %s, %v", name, data, err)
		}
		want := strings.ToValidUTF8(text, "\uFFFD")
		if got.RoutingKey != "key" || got.Payload.Summary != want || got.Payload.Details[want] != want || got.Payload.Details["b"] != want {
			t.Errorf("%s: it is %s", name, data)
		}
		for _, href := range append([]string{got.ClientURL}, hrefs(got.Links)...) {
			if href != "" && href != "https://b.example.com/incidents/k1" {
				t.Errorf("%s: it links to %q", name, href)
			}
		}
	}
}

func hrefs(links []link) (all []string) {
	for _, l := range links {
		all = append(all, l.Href)
	}
	return all
}
