package pagerduty

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"burnline/alerting"
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
}

// Sender sends rows to one PagerDuty integration. It is safe for concurrent use.
type Sender struct {
	config Config
	o      Options
	client *http.Client
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
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	if o.UserAgent == "" {
		o.UserAgent = "burnline"
	}
	return &Sender{config: c, o: o, client: &http.Client{
		Transport: watched(o.Transport, o.Timeout),
		Timeout:   o.Timeout,
		// A redirect would carry the routing key to somebody else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// watched returns a transport that lets go of a connection which fell silent
// before the next attempt. HTTP/2 keeps one connection for all requests, and
// without pings each of them would time out on it until the kernel gives it up,
// which takes a quarter of an hour.
func watched(t http.RoundTripper, timeout time.Duration) http.RoundTripper {
	if t == nil {
		t = http.DefaultTransport
	}
	own, ok := t.(*http.Transport)
	if !ok || own.HTTP2 != nil {
		return t
	}
	own = own.Clone()
	own.HTTP2 = &http.HTTP2Config{SendPingTimeout: timeout / 2, PingTimeout: timeout / 4}
	return own
}

// perMinute is what PagerDuty takes of one integration key in 60 seconds.
const perMinute = 120

// Destination implements alerting.Sender: a key, known by a hash of it. A key in a
// file may be replaced there, so it is known by its file.
func (s *Sender) Destination() alerting.Destination {
	sum := sha256.Sum256([]byte(s.config.URL + "\x00" + s.config.RoutingKey + "\x00" + s.config.RoutingKeyFile))
	return alerting.Destination{Name: "pagerduty/" + hex.EncodeToString(sum[:4]), PerMinute: perMinute}
}

// Send makes one attempt, or two when PagerDuty finds the event too large. A
// network error may hide an acceptance, so it is to be tried again: PagerDuty
// knows the event by its dedup_key.
func (s *Sender) Send(ctx context.Context, row alerting.Row) alerting.Result {
	key, err := s.config.key()
	if err != nil {
		// The file may be on its way to being replaced.
		return alerting.Result{Verdict: alerting.VerdictRetry, Answer: oneLine(err.Error())}
	}
	e := newEvent(row, key, s.config.Client)
	result, status := s.post(ctx, e, maxBody)
	if status == http.StatusRequestEntityTooLarge {
		result, _ = s.post(ctx, e, maxBody/8)
	}
	return result
}

// post sends the event in at most limit bytes and returns the status with the
// result, 0 when there was none.
func (s *Sender) post(ctx context.Context, e event, limit int) (alerting.Result, int) {
	body, err := e.encode(limit)
	if err != nil {
		return refused("the event can't be written as JSON: " + err.Error()), 0
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.URL, bytes.NewReader(body))
	if err != nil {
		return refused("the address of PagerDuty is wrong"), 0
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", s.o.UserAgent)
	resp, err := s.client.Do(req)
	if err != nil {
		return alerting.Result{Verdict: alerting.VerdictRetry, Answer: "no answer from PagerDuty: " + cause(err)}, 0
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return alerting.Result{Verdict: alerting.VerdictRetry, Answer: fmt.Sprintf("%d, and the answer broke off: %s", resp.StatusCode, cause(err))}, 0
	}
	// Before the answer is cut, so that no part of the key is left either.
	answer = bytes.ReplaceAll(answer, []byte(e.RoutingKey), []byte("<hidden>"))
	return judge(resp.StatusCode, resp.Header, answer, s.o.Now()), resp.StatusCode
}

// refused is a result for what no repetition can change.
func refused(answer string) alerting.Result {
	return alerting.Result{Verdict: alerting.VerdictRefused, Answer: oneLine(answer)}
}

// cause says what went wrong with a request without its address, which may be
// that of an internal proxy with a password in it.
func cause(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return "time-out"
	}
	return oneLine(err.Error())
}
