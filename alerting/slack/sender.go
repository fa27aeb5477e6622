package slack

import (
	"context"
	"encoding/json"
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

// Sender sends rows to one Slack channel. It is safe for concurrent use.
type Sender struct {
	config Config
	o      Options
	client *post.Client
}

var _ alerting.Sender = (*Sender)(nil)

// New returns a sender, or what is wrong with the configuration.
func New(c Config, o Options) (*Sender, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	client, err := post.NewClient(post.Options{Receiver: "Slack", Transport: o.Transport, HTTP: c.HTTPConfig, Now: o.Now, Timeout: c.Timeout})
	if err != nil {
		return nil, err
	}
	return &Sender{config: c, o: o, client: client}, nil
}

// perMinute is what Slack takes for one channel in 60 seconds: one message a second.
const perMinute = 60

// Destination implements alerting.Sender: a channel of a bot, or a webhook, known by a hash.
func (s *Sender) Destination() alerting.Destination {
	c := s.config
	return alerting.Destination{Name: post.Name("slack", c.api(), string(c.APIURL), c.APIURLFile, string(c.AppToken), c.AppTokenFile, c.Channel), PerMinute: perMinute}
}

// Send makes one attempt. A bot edits the message of the incident, whose place is the row's
// receipt, and tells the news in its thread; the first news of an incident is a message of its own, and so is one whose message is gone.
func (s *Sender) Send(ctx context.Context, row alerting.Row) alerting.Result {
	f := render.NewFields(s.o.Render, row)
	button := s.config.Bot() && (s.config.SigningSecret != "" || s.config.SigningSecretFile != "")
	m := s.config.compose(row, f, button)
	result := s.deliver(ctx, row, m)
	result.TemplateErrors = f.Errors()
	return result
}

// deliver sends the message in the way of the integration.
func (s *Sender) deliver(ctx context.Context, row alerting.Row, m message) alerting.Result {
	if !s.config.Bot() {
		return s.webhook(ctx, m)
	}
	token, err := post.Read("app_token", s.config.AppToken, s.config.AppTokenFile)
	if err != nil {
		return post.Retry(err.Error()) // the file may be on its way to being replaced
	}
	channel, ts, told := strings.Cut(row.Receipt, " ")
	if !told || row.Action == alerting.ActionTrigger {
		return s.begin(ctx, token, m)
	}
	edit := m
	edit.Channel, edit.TS = channel, ts
	edit.Username, edit.IconEmoji, edit.IconURL = "", "", "" // those of a message stay
	result, code := s.call(ctx, token, updateMethod, edit)
	switch {
	case code == "message_not_found", code == "cant_update_message", code == "edit_window_closed":
		return s.begin(ctx, token, m)
	case result.Verdict != alerting.VerdictAccepted:
		return result
	}
	news := message{Channel: channel, ThreadTS: ts, Text: m.Text, Username: m.Username, IconEmoji: m.IconEmoji, IconURL: m.IconURL, UnfurlLinks: m.UnfurlLinks}
	if news.Text == "" {
		news.Text = escape(m.Attachments[0].Fallback) // it is plain
	}
	result, _ = s.call(ctx, token, postMethod, news)
	result.Receipt = "" // the incident's message stays the one that is edited
	return result
}

// begin posts the message of an incident.
func (s *Sender) begin(ctx context.Context, token string, m message) alerting.Result {
	result, code := s.call(ctx, token, postMethod, m)
	if strings.HasPrefix(code, "invalid_blocks") || code == "invalid_attachments" {
		// What Slack finds wrong with the form must not cost the page.
		result, _ = s.call(ctx, token, postMethod, m.bare())
	}
	return result
}

// bare is the message as text alone.
func (m message) bare() message {
	if m.Text == "" && len(m.Attachments) > 0 {
		m.Text = escape(m.Attachments[0].Fallback)
	}
	m.Attachments = nil
	return m
}

// call calls a method of Slack's API and returns the code of its error, if any.
func (s *Sender) call(ctx context.Context, token, method string, m message) (alerting.Result, string) {
	body, err := json.Marshal(m)
	if err != nil {
		return post.Refused("the message can't be written as JSON: " + err.Error()), ""
	}
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	code := ""
	result := s.client.Send(ctx, post.Request{URL: strings.TrimSuffix(s.config.api(), postMethod) + method, Header: header, Body: body, Secrets: []string{token}},
		func(a post.Answer) alerting.Result {
			var r alerting.Result
			r, code = judgeAPI(a)
			return r
		})
	return result, code
}

// webhook posts to an incoming webhook, which answers in plain text.
func (s *Sender) webhook(ctx context.Context, m message) alerting.Result {
	address, err := post.Read("api_url", s.config.APIURL, s.config.APIURLFile)
	if err != nil {
		return post.Retry(err.Error())
	}
	if !alerting.IsWeb(address) {
		return post.Retry("the api_url is not a web address; copy the Webhook URL of the app")
	}
	result, again := s.postWebhook(ctx, address, m)
	if again {
		result, _ = s.postWebhook(ctx, address, m.bare())
	}
	return result
}

// postWebhook makes one request and reports whether Slack finds its form wrong.
func (s *Sender) postWebhook(ctx context.Context, address string, m message) (alerting.Result, bool) {
	body, err := json.Marshal(m)
	if err != nil {
		return post.Refused("the message can't be written as JSON: " + err.Error()), false
	}
	malformed := false
	result := s.client.Send(ctx, post.Request{URL: address, Body: body, Secrets: post.Parts(address)}, func(a post.Answer) alerting.Result {
		malformed = strings.HasPrefix(string(a.Body), "invalid_blocks") || strings.HasPrefix(string(a.Body), "invalid_attachments")
		return judgeWebhook(a)
	})
	return result, malformed && len(m.Attachments) > 0
}
