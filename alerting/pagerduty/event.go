package pagerduty

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/slo"
)

// The limits that PagerDuty documents for an event.
const (
	maxSummary = 1024
	maxBody    = 512_000
)

// event is one request to the Events API v2.
type event struct {
	RoutingKey  string   `json:"routing_key"`
	EventAction string   `json:"event_action"`
	DedupKey    string   `json:"dedup_key"`
	Client      string   `json:"client,omitempty"`
	ClientURL   string   `json:"client_url,omitempty"`
	Payload     *payload `json:"payload,omitempty"`
	Links       []link   `json:"links,omitempty"`
	Images      []image  `json:"images,omitempty"`
}

// image is a picture that PagerDuty fetches; its src begins with https.
type image struct {
	Src  string `json:"src"`
	Href string `json:"href,omitempty"`
	Alt  string `json:"alt,omitempty"`
}

// payload describes the problem; PagerDuty ignores it but on a trigger.
type payload struct {
	Summary       string  `json:"summary"`
	Source        string  `json:"source"`
	Severity      string  `json:"severity"`
	Timestamp     string  `json:"timestamp,omitempty"`
	Component     string  `json:"component,omitempty"`
	Group         string  `json:"group,omitempty"`
	Class         string  `json:"class,omitempty"`
	CustomDetails details `json:"custom_details,omitempty"`
}

// link is a named address.
type link struct {
	Href string `json:"href"`
	Text string `json:"text,omitempty"`
}

// details are facts that keep their order in JSON.
type details []detail

// detail is one named fact: a text, or JSON that stands as it is.
type detail struct {
	Name  string
	Value string
	JSON  bool
}

// facts are the details of a message.
func facts(ds []alerting.Detail) details {
	all := make(details, len(ds))
	for i, d := range ds {
		all[i] = detail{Name: d.Name, Value: d.Value}
	}
	return all
}

// MarshalJSON writes an object whose fields stand in the order of the facts. A
// name that occurs twice keeps its first value.
func (d details) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	seen := make(map[string]bool, len(d))
	b.WriteByte('{')
	for _, f := range d {
		if seen[f.Name] {
			continue
		}
		if len(seen) > 0 {
			b.WriteByte(',')
		}
		seen[f.Name] = true
		name, err := json.Marshal(f.Name)
		if err != nil {
			return nil, err
		}
		value := []byte(f.Value)
		if !f.JSON {
			if value, err = json.Marshal(f.Value); err != nil {
				return nil, err
			}
		}
		b.Write(append(append(name, ':'), value...))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// newEvent translates a row. An update is a trigger with the same dedup_key,
// which PagerDuty takes as news about the incident that is open.
func (c Config) newEvent(row alerting.Row, key string, f *render.Fields) event {
	m := row.Message
	e := event{
		RoutingKey: key, EventAction: "trigger", DedupKey: row.Key,
		Client: f.Text("client", c.Client, ""), ClientURL: f.Text("client_url", c.ClientURL, firstLink(m)),
		Links: c.links(m, f), Images: c.images(f),
	}
	switch row.Action {
	case alerting.ActionResolve:
		e.EventAction = "resolve"
	case alerting.ActionAcknowledge:
		e.EventAction = "acknowledge"
	}
	e.Payload = &payload{
		Summary:       post.Cut(orUnknown(f.Text("description", c.Description, m.Summary)), maxSummary),
		Source:        orUnknown(f.Text("source", c.Source, m.Source)),
		Severity:      c.severity(m.Severity, f),
		Component:     f.Text("component", c.Component, m.Component),
		Group:         f.Text("group", c.Group, ""),
		Class:         f.Text("class", c.Class, m.Class),
		CustomDetails: append(c.details(row, f), facts(m.Details)...),
	}
	if !m.Time.IsZero() {
		e.Payload.Timestamp = m.Time.UTC().Format(time.RFC3339Nano)
	}
	if failure := f.Failure(); failure != "" {
		e.Payload.CustomDetails = append(details{{Name: "template error", Value: failure}}, e.Payload.CustomDetails...)
	}
	return e
}

// severity maps to PagerDuty's: a page is critical, which is high urgency where
// the service's urgency follows severity, and a ticket a warning, which is low.
func severity(s slo.Severity) string {
	if s == slo.Page {
		return "critical"
	}
	return "warning"
}

// orUnknown keeps a required field from being empty, which PagerDuty refuses.
func orUnknown(s string) string {
	if strings.TrimSpace(s) == "" {
		return "unknown"
	}
	return s
}
