package limits

import (
	"context"
	"errors"
	"time"
)

// ErrBusy says that nothing became free in time.
var ErrBusy = errors.New("too many requests at once; try again in a few seconds")

// Turns lets a bounded number of requests through at once; more wait for a while.
type Turns struct {
	places chan struct{}
	wait   time.Duration
}

// NewTurns lets n requests through at once, and others wait at most so long.
func NewTurns(n int, wait time.Duration) *Turns {
	return &Turns{make(chan struct{}, n), wait}
}

// Take waits for a place, which the caller has to leave. It fails with ErrBusy where none becomes
// free in time, and with the context's error where that ends first.
func (t *Turns) Take(ctx context.Context) (leave func(), _ error) {
	left := func() { <-t.places }
	select {
	case t.places <- struct{}{}:
		return left, nil
	default:
	}
	timer := time.NewTimer(t.wait)
	defer timer.Stop()
	select {
	case t.places <- struct{}{}:
		return left, nil
	case <-timer.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
