package msteams

import (
	"context"
	"net/http"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
)

// Options are what a Sender needs beside its configuration; all may be zero.
type Options struct {
	// Transport carries the requests; nil takes what http_config says, else one like
	// Go's default transport, with its proxies from the environment.
	Transport http.RoundTripper
	// Now is the clock for Retry-After dates; nil takes time.Now.
	Now func() time.Time
	// Render renders the user's templates; nil knows none.
	Render render.Func
}

// Sender sends rows to one webhook of Teams. It is safe for concurrent use.
type Sender struct {
	config Config
	o      Options
	client *post.Client
	// compose writes the body in the form that the webhook takes.
	compose func(alerting.Row, *render.Fields) ([]byte, error)
}

var _ alerting.Sender = (*Sender)(nil)

// New returns a sender to a workflow, or what is wrong with the configuration.
func New(c Config, o Options) (*Sender, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return build(c, o, c.adaptive)
}

// NewLegacy returns a sender to a connector of Office 365, or what is wrong with the configuration.
func NewLegacy(c LegacyConfig, o Options) (*Sender, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return build(c.modern(), o, c.messageCard)
}

func build(c Config, o Options, compose func(alerting.Row, *render.Fields) ([]byte, error)) (*Sender, error) {
	client, err := post.NewClient(post.Options{Receiver: "Microsoft Teams", Transport: o.Transport, HTTP: c.HTTPConfig, Now: o.Now})
	if err != nil {
		return nil, err
	}
	return &Sender{config: c, o: o, client: client, compose: compose}, nil
}

// perMinute is what Teams takes of one webhook in 60 seconds: four requests a second.
const perMinute = 240

// Destination implements alerting.Sender: an address, known by a hash of it or by its file.
func (s *Sender) Destination() alerting.Destination {
	return alerting.Destination{Name: post.Name("msteams", string(s.config.WebhookURL), s.config.WebhookURLFile), PerMinute: perMinute}
}

// Send makes one attempt. Teams knows no key of messages, so each news is one of its own.
func (s *Sender) Send(ctx context.Context, row alerting.Row) alerting.Result {
	address, err := post.Read("webhook_url", s.config.WebhookURL, s.config.WebhookURLFile)
	if err != nil {
		return post.Retry(err.Error()) // the file may be on its way to being replaced
	}
	if !alerting.IsWeb(address) {
		return post.Retry("the webhook_url is not a web address; copy that of the workflow")
	}
	f := render.NewFields(s.o.Render, row)
	body, err := s.compose(row, f)
	if err != nil {
		return post.Refused("the card can't be written: " + err.Error())
	}
	result := s.client.Send(ctx, post.Request{URL: address, Body: body, Secrets: post.Parts(address)}, judge)
	result.TemplateErrors = f.Errors()
	return result
}

// judge says what an answer means. A workflow answers 202, a connector 200 with "1", but with 200 too where Teams behind it
// asked to wait.
func judge(a post.Answer) alerting.Result {
	line := a.Line(string(a.Body))
	if a.Status/100 == 2 && strings.Contains(string(a.Body), "HTTP error 429") {
		return a.Retry(line)
	}
	return a.Judge(a.Status/100 == 2, line)
}
