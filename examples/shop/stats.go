package shop

import (
	"maps"
	"sync"
)

// Stats is what customers met since the shop opened, per region.
type Stats map[string]RegionStats

// RegionStats is what the customers of one region met.
type RegionStats struct {
	// Bought and BuyFailed count the answers to customers who wanted to buy.
	Bought, BuyFailed int64
	// Browsed and BrowseFailed count the answers to customers who only looked.
	Browsed, BrowseFailed int64
	// Left counts those who found the shop too full to come in.
	Left int64
}

// Stats returns what customers met so far.
func (s *Shop) Stats() Stats { return s.stats.snapshot() }

// outcome is how a visit went.
type outcome int

const (
	outcomeServed outcome = iota
	outcomeFailed
	outcomeLeft
)

// counters counts visits.
type counters struct {
	mu      sync.Mutex
	regions Stats
}

func newCounters() *counters { return &counters{regions: Stats{}} }

func (c *counters) count(v visit, o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.regions[v.region]
	switch {
	case o == outcomeLeft:
		r.Left++
	case v.buys && o == outcomeServed:
		r.Bought++
	case v.buys:
		r.BuyFailed++
	case o == outcomeServed:
		r.Browsed++
	default:
		r.BrowseFailed++
	}
	c.regions[v.region] = r
}

func (c *counters) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.regions)
}
