package pagerduty

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"
)

// The limits that PagerDuty documents.
const (
	MaxBody    = 512_000
	maxSummary = 1024
	maxDedup   = 255
	keyLength  = 32
)

// Event is a request to the Events API v2.
type Event struct {
	RoutingKey  string  `json:"routing_key"`
	EventAction string  `json:"event_action"`
	DedupKey    string  `json:"dedup_key"`
	Client      string  `json:"client"`
	ClientURL   string  `json:"client_url"`
	Payload     Payload `json:"payload"`
	Links       []Link  `json:"links"`
	Images      []Image `json:"images"`
}

// Payload describes the problem of an event.
type Payload struct {
	Summary       string          `json:"summary"`
	Source        string          `json:"source"`
	Severity      string          `json:"severity"`
	Timestamp     string          `json:"timestamp"`
	Component     string          `json:"component"`
	Group         string          `json:"group"`
	Class         string          `json:"class"`
	CustomDetails json.RawMessage `json:"custom_details"`
}

// Image is a picture of an event.
type Image struct {
	Src  string `json:"src"`
	Href string `json:"href"`
	Alt  string `json:"alt"`
}

// Link is a named address of an event.
type Link struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

// parse reads a body and returns what PagerDuty would find wrong with it.
func parse(body []byte) (Event, []string) {
	var e Event
	if err := json.Unmarshal(body, &e); err != nil {
		return Event{}, []string{"the body is not a valid event: " + err.Error()}
	}
	return e, e.problems()
}

// problems lists every rule of the documentation that the event breaks.
func (e Event) problems() []string {
	var ps []string
	if !isKey(e.RoutingKey) {
		ps = append(ps, "'routing_key' must be a string of 32 letters and digits")
	}
	if utf8.RuneCountInString(e.DedupKey) > maxDedup {
		ps = append(ps, "Length of 'dedup_key' is incorrect (should be at most 255 characters)")
	}
	switch e.EventAction {
	case "trigger":
		ps = append(ps, e.Payload.problems()...)
	case "acknowledge", "resolve":
		if e.DedupKey == "" {
			ps = append(ps, "'dedup_key' is missing or blank")
		}
	default:
		ps = append(ps, "'event_action' must be one of trigger, acknowledge, resolve")
	}
	for i, l := range e.Links {
		if u, err := url.Parse(l.Href); err != nil || u.Scheme == "" || u.Host == "" {
			ps = append(ps, fmt.Sprintf("'links[%d].href' is not a valid URL", i))
		}
	}
	for i, image := range e.Images {
		if u, err := url.Parse(image.Src); err != nil || u.Scheme != "https" || u.Host == "" {
			ps = append(ps, fmt.Sprintf("'images[%d].src' is not an HTTPS URL", i))
		}
	}
	return ps
}

// problems lists every rule that the payload of a trigger breaks.
func (p Payload) problems() []string {
	var ps []string
	for _, f := range [][2]string{{"summary", p.Summary}, {"source", p.Source}, {"severity", p.Severity}} {
		if f[1] == "" {
			ps = append(ps, "'payload."+f[0]+"' is missing or blank")
		}
	}
	if utf8.RuneCountInString(p.Summary) > maxSummary {
		ps = append(ps, "Length of 'payload.summary' is incorrect (should be at most 1024 characters)")
	}
	if p.Severity != "" && !slices.Contains([]string{"critical", "error", "warning", "info"}, p.Severity) {
		ps = append(ps, "'payload.severity' is invalid (must be one of critical, error, warning, info)")
	}
	if p.Timestamp != "" {
		if _, err := time.Parse(time.RFC3339Nano, p.Timestamp); err != nil {
			ps = append(ps, "'payload.timestamp' is not an ISO 8601 time")
		}
	}
	if len(p.CustomDetails) > 0 && string(p.CustomDetails) != "null" {
		var object map[string]any
		if json.Unmarshal(p.CustomDetails, &object) != nil {
			ps = append(ps, "'payload.custom_details' is not an object")
		}
	}
	return ps
}

// isKey reports whether a routing key has the documented form.
func isKey(key string) bool {
	for _, r := range key {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return len(key) == keyLength
}
