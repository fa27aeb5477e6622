package post

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"burnline/alerting"
)

// Probe has senders reach their far ends without sending anything: they make their message and read what signs in
// as they always do, and then only connect. It is safe for concurrent use.
type Probe struct {
	mu      sync.Mutex
	reached []Reached
}

// Reached is what came of one attempt to connect.
type Reached struct {
	// Address is where it was tried, without path and secrets.
	Address string
	// Error says why nobody answered; "" where somebody did.
	Error string
	// Skew is how much the clock of the far end is ahead, where its answer has a Date, and Dated that it had.
	Skew  time.Duration
	Dated bool
}

type probeKey struct{}

// Probing returns a context under which senders only connect, and tell the probe.
func Probing(ctx context.Context, p *Probe) context.Context {
	return context.WithValue(ctx, probeKey{}, p)
}

// ProbeOf returns the probe of a context; nil where senders send.
func ProbeOf(ctx context.Context) *Probe {
	p, _ := ctx.Value(probeKey{}).(*Probe)
	return p
}

// Add tells of an attempt, and gives the result that a sender returns then.
func (p *Probe) Add(r Reached) alerting.Result {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reached = append(p.reached, r)
	return Retry("only connected")
}

// All returns the attempts.
func (p *Probe) All() []Reached {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Reached(nil), p.reached...)
}

// probe connects by the client's own transport, with its proxies and certificates, and asks for nothing but a header
// of the root.
func (c *Client) probe(ctx context.Context, p *Probe, u *url.URL, secrets []string) alerting.Result {
	root := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}
	r := Reached{Address: u.Scheme + "://" + u.Host}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, root.String(), nil)
	if err != nil {
		r.Error = "the address is wrong"
		return p.Add(r)
	}
	req.Header.Set("User-Agent", c.o.UserAgent)
	began := c.o.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		r.Error = Hide(cause(err), secrets)
		return p.Add(r)
	}
	_ = resp.Body.Close() // a HEAD has none
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		// A Date is in whole seconds, and was written at some moment of the exchange.
		middle := began.Add(c.o.Now().Sub(began) / 2)
		r.Dated, r.Skew = true, date.Add(time.Second/2).Sub(middle)
	}
	return p.Add(r)
}
