package alerting

import (
	"math/rand/v2"
	"time"
)

// maxRetryAfter is the longest wait that a receiver may ask for: a page must
// not be lost to a misconfigured proxy that says "next year".
const maxRetryAfter = 15 * time.Minute

// backoff returns how long to wait after the given number of attempts: it
// doubles from least to most, less up to half of it by jitter in [0, 1), so
// that many rows that failed together don't return together.
func backoff(attempts int, least, most time.Duration, jitter float64) time.Duration {
	wait := least
	for range attempts - 1 {
		if wait >= most/2 {
			wait = most
			break
		}
		wait *= 2
	}
	wait = min(wait, most)
	return wait - time.Duration(float64(wait)/2*jitter)
}

// withDefaults fills what is zero.
func (o DelivererOptions) withDefaults() DelivererOptions {
	fill := func(d *time.Duration, value time.Duration) {
		if *d <= 0 {
			*d = value
		}
	}
	fill(&o.Poll, time.Second)
	fill(&o.SendTimeout, 5*time.Second)
	fill(&o.Lease, 8*time.Second)
	fill(&o.MinBackoff, time.Second)
	fill(&o.MaxBackoff, time.Minute)
	fill(&o.Grace, 3*time.Second)
	if o.Concurrency <= 0 {
		o.Concurrency = 64
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	o.Logger = orDiscard(o.Logger)
	return o
}
