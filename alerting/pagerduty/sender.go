package pagerduty

import (
	"context"
	"net/http"
	"time"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
)

// Options are what a Sender needs beside its configuration; all may be zero.
type Options struct {
	// Transport carries the requests; nil takes one like Go's default transport,
	// with its proxies from the environment.
	Transport http.RoundTripper
	// Now is the clock for Retry-After dates; nil takes time.Now.
	Now func() time.Time
	// Timeout ends one request, default 5s.
	Timeout time.Duration
	// UserAgent names the program to PagerDuty, default "burnline".
	UserAgent string
	// Render renders the user's templates; nil knows none.
	Render render.Func
}

// Sender sends rows to one PagerDuty integration. It is safe for concurrent use.
type Sender struct {
	config Config
	client *post.Client
	render render.Func
}

var _ alerting.Sender = (*Sender)(nil)

// New returns a sender, or what is wrong with the configuration.
func New(c Config, o Options) (*Sender, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Timeout > 0 {
		o.Timeout = c.Timeout
	}
	client, err := post.NewClient(post.Options{Receiver: "PagerDuty", Transport: o.Transport, HTTP: c.HTTPConfig, Now: o.Now, Timeout: o.Timeout, UserAgent: o.UserAgent})
	if err != nil {
		return nil, err
	}
	return &Sender{config: c, client: client, render: o.Render}, nil
}

// perMinute is what PagerDuty takes of one integration key in 60 seconds.
const perMinute = 120

// Destination implements alerting.Sender: a key, known by a hash of it. A key in a
// file may be replaced there, so it is known by its file.
func (s *Sender) Destination() alerting.Destination {
	return alerting.Destination{Name: post.Name("pagerduty", s.config.URL, s.config.RoutingKey, s.config.RoutingKeyFile), PerMinute: perMinute}
}

// Send makes one attempt, or two when PagerDuty finds the event too large. A
// network error may hide an acceptance, so it is to be tried again: PagerDuty
// knows the event by its dedup_key.
func (s *Sender) Send(ctx context.Context, row alerting.Row) alerting.Result {
	key, err := s.config.key()
	if err != nil {
		// The file may be on its way to being replaced.
		return post.Retry(err.Error())
	}
	if row.Action == alerting.ActionChange {
		return s.sendChange(ctx, row, key)
	}
	f := render.NewFields(s.render, row)
	e := s.config.newEvent(row, key, f)
	result, status := s.post(ctx, e, maxBody)
	if status == http.StatusRequestEntityTooLarge {
		result, _ = s.post(ctx, e, maxBody/8)
	}
	result.TemplateErrors = f.Errors()
	return result
}

// post sends the event in at most limit bytes and returns the status with the
// result, 0 when there was none.
func (s *Sender) post(ctx context.Context, e event, limit int) (alerting.Result, int) {
	body, err := e.encode(limit)
	if err != nil {
		return post.Refused("the event can't be written as JSON: " + err.Error()), 0
	}
	status := 0
	result := s.client.Send(ctx, post.Request{URL: s.config.URL, Body: body, Secrets: []string{e.RoutingKey}},
		func(a post.Answer) alerting.Result {
			status = a.Status
			return judge(a)
		})
	return result, status
}
