package opsgenie

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
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

// Sender sends rows to one Opsgenie integration. It is safe for concurrent use.
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
	client, err := post.NewClient(post.Options{Receiver: "Opsgenie", Transport: o.Transport, HTTP: c.HTTPConfig, Now: o.Now})
	if err != nil {
		return nil, err
	}
	return &Sender{config: c, o: o, client: client}, nil
}

// Destination implements alerting.Sender: a key, known by a hash of it or by its file. What
// Opsgenie takes in a minute depends on the account, so it is left to its 429.
func (s *Sender) Destination() alerting.Destination {
	return alerting.Destination{Name: post.Name("opsgenie", s.config.APIURL, string(s.config.APIKey), s.config.APIKeyFile)}
}

// request is one call of the API.
type request struct {
	method, path string
	body         any
}

// Send makes one attempt. Opsgenie knows the incident by its alias, so that a request which is
// made again changes nothing.
func (s *Sender) Send(ctx context.Context, row alerting.Row) alerting.Result {
	key, err := post.Read("api_key", s.config.APIKey, s.config.APIKeyFile)
	if err != nil {
		return post.Retry(err.Error()) // the file may be on its way to being replaced
	}
	f := render.NewFields(s.o.Render, row)
	var result alerting.Result
	for _, r := range s.requests(row, f) {
		if result = s.call(ctx, key, r); result.Verdict != alerting.VerdictAccepted {
			break
		}
	}
	result.TemplateErrors = f.Errors()
	return result
}

// requests are what a row asks of Opsgenie. Creating an alert whose alias is open counts it once more and
// notifies nobody, so news go as a note.
func (s *Sender) requests(row alerting.Row, f *render.Fields) []request {
	a := s.config.newAlert(row, f)
	of := "v2/alerts/" + url.PathEscape(a.Alias)
	at := func(path string) string { return of + path + "?identifierType=alias" }
	note := post.Cut(row.Message.Summary, maxNote)
	switch row.Action {
	case alerting.ActionResolve:
		return []request{{http.MethodPost, at("/close"), map[string]string{"source": a.Source, "note": note}}}
	case alerting.ActionAcknowledge:
		return []request{{http.MethodPost, at("/acknowledge"), map[string]string{"source": a.Source, "note": note}}}
	case alerting.ActionUpdate:
		// First the alert itself, which is not there where its trigger was refused.
		all := []request{{http.MethodPost, "v2/alerts", a}}
		if s.config.UpdateAlerts {
			all = append(all, request{http.MethodPut, at("/message"), map[string]string{"message": a.Message}},
				request{http.MethodPut, at("/description"), map[string]string{"description": a.Description}})
		}
		return append(all, request{http.MethodPost, at("/notes"), map[string]string{"source": a.Source, "note": note}})
	}
	return []request{{http.MethodPost, "v2/alerts", a}}
}

// call makes one request.
func (s *Sender) call(ctx context.Context, key string, r request) alerting.Result {
	body, err := json.Marshal(r.body)
	if err != nil {
		return post.Refused("the alert can't be written as JSON: " + err.Error())
	}
	return s.client.Send(ctx, post.Request{
		Method: r.method, URL: strings.TrimSuffix(s.config.APIURL, "/") + "/" + r.path, Body: body,
		Header: http.Header{"Authorization": {"GenieKey " + key}}, Secrets: []string{key},
	}, judge)
}

// judge says what an answer means. Requests are taken with 202 and worked on later.
func judge(a post.Answer) alerting.Result {
	var said struct {
		Result  string            `json:"result"`
		Message string            `json:"message"`
		Errors  map[string]string `json:"errors"`
	}
	if json.Unmarshal(a.Body, &said) != nil {
		return a.Judge(false, a.Line(string(a.Body)))
	}
	text := said.Result
	if said.Message != "" {
		text = said.Message
	}
	for field, problem := range said.Errors {
		text += "; " + field + ": " + problem
	}
	line := a.Line(text)
	switch a.Status {
	case http.StatusAccepted:
		return alerting.Result{Verdict: alerting.VerdictAccepted, Answer: line}
	case http.StatusUnauthorized, http.StatusForbidden:
		return alerting.Result{Verdict: alerting.VerdictRefused, Answer: line + "; Opsgenie does not take the api_key: copy that of an API integration of this region, with the right to create alerts, and reload"}
	}
	return a.Judge(false, line)
}
