package limits

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrBusy says that nothing became free in time.
var ErrBusy = errors.New("too many requests at once; try again in a few seconds")

// Turns lets a bounded number of requests through at once; more wait for a while. Nothing that takes a
// turn may wait for its client: see Bodies.
type Turns struct {
	places chan struct{}
	wait   time.Duration
	each   int

	mu    sync.Mutex
	ofOne map[string]*queue
}

// queue are the places of one client; in are its requests that have one or wait for one.
type queue struct {
	places chan struct{}
	in     int
}

// NewTurns lets n requests through at once, and others wait at most so long. Of one client's, half as
// many are let through.
func NewTurns(n int, wait time.Duration) *Turns {
	return &Turns{places: make(chan struct{}, n), wait: wait, each: (n + 1) / 2, ofOne: map[string]*queue{}}
}

// Take waits for a place, which the caller has to leave. It fails with ErrBusy where none becomes
// free in time, and with the context's error where that ends first.
func (t *Turns) Take(ctx context.Context) (leave func(), _ error) {
	timer := time.NewTimer(t.wait)
	defer timer.Stop()
	return enter(ctx, t.places, timer)
}

// TakeOf is Take of a request of a client, which waits behind the client's own others first.
func (t *Turns) TakeOf(ctx context.Context, client string) (leave func(), _ error) {
	timer := time.NewTimer(t.wait)
	defer timer.Stop()
	own, gone := t.queueOf(client)
	leaveOwn, err := enter(ctx, own, timer)
	if err != nil {
		gone()
		return nil, err
	}
	leaveAll, err := enter(ctx, t.places, timer)
	if err != nil {
		leaveOwn()
		gone()
		return nil, err
	}
	return func() { leaveAll(); leaveOwn(); gone() }, nil
}

// queueOf is the queue of a client, which is forgotten once all who asked for it are gone.
func (t *Turns) queueOf(client string) (places chan struct{}, gone func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q := t.ofOne[client]
	if q == nil {
		q = &queue{places: make(chan struct{}, t.each)}
		t.ofOne[client] = q
	}
	q.in++
	return q.places, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if q.in--; q.in == 0 {
			delete(t.ofOne, client)
		}
	}
}

// enter waits for one of the places until the timer ends.
func enter(ctx context.Context, places chan struct{}, timer *time.Timer) (leave func(), _ error) {
	left := func() { <-places }
	select {
	case places <- struct{}{}:
		return left, nil
	default:
	}
	select {
	case places <- struct{}{}:
		return left, nil
	case <-timer.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
