package state

import (
	"context"
	"slices"
	"sync"
)

// mostHurried is how many transactions that deliver go before one of another kind that
// waits: a storm of deliveries must not keep alerts out for good.
const mostHurried = 16

// turns says who writes next where the database has one writer at a time. What delivers is
// short and goes before batches of alerts, which are long: a page that is stored must
// not wait behind news that pour in. Of equals the first to come goes first. A nil *turns
// lets everybody write at once.
type turns struct {
	mu    sync.Mutex
	taken bool
	// hurried is how many in a row delivered while others waited.
	hurried            int
	deliveries, others []chan struct{}
}

// take waits for a turn, which pass ends.
func (t *turns) take(ctx context.Context, delivers bool) error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	if !t.taken {
		t.taken = true
		t.mu.Unlock()
		return nil
	}
	turn, line := make(chan struct{}), &t.others
	if delivers {
		line = &t.deliveries
	}
	*line = append(*line, turn)
	t.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	at := slices.Index(*line, turn)
	if at >= 0 {
		*line = slices.Delete(*line, at, at+1)
	}
	t.mu.Unlock()
	if at < 0 { // it came at the same moment
		t.pass()
	}
	return ctx.Err()
}

// pass gives the turn to the next.
func (t *turns) pass() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	line := &t.deliveries
	switch {
	case len(t.others) == 0:
		t.hurried = 0
	case len(t.deliveries) == 0 || t.hurried == mostHurried:
		line, t.hurried = &t.others, 0
	default:
		t.hurried++
	}
	if len(*line) == 0 {
		t.taken = false
		return
	}
	close((*line)[0])
	*line = slices.Delete(*line, 0, 1)
}
