package pagerduty

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/alerting/post"
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
}

// payload describes the problem; PagerDuty ignores it on a resolve.
type payload struct {
	Summary       string  `json:"summary"`
	Source        string  `json:"source"`
	Severity      string  `json:"severity"`
	Timestamp     string  `json:"timestamp,omitempty"`
	Component     string  `json:"component,omitempty"`
	Class         string  `json:"class,omitempty"`
	CustomDetails details `json:"custom_details,omitempty"`
}

// link is a named address.
type link struct {
	Href string `json:"href"`
	Text string `json:"text,omitempty"`
}

// details are facts that keep their order in JSON.
type details []alerting.Detail

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
		for i, s := range []string{f.Name, f.Value} {
			if i == 1 {
				b.WriteByte(':')
			}
			quoted, err := json.Marshal(s)
			if err != nil {
				return nil, err
			}
			b.Write(quoted)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// newEvent translates a row. An update is a trigger with the same dedup_key,
// which PagerDuty takes as news about the incident that is open.
func newEvent(row alerting.Row, key, client string) event {
	e := event{RoutingKey: key, EventAction: "trigger", DedupKey: row.Key, Client: client}
	if row.Action == alerting.ActionResolve {
		e.EventAction = "resolve"
	}
	m := row.Message
	e.Payload = &payload{
		Summary:       post.Cut(orUnknown(m.Summary), maxSummary),
		Source:        orUnknown(m.Source),
		Severity:      severity(m.Severity),
		Component:     m.Component,
		Class:         m.Class,
		CustomDetails: details(m.Details),
	}
	if !m.Time.IsZero() {
		e.Payload.Timestamp = m.Time.UTC().Format(time.RFC3339Nano)
	}
	for i, l := range m.Links {
		if i == 0 {
			e.ClientURL = l.Href
		}
		e.Links = append(e.Links, link(link{Href: l.Href, Text: l.Text}))
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
