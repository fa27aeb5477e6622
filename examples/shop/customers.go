package shop

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// maxCustomers is how many customers may wait for an answer at once. One who
	// finds the shop this full leaves, and is counted in Stats.Left.
	maxCustomers = 64
	// customers is how many different customers there are.
	customers = 5000
)

// serveCustomers sends customers at a steady rate until ctx ends, and lets
// those who wait for an answer have it, for a moment.
func (s *Shop) serveCustomers(ctx context.Context) error {
	transport := &http.Transport{MaxIdleConnsPerHost: maxCustomers}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: s.opts.Patience}

	waiting, leave := context.WithCancel(context.WithoutCancel(ctx))
	defer leave()
	var inside sync.WaitGroup
	slots := make(chan struct{}, maxCustomers)
	ticker := time.NewTicker(time.Duration(float64(time.Second) / s.opts.RequestsPerSecond))
	defer ticker.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			timer := time.AfterFunc(drainTimeout, leave)
			defer timer.Stop()
			inside.Wait()
			return nil
		case <-ticker.C:
		}
		v := s.visit(n)
		select {
		case slots <- struct{}{}:
			inside.Go(func() {
				defer func() { <-slots }()
				s.stats.count(v, s.ask(waiting, client, v))
			})
		default:
			s.stats.count(v, outcomeLeft)
		}
	}
}

// visit is one thing that one customer wants.
type visit struct {
	region   string
	buys     bool
	customer string
	// method is how the customer pays.
	method string
}

// methods are the ways to pay; two of three customers pay by card.
func methods() []string { return []string{Card, Card, "invoice"} }

// Card is the way to pay that breaks.
const Card = "card"

// visit returns the n-th visit. Regions take turns; two of three visits buy.
func (s *Shop) visit(n int) visit {
	regions := Regions()
	round, third := n/len(regions)/3, n/len(regions)%3
	return visit{
		region:   regions[n%len(regions)],
		buys:     third != 0,
		customer: fmt.Sprintf("customer-%04d", n*7919%customers),
		method:   methods()[(2*round+third)%len(methods())],
	}
}

// ask makes the request and says how it went.
func (s *Shop) ask(ctx context.Context, client *http.Client, v visit) outcome {
	method, url := http.MethodGet, s.fronts[v.region]+"/browse"
	if v.buys {
		method, url = http.MethodPost, s.fronts[v.region]+"/buy"
	}
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return outcomeFailed
	}
	req.Header.Set(customerHeader, v.customer)
	req.Header.Set(methodHeader, v.method)
	resp, err := client.Do(req)
	if err != nil {
		return outcomeFailed
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return outcomeFailed
	}
	return outcomeServed
}
