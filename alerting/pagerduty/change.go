package pagerduty

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/alerting/post"
)

// eventPath and changePath end the addresses that take events, and change events.
const (
	eventPath  = "/v2/enqueue"
	changePath = "/v2/change/enqueue"
)

// changeEvent is one request to the Change Events API.
type changeEvent struct {
	RoutingKey string        `json:"routing_key"`
	Payload    changePayload `json:"payload"`
	Links      []link        `json:"links,omitempty"`
}

type changePayload struct {
	Summary       string  `json:"summary"`
	Source        string  `json:"source,omitempty"`
	Timestamp     string  `json:"timestamp,omitempty"`
	CustomDetails details `json:"custom_details,omitempty"`
}

// Why an integration takes no change events.
var (
	errGlobalKey = errors.New("a routing key that begins with R is that of an event orchestration, and PagerDuty takes no change events for it")
	errOtherURL  = errors.New("the url does not end with " + eventPath + ", so it is not known where change events go")
)

// changes says why the integration can't be told of changes; nil where it can.
func (c Config) changes() error {
	key, err := c.key()
	switch {
	case err != nil:
		return err
	case strings.HasPrefix(key, "R"):
		return errGlobalKey
	case !strings.HasSuffix(c.URL, eventPath):
		return errOtherURL
	}
	return nil
}

// TakesChanges reports whether the integration is told of deploys and other changes: where it can be,
// and nobody said otherwise.
func (s *Sender) TakesChanges() bool {
	return (s.config.ChangeEvents == nil || *s.config.ChangeEvents) && s.config.changes() == nil
}

// sendChange tells of a change. PagerDuty knows no key of changes, so one whose answer was lost is
// listed there twice.
func (s *Sender) sendChange(ctx context.Context, row alerting.Row, key string) alerting.Result {
	if err := s.config.changes(); err != nil {
		return post.Refused(err.Error())
	}
	m := row.Message
	e := changeEvent{RoutingKey: key, Payload: changePayload{
		Summary: post.Cut(m.Summary, maxSummary), Source: m.Source, Timestamp: m.Time.UTC().Format(time.RFC3339Nano), CustomDetails: facts(m.Details),
	}}
	for _, l := range m.Links {
		e.Links = append(e.Links, link{Href: l.Href, Text: l.Text})
	}
	body, err := json.Marshal(e)
	if err != nil {
		return post.Refused("the change can't be written as JSON: " + err.Error())
	}
	return s.client.Send(ctx, post.Request{URL: strings.TrimSuffix(s.config.URL, eventPath) + changePath, Body: body, Secrets: []string{key}}, judge)
}
