package remote

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/prompb"

	"burnline/internal/redact"
	"burnline/internal/retryafter"
)

// maxAnswer is the most that is read of an answer to a query.
const maxAnswer = 256 << 20

// client sends requests to the backend.
type client struct {
	http     *http.Client
	headers  map[string]string
	writeURL *url.URL
	queryURL *url.URL
	timeout  time.Duration
	// signIn is what to look at where the backend lets nobody in.
	signIn string
}

// newClient checks the addresses and credentials.
func newClient(o Options) (*client, error) {
	w, err := parseURL("write_url", o.WriteURL)
	if err != nil {
		return nil, err
	}
	q, err := parseURL("query_url", o.QueryURL)
	if err != nil {
		return nil, err
	}
	q.Path = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(q.Path, "/"), "/query"), "/api/v1")
	cfg := o.Client
	if o.BasicAuth != nil {
		cfg.BasicAuth = o.BasicAuth
	}
	if o.BearerTokenFile != "" {
		cfg.Authorization = &config.Authorization{Type: "Bearer", CredentialsFile: o.BearerTokenFile}
	}
	cfg.FollowRedirects = false
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("remote metrics: client settings: %w", err)
	}
	h, err := config.NewClientFromConfig(cfg, "burnline_remote")
	if err != nil {
		return nil, fmt.Errorf("remote metrics: client settings: %w", err)
	}
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = 30 * time.Second
	}
	return &client{
		http: h, headers: o.Headers, writeURL: w, queryURL: q, timeout: timeout,
		signIn: cmp.Or(o.SignIn, "look at metrics.remote: bearer_token_file, basic_auth and headers"),
	}, nil
}

// parseURL parses one of the addresses.
func parseURL(key, s string) (*url.URL, error) {
	if s == "" {
		return nil, fmt.Errorf("remote metrics: %s is missing; write the backend's address, such as http://127.0.0.1:9090%s",
			key, map[string]string{"write_url": "/api/v1/write"}[key])
	}
	u, err := url.Parse(s)
	if err != nil {
		// The parser's error repeats the address, which may hold a password.
		return nil, fmt.Errorf("remote metrics: %s is not a URL; write it as http://host:port/path", key)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("remote metrics: %s %q has no host or is neither http nor https; write it as http://host:port/path", key, redact.URL(u))
	}
	return u, nil
}

// RoundTrip sends a request with the store's credentials and headers.
func (c *client) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	c.setHeaders(r)
	return c.http.Transport.RoundTrip(r)
}

func (c *client) setHeaders(r *http.Request) {
	for k, v := range c.headers {
		r.Header.Set(k, v)
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", "burnline")
	}
}

// write sends one remote write request and returns nil on 2xx.
func (c *client) write(ctx context.Context, series []prompb.TimeSeries) error {
	raw, err := (&prompb.WriteRequest{Timeseries: series}).Marshal()
	if err != nil {
		return fmt.Errorf("encode remote write request: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.writeURL.String(), bytes.NewReader(snappy.Encode(nil, raw)))
	if err != nil {
		return fmt.Errorf("build remote write request: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Content-Encoding", "snappy")
	req.Header.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
	resp, err := c.do(req, "write to")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if resp.StatusCode/100 == 2 {
		return nil
	}
	return c.answerError(req.URL, "write to", resp, body)
}

// post sends form to a path below the query address by POST, which has no
// limit on length, and returns the body of any answer that is JSON.
func (c *client) post(ctx context.Context, path string, form url.Values) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	u := c.queryURL.JoinPath(path)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("build query: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.read(req)
}

// get reads a path below the query address.
func (c *client) get(ctx context.Context, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.queryURL.JoinPath(path).String(), nil)
	if err != nil {
		return nil, fmt.Errorf("build request: %w", err)
	}
	return c.read(req)
}

// read sends a request to the query API and returns the body of a 2xx answer. A backend that asks to come
// again, as one that bounds what each client may ask for, is asked again until the request's context ends.
func (c *client) read(req *http.Request) ([]byte, error) {
	for {
		body, again, err := c.readOnce(req)
		if again == 0 {
			return body, err
		}
		wait := time.NewTimer(again)
		select {
		case <-req.Context().Done():
			wait.Stop()
			return nil, err
		case <-wait.C:
		}
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, fmt.Errorf("ask %s again: %w", redact.URL(req.URL), err)
			}
		}
	}
}

// shortestAgain is the least that is waited before a backend is asked again.
const shortestAgain = 100 * time.Millisecond

// againAfter is how long to wait before a request that was answered so is sent again; 0 is never.
func againAfter(resp *http.Response) time.Duration {
	said := resp.Header.Get("Retry-After")
	if resp.StatusCode != http.StatusTooManyRequests && (resp.StatusCode != http.StatusServiceUnavailable || said == "") {
		return 0
	}
	wait, ok := retryafter.Parse(said, time.Now())
	if !ok {
		wait = time.Second // what most mean
	}
	return max(shortestAgain, wait)
}

// readOnce is one try of read; again is after how long to make another, 0 for none.
func (c *client) readOnce(req *http.Request) (_ []byte, again time.Duration, _ error) {
	resp, err := c.do(req, "read from")
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, 0, fmt.Errorf("read the answer of %s: %w", redact.URL(req.URL), err)
	}
	if len(body) > maxAnswer {
		return nil, 0, &statusError{code: http.StatusRequestEntityTooLarge, text: "the answer is larger than 256 MiB"}
	}
	if resp.StatusCode/100 != 2 {
		return nil, againAfter(resp), c.answerError(req.URL, "read from", resp, body)
	}
	return body, 0, nil
}

// do sends a request and words the failures that every newcomer meets.
func (c *client) do(req *http.Request, act string) (*http.Response, error) {
	c.setHeaders(req)
	resp, err := c.http.Do(req)
	if err == nil {
		return resp, nil
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // The address is named below, without what may be a secret.
	}
	return nil, fmt.Errorf("%s the metric backend at %s: %w; check that it runs there and that the address, port and TLS settings are right",
		act, redact.URL(req.URL), err)
}

// statusError is an answer other than 2xx.
type statusError struct {
	code int
	text string // the backend's message, one line
	line string // the whole error, one line
}

// Error implements error.
func (e *statusError) Error() string {
	if e.line != "" {
		return e.line
	}
	return e.text
}

// answerError turns an answer other than 2xx into one line that says what to check.
func (c *client) answerError(u *url.URL, act string, resp *http.Response, body []byte) *statusError {
	e := &statusError{code: resp.StatusCode, text: oneLine(body)}
	e.line = fmt.Sprintf("%s the metric backend at %s: answered %s", act, redact.URL(u), resp.Status)
	if e.text != "" {
		e.line += ": " + e.text
	}
	switch {
	case resp.StatusCode/100 == 3:
		e.line += fmt.Sprintf("; redirects are not followed: set the URL to %s", redactedLocation(resp))
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		e.line += "; " + c.signIn
	case resp.StatusCode == http.StatusNotFound && strings.HasSuffix(u.Path, "/api/v1/query"):
		e.line += "; check the path in the URL: it is what stands before /api/v1/query (http://127.0.0.1:9900/prometheus for a Burnline)"
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusMethodNotAllowed:
		e.line += "; check the path in the URL, and that the backend takes remote write (Prometheus needs --web.enable-remote-write-receiver)"
	}
	return e
}

// redactedLocation returns where a redirect points to, without what may be a secret.
func redactedLocation(resp *http.Response) string {
	if u, err := resp.Location(); err == nil {
		return redact.URL(u)
	}
	return "where the backend really is"
}

// oneLine shortens a backend's message to one line.
func oneLine(body []byte) string {
	s := strings.Join(strings.Fields(strings.ToValidUTF8(string(body), "?")), " ")
	if len(s) > 400 {
		s = strings.ToValidUTF8(s[:400], "") + "…"
	}
	return s
}
