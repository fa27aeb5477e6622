package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"burnline/alerting"
)

// Options are what a Client needs; all but Receiver may be zero.
type Options struct {
	// Receiver is what answers call the far end, such as PagerDuty.
	Receiver string
	// Transport carries the requests; nil takes one like Go's default transport,
	// with its proxies from the environment, or what HTTP says.
	Transport http.RoundTripper
	// HTTP is the user's http_config; may be nil.
	HTTP *HTTPConfig
	// Now is the clock for Retry-After dates; nil takes time.Now.
	Now func() time.Time
	// Timeout ends one request, default 5s.
	Timeout time.Duration
	// UserAgent names the program to receivers, default "burnline".
	UserAgent string
}

// DefaultTimeout ends a request whose options don't say otherwise.
const DefaultTimeout = 5 * time.Second

// Client sends requests to one receiver. It is safe for concurrent use.
type Client struct {
	o    Options
	http *http.Client
}

// NewClient returns a client, or what is wrong with its HTTP configuration.
func NewClient(o Options) (*Client, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.UserAgent == "" {
		o.UserAgent = "burnline"
	}
	transport, err := o.transport()
	if err != nil {
		return nil, err
	}
	return &Client{o: o, http: &http.Client{
		Transport: transport,
		Timeout:   o.Timeout,
		// A redirect would carry secrets to somebody else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Request is one request with a JSON body.
type Request struct {
	// Method is POST when it is empty.
	Method string
	URL    string
	// Header is added to what every request has; may be nil.
	Header http.Header
	Body   []byte
	// Secrets are hidden wherever the answer shows them back.
	Secrets []string
}

// maxAnswer is how much of an answer is read, in bytes.
const maxAnswer = 64 << 10

// Send makes one request and lets judge say what its answer means. Without a whole
// answer judge is not asked and the request is to be tried again: it may have been taken all the same.
func (c *Client) Send(ctx context.Context, r Request, judge func(Answer) alerting.Result) alerting.Result {
	req, err := c.request(ctx, r)
	if err != nil {
		return Refused("the address of " + c.o.Receiver + " is wrong")
	}
	if p := ProbeOf(ctx); p != nil {
		return c.probe(ctx, p, req.URL, r.Secrets)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Retry("no answer from " + c.o.Receiver + ": " + Hide(cause(err), r.Secrets))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return Retry(fmt.Sprintf("%d, and the answer broke off: %s", resp.StatusCode, Hide(cause(err), r.Secrets)))
	}
	// Before the answer is cut, so that no part of a secret is left either.
	return judge(Answer{Status: resp.StatusCode, Header: resp.Header, Body: []byte(Hide(string(body), r.Secrets)), Now: c.o.Now()})
}

// request builds the request with what all have in common.
func (c *Client) request(ctx context.Context, r Request) (*http.Request, error) {
	if r.Method == "" {
		r.Method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.o.UserAgent)
	for name, values := range r.Header {
		req.Header[name] = values
	}
	return req, nil
}

// Hide replaces secrets in a text that is to be shown.
func Hide(text string, secrets []string) string {
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "<hidden>")
		}
	}
	return text
}

// cause says what went wrong with a request without its address, which may be
// that of an internal proxy with a password in it.
func cause(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return Cause(err)
}

// Cause says what went wrong with a connection in one line.
func Cause(err error) string {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return "time-out"
	}
	return OneLine(err.Error())
}
