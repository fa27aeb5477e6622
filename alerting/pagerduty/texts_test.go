package pagerduty_test

import (
	"encoding/json"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"burnline/alerting"
	"burnline/alerting/pagerduty"
	"burnline/alerting/render"
	standin "burnline/internal/harness/pagerduty"
	"burnline/slo"
)

// templated returns a sender whose configuration is read from YAML, and the stand-in that it sends to.
func templated(t *testing.T, text string) (*pagerduty.Sender, *standin.Server) {
	t.Helper()
	_, server := pair(t, standin.Options{})
	c := pagerduty.DefaultConfig()
	if err := yaml.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	c.RoutingKey, c.URL = key, server.URL()
	templates, findings := render.Load(render.Options{ExternalURL: "https://b.example.com"})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	s, err := pagerduty.New(c, pagerduty.Options{Render: templates.Text})
	if err != nil {
		t.Fatal(err)
	}
	return s, server
}

// labelled is the page with labels.
func labelled(a alerting.Action) alerting.Row {
	row := page(a)
	row.Message.Labels = slo.NewLabels("alertname", "availability", "team", "payments")
	return row
}

func TestTheUsersTemplatesTakeThePlaceOfOurTexts(t *testing.T) {
	s, server := templated(t, `
description: '{{ .Status | toUpper }} {{ .CommonLabels.alertname }}'
severity: '{{ if eq .CommonLabels.team "payments" }}error{{ end }}'
client: '{{ .Receiver }}'
client_url: '{{ .ExternalURL }}/x'
component: c
group: '{{ .CommonLabels.team }}'
class: k
source: s
links: [{href: '{{ .ExternalURL }}/mine', text: Mine}]
images: [{src: 'https://i.example.com/{{ .CommonLabels.team }}.png', alt: a}]
details: {status: '{{ .Status }}', firing: '{{ .Alerts.Firing | toJson }}', nested: {team: '{{ .CommonLabels.team }}'}}
`)
	if r := send(t, s, labelled(alerting.ActionTrigger)); r.Verdict != alerting.VerdictAccepted || r.TemplateErrors != 0 {
		t.Fatalf("got %+v", r)
	}
	e := server.Events()[0].Event
	p := e.Payload
	if p.Summary != "FIRING availability" || p.Severity != "error" || p.Component != "c" || p.Group != "payments" || p.Class != "k" || p.Source != "s" ||
		e.Client != "oncall" || e.ClientURL != "https://b.example.com/x" || e.Images[0].Src != "https://i.example.com/payments.png" {
		t.Errorf("event is %+v", e)
	}
	if len(e.Links) != 3 || e.Links[0] != (standin.Link{Href: "https://b.example.com/mine", Text: "Mine"}) {
		t.Errorf("links are %+v", e.Links)
	}
	var details struct {
		Status string
		Zulu   string
		Nested map[string]string
		Firing []struct{ Labels map[string]string }
	}
	if err := json.Unmarshal(p.CustomDetails, &details); err != nil {
		t.Fatal(err)
	}
	if details.Status != "firing" || details.Zulu != "first" || details.Nested["team"] != "payments" || details.Firing[0].Labels["alertname"] != "availability" {
		t.Errorf("details are %s", p.CustomDetails)
	}
}

func TestATemplateThatFailsCostsNoPageAndIsSaidInIt(t *testing.T) {
	s, server := templated(t, `
description: '{{ .Nothing }}'
severity: '{{ .Status }}'
images: [{src: 'http://i.example.com/a.png'}]
details: {bad: '{{ .Nothing }}', good: 'g'}
`)
	if r := send(t, s, labelled(alerting.ActionTrigger)); r.Verdict != alerting.VerdictAccepted || r.TemplateErrors != 4 {
		t.Errorf("got %+v", r)
	}
	p := server.Events()[0].Event.Payload
	var details map[string]string
	if err := json.Unmarshal(p.CustomDetails, &details); err != nil {
		t.Fatal(err)
	}
	if p.Summary != "Buying: 1 in 4 requests fails." || p.Severity != "critical" || details["good"] != "g" || details["zulu"] != "first" {
		t.Errorf("payload is %+v", p)
	}
	for _, want := range []string{"description: <.Nothing>", `severity: "firing" is none of critical`, "images.src: it is no address", "details.bad: "} {
		if !strings.Contains(details["template error"], want) {
			t.Errorf("%q is not said in %q", want, details["template error"])
		}
	}
}

func TestRenderedTextsKeepPagerDutysLimits(t *testing.T) {
	s, server := templated(t, `
description: '{{ range 5000 }}ä{{ end }}'
group: '{{ range 300000 }}g{{ end }}'
details: {long: '{{ range 500000 }}v{{ end }}', list: '[{{ range 60000 }}12345678,{{ end }}1]'}
`)
	if r := send(t, s, labelled(alerting.ActionTrigger)); r.Verdict != alerting.VerdictAccepted {
		t.Errorf("got %+v", r)
	}
	if n := len(server.Events()); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestTextsThatAreNoTemplatesAreFound(t *testing.T) {
	c := pagerduty.DefaultConfig()
	if err := yaml.Unmarshal([]byte(`{severity: bad, description: '{{ if }}', details: {a: {b: '{{ end }}'}}, links: [{href: '{{'}]}`), &c); err != nil {
		t.Fatal(err)
	}
	c.RoutingKey = key
	want := "description is no template: missing value for if\nlinks[0].href is no template: unclosed action\ndetails.a is no template: unexpected {{end}}\n" +
		"severity is none of critical, error, warning, info; leave it out to have pages critical and tickets a warning"
	if err := c.Validate(); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
