package limits

import (
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

// Buckets are the token buckets of clients. Only so many clients are remembered; of more, the one
// that was quiet for longest is forgotten, and begins with a full bucket when it comes again.
type Buckets struct {
	rate  rate.Limit
	burst int

	mu      sync.Mutex
	clients *simplelru.LRU[string, *rate.Limiter]
}

// NewBuckets lets each client send so many requests a second on average, and burst at once. It
// remembers at most as many clients as said. A rate of 0 is no bound.
func NewBuckets(perSecond float64, burst, clients int) (*Buckets, error) {
	known, err := simplelru.NewLRU[string, *rate.Limiter](clients, nil)
	if err != nil {
		return nil, fmt.Errorf("remember %d clients: %w", clients, err)
	}
	return &Buckets{rate: rate.Limit(perSecond), burst: max(burst, 1), clients: known}, nil
}

// Take takes one token of a client's bucket. Where there is none it takes nothing and returns after
// how long there will be one; 0 is success.
func (b *Buckets) Take(client string, now time.Time) time.Duration {
	if b.rate <= 0 {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	own, ok := b.clients.Get(client)
	if !ok {
		own = rate.NewLimiter(b.rate, b.burst)
		b.clients.Add(client, own)
	}
	r := own.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// Clients counts those that are remembered.
func (b *Buckets) Clients() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clients.Len()
}
