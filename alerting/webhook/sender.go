package webhook

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/template"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
)

// Options are what a Sender needs beside its configuration; all may be zero.
type Options struct {
	// Transport carries the requests; nil takes what http_config says, else one like
	// Go's default transport, with its proxies from the environment.
	Transport http.RoundTripper
	// Now is the clock; nil takes time.Now.
	Now func() time.Time
	// Render renders a url that is a template; nil leaves it as it is.
	Render render.Func
	// ExternalURL is under which people reach the web page; it goes into the payload.
	ExternalURL string
}

// Sender posts rows to one webhook. It is safe for concurrent use.
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
	if o.Now == nil {
		o.Now = time.Now
	}
	client, err := post.NewClient(post.Options{Receiver: "the webhook", Transport: o.Transport, HTTP: c.HTTPConfig, Now: o.Now, Timeout: c.Timeout})
	if err != nil {
		return nil, err
	}
	return &Sender{config: c, o: o, client: client}, nil
}

// Destination implements alerting.Sender: an address, known by a hash of it.
func (s *Sender) Destination() alerting.Destination {
	return alerting.Destination{Name: post.Name("webhook", destination(string(s.config.URL)), s.config.URLFile)}
}

// Payload is the body of a webhook, version 4 of Alertmanager's.
type Payload struct {
	*template.Data
	// Version is "4".
	Version string `json:"version"`
	// GroupKey is the incident's key: the same for all messages of one incident, and for no other.
	GroupKey string `json:"groupKey"`
	// TruncatedAlerts counts the alerts that max_alerts left out.
	TruncatedAlerts uint64 `json:"truncatedAlerts"`
	// TemplateError says why the user's own payload could not be sent instead; it is Burnline's own field.
	TemplateError string `json:"templateError,omitempty"`
}

// Send makes one attempt. Any answer of 200 to 299 is acceptance.
func (s *Sender) Send(ctx context.Context, row alerting.Row) alerting.Result {
	address, err := post.Read("url", s.config.URL, s.config.URLFile)
	if err != nil {
		return post.Retry(err.Error()) // the file may be on its way to being replaced
	}
	secret, err := post.Read("hmac_secret", s.config.HMACSecret, s.config.HMACSecretFile)
	if err != nil {
		return post.Retry(err.Error())
	}
	secrets := append(post.Parts(address), secret)
	if templated(address) && s.o.Render != nil {
		if address, err = s.o.Render(address, row); err != nil {
			return post.Retry("the template of url fails: " + err.Error())
		}
		address = strings.TrimSpace(address)
		secrets = append(secrets, post.Parts(address)...)
	}
	if !alerting.IsWeb(address) {
		return post.Retry("the url is not a web address; write https://hooks.example.com/burnline")
	}
	f := render.NewFields(s.o.Render, row)
	body, err := json.Marshal(s.body(row, f))
	if err != nil {
		return post.Refused("the message can't be written as JSON: " + err.Error())
	}
	result := s.client.Send(ctx, post.Request{URL: address, Body: body, Header: signed(secret, s.o.Now(), body), Secrets: secrets},
		func(a post.Answer) alerting.Result { return a.Judge(a.Status/100 == 2, a.Line(string(a.Body))) })
	result.TemplateErrors = f.Errors()
	return result
}

// body is the user's payload, or Alertmanager's where there is none or where its template fails.
func (s *Sender) body(row alerting.Row, f *render.Fields) any {
	if row.Message.Report != nil {
		return reportOf(row)
	}
	if s.config.Payload == nil {
		return s.payload(row)
	}
	own, err := template.DeepCopyWithTemplate(s.config.Payload.Value, f.Func())
	if err == nil {
		if _, err = json.Marshal(own); err == nil {
			return own
		}
	}
	f.Fail("payload", err)
	p := s.payload(row)
	p.TemplateError = f.Failure()
	return p
}

// payload is what is sent of a row.
func (s *Sender) payload(row alerting.Row) Payload {
	p := Payload{Data: render.NewData(row, s.o.ExternalURL), Version: "4", GroupKey: row.Key}
	if most := s.config.MaxAlerts; most > 0 && uint64(len(p.Alerts)) > most {
		p.TruncatedAlerts = uint64(len(p.Alerts)) - most
		p.Alerts = p.Alerts[:most]
	}
	return p
}

// templated reports whether an address is a template.
func templated(address string) bool { return strings.Contains(address, "{{") }
