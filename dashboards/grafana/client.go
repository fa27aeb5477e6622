// Package grafana writes dashboards into a Grafana by its HTTP API, and touches nothing there that Burnline did not
// make or that somebody has changed since.
package grafana

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"burnline/internal/redact"
	"burnline/internal/retryafter"
)

// Options say how a Grafana is reached.
type Options struct {
	// URL is its address, with the path that it is served under, if any. Required.
	URL string
	// Token is that of a service account with the role Editor. Required.
	Token string
	// HTTP is the client; nil has a timeout of 30 s a request.
	HTTP *http.Client
	// Wait waits before a further attempt; nil waits by the clock.
	Wait func(ctx context.Context, d time.Duration) error
	// Waiting is told why a request is tried again, and after how long; nil is not.
	Waiting func(why error, rest time.Duration)
}

const (
	// attempts is how often a request is tried at most.
	attempts = 5
	// firstPause doubles with each attempt; longestPause bounds what Grafana may ask for.
	firstPause   = time.Second
	longestPause = time.Minute
	// mostBody bounds an answer.
	mostBody = 32 << 20
)

// Client asks a Grafana. It is safe for concurrent use.
type Client struct{ o Options }

// New returns a client, or what is wrong with its options. It asks nothing yet.
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return nil, errors.New("the address of Grafana is no web address without a user; write one such as https://grafana.example.com")
	}
	if o.Token == "" {
		return nil, errors.New("the token for Grafana is empty; make a service account with the role Editor, and a token for it")
	}
	if strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("the token for Grafana holds spaces or line breaks; is it another file")
	}
	o.URL = strings.TrimRight(o.URL, "/")
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: 30 * time.Second}
	}
	client := *o.HTTP
	// A redirect would turn a POST into a GET, and may lead the token elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	o.HTTP = &client
	if o.Wait == nil {
		o.Wait = wait
	}
	return &Client{o}, nil
}

// wait waits, or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answerError is an answer that is no success.
type answerError struct {
	code int
	// status is Grafana's word for why, such as version-mismatch, and message its sentence.
	status, message string
	// pause is how long Grafana asks to wait; 0 where it doesn't say.
	pause time.Duration
}

// Error implements error.
func (e *answerError) Error() string {
	text := fmt.Sprintf("Grafana answers %d %s", e.code, http.StatusText(e.code))
	if e.message != "" {
		text += ": " + e.message
	}
	switch e.code {
	case http.StatusUnauthorized:
		text += "; is the token of this Grafana, and has it not expired"
	case http.StatusForbidden:
		text += "; give the token's service account the role Editor"
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		text += "; write the address that it leads to"
	}
	return text
}

// code returns the status of an answer that is no success, and Grafana's word for why; 0 for other errors.
func code(err error) (int, string) {
	var e *answerError
	if errors.As(err, &e) {
		return e.code, e.status
	}
	return 0, ""
}

// do sends a request, again while Grafana is busy or away, and decodes the answer where into is given.
func (c *Client) do(ctx context.Context, method, path string, body, into any) error {
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return fmt.Errorf("encode the request: %w", err)
		}
	}
	pause := firstPause
	for n := 1; ; n++ {
		err := c.once(ctx, method, path, data, into)
		if err == nil || !passing(err) || n == attempts || ctx.Err() != nil {
			return err
		}
		rest := pause
		var e *answerError
		if errors.As(err, &e) && e.pause > 0 {
			rest = min(e.pause, longestPause)
		}
		if c.o.Waiting != nil {
			c.o.Waiting(err, rest)
		}
		if err := c.o.Wait(ctx, rest); err != nil {
			return err
		}
		pause *= 2
	}
}

// passing reports whether another attempt may succeed.
func passing(err error) bool {
	status, _ := code(err)
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case 0:
		var network *url.Error
		return errors.As(err, &network)
	}
	return false
}

// once sends a request once.
func (c *Client) once(ctx context.Context, method, path string, data []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.o.URL+path, bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("ask Grafana: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.o.Token)
	req.Header.Set("Accept", "application/json")
	if data != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.o.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("ask Grafana: %w", redact.Error(err))
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	answer, err := io.ReadAll(io.LimitReader(resp.Body, mostBody))
	if err != nil {
		return fmt.Errorf("read Grafana's answer: %w", &url.Error{Op: method, URL: path, Err: err})
	}
	if resp.StatusCode/100 != 2 {
		return refusal(resp, answer)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("%s %s is not answered as Grafana does: %w", method, path, err)
	}
	return nil
}

// refusal reads an answer that is no success.
func refusal(resp *http.Response, answer []byte) error {
	e := &answerError{code: resp.StatusCode}
	var why struct{ Status, Message string }
	if json.Unmarshal(answer, &why) == nil {
		e.status, e.message = why.Status, why.Message
	}
	e.pause, _ = retryafter.Parse(resp.Header.Get("Retry-After"), time.Now())
	return e
}
