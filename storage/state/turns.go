package state

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// mostHurried is for how long transactions that deliver go before one of another kind that
	// waits: a storm of deliveries must not keep alerts out for good.
	mostHurried = 100 * time.Millisecond
	// lingering is for how long the turn is kept for the next of a series that deliver: what was claimed is sent and
	// answered within that time where receivers are quick. A batch of alerts that slipped in
	// between would keep the answers from the disk, and the next messages from leaving.
	lingering = 10 * time.Millisecond
)

// turns says who writes next where the database has one writer at a time. What delivers is
// short and goes before batches of alerts, which are long: a page that is stored must
// not wait behind news that pour in. Of equals the first to come goes first. A nil *turns
// lets everybody write at once.
type turns struct {
	mu sync.Mutex
	// taken is whether somebody has the turn, and delivers whether they deliver.
	taken, delivers bool
	// kept ends the time for which the turn is kept for what delivers; nil where it is not. keeping
	// counts these times.
	kept    *time.Timer
	keeping int
	// hurried is since when others wait because of what delivers; zero while none does.
	hurried            time.Time
	deliveries, others []chan struct{}
}

// take waits for a turn, which pass ends.
func (t *turns) take(ctx context.Context, delivers bool) error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	if !t.taken && (t.kept == nil || delivers) {
		t.letGo()
		t.taken, t.delivers = true, delivers
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
	t.taken = false
	hurries := t.hurries()
	switch {
	case len(t.deliveries) > 0 && hurries:
		t.give(&t.deliveries, true)
	case t.delivers && len(t.others) > 0 && hurries:
		t.keep()
	default:
		t.hurried = time.Time{}
		t.give(&t.others, false)
	}
}

// hurries reports whether what delivers still goes before others.
func (t *turns) hurries() bool {
	if len(t.others) == 0 {
		t.hurried = time.Time{}
		return true
	}
	if t.hurried.IsZero() {
		t.hurried = time.Now()
	}
	return time.Since(t.hurried) < mostHurried
}

// keep keeps the turn for what delivers next, for a while.
func (t *turns) keep() {
	t.keeping++
	this := t.keeping
	t.kept = time.AfterFunc(lingering, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.kept == nil || t.keeping != this {
			return // somebody was quicker
		}
		t.kept, t.hurried = nil, time.Time{}
		t.give(&t.others, false)
	})
}

// letGo ends that.
func (t *turns) letGo() {
	if t.kept != nil {
		t.kept.Stop()
		t.kept = nil
	}
}

// give gives the turn to the first of a line, if there is one.
func (t *turns) give(line *[]chan struct{}, delivers bool) {
	if len(*line) == 0 {
		return
	}
	t.taken, t.delivers = true, delivers
	close((*line)[0])
	*line = slices.Delete(*line, 0, 1)
}
