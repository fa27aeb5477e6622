package alerting

import (
	"sync"
	"time"
)

// steadyClock reads a wall clock and never goes back: when that is set back, it
// goes on by the time that truly passes. Rows wait for moments; with a clock that
// goes back by an hour a page would wait an hour for its next attempt. It is safe
// for concurrent use.
type steadyClock struct {
	wall func() time.Time

	mu sync.Mutex
	// seen is what the wall clock said last, time what this clock said.
	seen, time time.Time
}

// now returns the time.
func (c *steadyClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall := c.wall()
	if !c.seen.IsZero() {
		// Sub reads the monotonic clock, where the times carry one.
		c.time = c.time.Add(max(0, wall.Sub(c.seen)))
	}
	c.seen = wall
	if bare := wall.Round(0); bare.After(c.time) { // by the wall alone
		c.time = bare
	}
	return c.time
}
